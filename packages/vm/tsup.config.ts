import { writeFile } from 'node:fs/promises';
import { library } from '../../tools/tsup.base.ts';
import { instructionReference } from './src/reference/instruction-reference.ts';
import { literalOpcodes } from './tools/literal-opcodes.ts';

export default {
  ...library({
    platform: 'neutral',
    entry: {
      index: 'src/index.ts',
    },
  }),
  esbuildPlugins: [literalOpcodes],
  onSuccess: () => writeFile('dist/instructions.md', instructionReference()),
};
