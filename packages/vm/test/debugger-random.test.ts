/**
 * One program, six ways: run, stepped, run from breakpoint to breakpoint, run under a watch, profiled, run from one shared
 * instruction to the next and put back to where it was in between. Each way has a world of its own, all worlds go through the same programs in the same order, and so every outcome, trap and unit of fuel must agree.
 */
import {
  type HostImports,
  type Instance,
  instantiate,
  type Outcome,
  type Stop,
  VerificationError,
  verify,
} from '@pool/vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { EDGES, randomInstruction, randomProgram } from './support/random-programs.ts';

const PROGRAMS = process.env.POOL_LONG ? 50_000 : 3_000;
const FUEL = 300;
const IMPORTS: HostImports = {
  mix: (a: bigint, b: bigint, c: bigint) => a ^ (b << 1n) ^ (c * 31n),
  refuse(_a: bigint, _b: bigint, _c: bigint) {
    throw new RangeError('not today');
  },
};
/** Programs leave segments behind, and a full table would hide what comes after. */
const RUNS_A_WORLD = 256;

interface Ended {
  readonly outcome: Outcome;
  readonly fuelLeft: number;
  /** Instructions executed, where the way counts them. */
  readonly instructions?: number;
}
type Way = (subject: Instance, given: bigint[]) => Omit<Ended, 'fuelLeft'>;

function finished(stop: Stop): Outcome {
  if (stop.kind === 'paused') throw new Error(`paused: ${stop.why}`);
  return stop;
}

const WAYS: Readonly<Record<string, Way>> = {
  run: (subject, given) => ({ outcome: subject.run('main', given) }),
  step(subject, given) {
    const session = subject.start('main', given);
    let instructions = 0;
    for (;;) {
      const stop = session.step();
      if (stop.kind !== 'exhausted') instructions += 1;
      if (stop.kind !== 'paused') return { outcome: stop, instructions };
    }
  },
  breakpoints(subject, given) {
    const session = subject.start('main', given);
    session.addBreakpoint({ function: 'main' });
    let stop = session.continue();
    for (let turn = 0; stop.kind === 'paused'; turn++) stop = turn % 3 === 0 ? session.next() : session.continue(1);
    return { outcome: finished(stop) };
  },
  watch(subject, given) {
    const session = subject.start('main', given);
    session.addWatch('job', 8);
    let stop = session.finish();
    while (stop.kind === 'paused') stop = session.continue();
    return { outcome: finished(stop) };
  },
  profile(subject, given) {
    const { outcome, instructions } = subject.profile('main', given);
    return { outcome, instructions };
  },
  'shared steps'(subject, given) {
    const steps = subject.startShared('main', given);
    const beginning = steps.save();
    const states = [steps.save()];
    for (let outcome = steps.step(); ; outcome = steps.step()) {
      if (outcome !== undefined) return { outcome };
      const kept = steps.save(states.length > 1 ? states.shift() : undefined);
      steps.restore(beginning);
      steps.restore(kept);
      states.push(kept);
    }
  },
};

test('random programs end alike, however they are run', () => {
  let worlds = Object.keys(WAYS).map(() => granted(64, 8));
  let runs = 0;
  const kinds = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(randomInstruction, { minLength: 1, maxLength: 24 }),
      fc.nat(EDGES.length - 1),
      (instructions, edge) => {
        const program = randomProgram(instructions, [...EDGES.slice(edge), ...EDGES.slice(0, edge)]);
        let verified: ReturnType<typeof verify>;
        try {
          verified = verify(program);
        } catch (error) {
          if (error instanceof VerificationError) return;
          throw error;
        }
        runs += 1;
        if (runs % RUNS_A_WORLD === 0) worlds = Object.keys(WAYS).map(() => granted(64, 8));
        const parameters = program.functions.find(({ name }) => name === 'main')?.parameters ?? 0;
        const given = Array.from({ length: parameters }, (_, index) => EDGES[index] as bigint);
        const [plain, ...others] = Object.values(WAYS).map((way, index): Ended => {
          const { pool, grant, access } = worlds[index] as ReturnType<typeof granted>;
          const subject = instantiate(verified, {
            words: pool,
            windows: [grant],
            segments: access,
            imports: IMPORTS,
            limits: { fuel: FUEL, callDepth: 20, memoryBytes: 3 * 65_536, longestWait: 0 },
          });
          return { ...way(subject, given), fuelLeft: subject.fuelLeft };
        });
        kinds.add(plain?.outcome.kind ?? '');
        for (const { outcome, fuelLeft } of others) expect({ outcome, fuelLeft }).toEqual(plain);
        expect(others[3]?.instructions).toBe(others[0]?.instructions);
      },
    ),
    { numRuns: PROGRAMS },
  );
  expect(runs).toBeGreaterThan(PROGRAMS / 10);
  expect([...kinds].sort()).toEqual(['done', 'exhausted', 'trap']);
}, 600_000);
