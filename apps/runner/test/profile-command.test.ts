/** A profile that is taken in slices: signals have their turn between them. */
import { setImmediate } from 'node:timers/promises';
import { assemble, formatErrors, instantiate, load, type Profiler } from '@pool/vm';
import { expect, it } from 'vitest';
import { profileUntil } from '../src/commands/profile.ts';

function started(text: string, given: readonly number[] = []): Profiler {
  const assembled = assemble({ name: 'test.pasm', text });
  if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
  return instantiate(load(assembled.bytes)).startProfile('main', given);
}

const ENDLESS = 'func main() {\nagain:\n  br again\n}\n';
const COUNT = 'func main(n) -> i {\n  i64.const i, 0\nnext:\n  i64.add i, i, 1\n  br_lt_u i, n, next\n  ret i\n}\n';

it('ends with what was counted when it is aborted while the program runs', async () => {
  const interrupted = new AbortController();
  const running = profileUntil(interrupted.signal, started(ENDLESS));
  await setImmediate();
  interrupted.abort();
  const { outcome, instructions, functions } = await running;
  expect(outcome).toMatchObject({ kind: 'interrupted', at: { function: 'main', line: 3 } });
  expect(instructions).toBeGreaterThan(0);
  expect(functions).toMatchObject([{ name: 'main', calls: 1, instructions }]);
});

it('is whole after several slices', async () => {
  const { outcome, instructions } = await profileUntil(new AbortController().signal, started(COUNT, [2_000_000]));
  expect(outcome).toMatchObject({ kind: 'done', value: 2_000_000n });
  expect(instructions).toBe(4_000_002);
});

it('does not begin after an abort', async () => {
  const { outcome, instructions } = await profileUntil(AbortSignal.abort(), started(ENDLESS));
  expect({ kind: outcome.kind, instructions }).toEqual({ kind: 'interrupted', instructions: 0 });
});
