/** What the debugger and the profile run is what `run` runs: same outcome, same fuel, same memory, on random programs of all groups. */
import {
  encode,
  type HostImports,
  type Instance,
  instantiate,
  load,
  VerificationError,
  type VerifiedProgram,
} from '@pool/vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { EDGES, randomInstruction, randomProgram } from './support/random-programs.ts';

const RUNS = process.env.POOL_LONG ? 20_000 : 1_000;
const IMPORTS: HostImports = {
  mix: (a: bigint, b: bigint, c: bigint) => a ^ (b << 1n) ^ (c * 31n),
  refuse(_a: bigint, _b: bigint, _c: bigint) {
    throw new RangeError('not today');
  },
};

function fresh(verified: VerifiedProgram): Instance {
  const { pool, grant, access } = granted(64, 8);
  const limits = { fuel: 500, callDepth: 20, memoryBytes: 3 * 65_536, longestWait: 0 };
  return instantiate(verified, { words: pool, windows: [grant], segments: access, imports: IMPORTS, limits });
}

test('stepping, going on and profiling end as a run does', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(randomInstruction, { minLength: 1, maxLength: 16 }),
      fc.nat(EDGES.length - 1),
      (code, shift) => {
        let verified: VerifiedProgram;
        try {
          verified = load(encode(randomProgram(code, [...EDGES.slice(shift), ...EDGES.slice(0, shift)])));
        } catch (error) {
          if (!(error instanceof VerificationError)) throw error;
          return;
        }
        compared += 1;
        const whole = fresh(verified);
        const expected = whole.run();
        const stepped = fresh(verified);
        const session = stepped.start();
        let stop = session.step();
        while (stop.kind === 'paused') stop = session.step();
        expect(stop).toEqual(expected);
        expect(Buffer.compare(session.memory, whole.memory)).toBe(0);
        expect(fresh(verified).start().continue()).toEqual(expected);
        expect(fresh(verified).profile().outcome).toEqual(expected);
      },
    ),
    { numRuns: RUNS },
  );
  expect(compared).toBeGreaterThan(RUNS / 2);
});
