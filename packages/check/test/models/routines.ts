/** Programs for the virtual machine that use the routines in assembly, as threads to check. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { RECYCLING_INDEX } from '@pool/alloc';
import { layoutConstants, PROGRAM_CONSTANTS } from '@pool/sync';
import { assemble, formatErrors, load } from '@pool/vm';
import { type ModelProgram, programThreads } from '../../src/index.ts';

const require = createRequire(import.meta.url);
const CONSTANTS = { ...PROGRAM_CONSTANTS, ...layoutConstants('RECYCLING_INDEX', RECYCLING_INDEX) };

/**
 * Assembles a program. The routines are those that ship, but for how often they look again before they park, which has no effect
 * on correctness: where parking is what is looked at, `spins` is 1.
 */
export function program(text: string, spins?: number): ModelProgram {
  const result = assemble(
    { name: 'model.pasm', text },
    {
      constants: CONSTANTS,
      include: (path) => {
        const name = path.replace(/^pool:sync\//, '');
        const shipped = readFileSync(require.resolve(`@pool/sync/asm/${name}`), 'utf8');
        return { name, text: spins === undefined ? shipped : shipped.replace(/(_SPINS = )\d+/g, `$1${spins}`) };
      },
    },
  );
  if (!result.ok) throw new Error(formatErrors(result.errors));
  return programThreads(load(result.bytes));
}
