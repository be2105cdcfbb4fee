/**
 * Isolation, by trying to break it: random and mutated binaries are rejected, or run with every effect inside their private
 * memory and their windows. The words around what is granted, the pool's header and owner table, and another domain's segment
 * are compared after each run; a host exception or a run past its fuel fails the test.
 */
import { type Address, domain, type Handle } from '@pool/core';
import {
  decode,
  encode,
  FormatError,
  type HostImports,
  instantiate,
  LinkError,
  load,
  type Outcome,
  type Program,
  VerificationError,
  type VerifiedProgram,
} from '@pool/vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { bytesOf } from './support/programs.ts';
import { EDGES, randomInstruction, randomProgram } from './support/random-programs.ts';

/** Programs altogether; each campaign has its share. */
const PROGRAMS = process.env.POOL_LONG ? 1_000_000 : 100_000;
const RANDOM = 0.45 * PROGRAMS;
const CHANGED_BYTES = 0.25 * PROGRAMS;
const CHANGED_INSTRUCTIONS = 0.25 * PROGRAMS;
const NOISE = 0.05 * PROGRAMS;
/** A campaign lasts as long as it lasts; only a hang of the whole process should end it. */
const TIMEOUT = 1_800_000;
const FUEL = 2_000;
const FOREIGN_BYTES = Uint8Array.from({ length: 64 }, (_, index) => index ^ 0x5a);

/** How many runs share a pool: programs leave drafts and segments behind, and a full table would hide what comes after. */
const RUNS_A_WORLD = 256;

/** One that gives a word back, and one that fails. */
const IMPORTS: HostImports = {
  mix: (a: bigint, b: bigint, c: bigint) => a ^ (b << 1n) ^ (c * 31n),
  refuse(_a: bigint, _b: bigint, _c: bigint) {
    throw new RangeError('not today');
  },
};

/** A pool with another domain's segment in it, and what must not change. */
function world() {
  const { pool, segments, grant, access, damaged } = granted(64, 8);
  const draft = segments.draft(FOREIGN_BYTES.length, domain(3));
  draft?.set(FOREIGN_BYTES);
  const foreign = draft?.publish() as Handle;
  const header = Array.from({ length: 64 }, (_, at) => pool.load(at as Address));
  const run = (verified: VerifiedProgram): Outcome => {
    const limits = { fuel: FUEL, callDepth: 20, memoryBytes: 3 * 65_536, longestWait: 0 };
    const subject = instantiate(verified, {
      words: pool,
      windows: [grant],
      segments: access,
      imports: IMPORTS,
      limits,
    });
    const parameters = verified.program.functions.find(({ name }) => name === 'main')?.parameters ?? 0;
    const outcome = subject.run('main', new Array<bigint>(parameters).fill(foreign));
    if (outcome.kind === 'exhausted') subject.resume(FUEL);
    expect(subject.fuelLeft).toBeGreaterThanOrEqual(0);
    expect(damaged()).toEqual([]);
    expect(header.findIndex((word, at) => pool.load(at as Address) !== word)).toBe(-1);
    const view = segments.acquire(foreign);
    expect(Buffer.compare(view.slice(), FOREIGN_BYTES)).toBe(0);
    view.release();
    return outcome;
  };
  return { run, foreign };
}

function campaign() {
  let { run, foreign } = world();
  let left = RUNS_A_WORLD;
  const counts = { rejected: 0, accepted: 0, done: 0, trap: 0, exhausted: 0, interrupted: 0 };
  return {
    counts,
    foreign,
    try(bytes: Uint8Array): void {
      let verified: VerifiedProgram;
      try {
        verified = load(bytes);
      } catch (error) {
        if (!(error instanceof FormatError || error instanceof VerificationError)) throw error;
        counts.rejected += 1;
        return;
      }
      counts.accepted += 1;
      left -= 1;
      if (left === 0) {
        ({ run, foreign } = world());
        left = RUNS_A_WORLD;
      }
      // Mutated programs may ask for more than is granted, or have lost their entry; linking says so.
      try {
        counts[run(verified).kind] += 1;
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
      }
    },
  };
}

describe('every binary is rejected or stays inside', { timeout: TIMEOUT }, () => {
  test('random instructions on random registers', () => {
    const subject = campaign();
    const values = [...EDGES.slice(0, -1), subject.foreign];
    fc.assert(
      fc.property(
        fc.array(randomInstruction, { minLength: 1, maxLength: 24 }),
        fc.nat(EDGES.length - 1),
        (instructions, shift) => {
          const turned = [...values.slice(shift), ...values.slice(0, shift)];
          subject.try(encode(randomProgram(instructions, turned)));
        },
      ),
      { numRuns: RANDOM },
    );
    // A test that rejects everything, or runs nothing to its end, shows nothing.
    expect(subject.counts.accepted).toBeGreaterThan(RANDOM / 4);
    expect(Math.min(subject.counts.done, subject.counts.trap, subject.counts.exhausted)).toBeGreaterThan(RANDOM / 200);
  });

  test('sound programs with bytes changed', () => {
    const subject = campaign();
    const sound = bytesOf(SOUND);
    const change = fc.record({ at: fc.nat(sound.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = sound.slice();
        for (const { at, value } of changes) bytes[at] = value;
        subject.try(bytes);
      }),
      { numRuns: CHANGED_BYTES },
    );
    expect(subject.counts.accepted).toBeGreaterThan(CHANGED_BYTES / 20);
    expect(subject.counts.rejected).toBeGreaterThan(CHANGED_BYTES / 20);
  });

  test('sound programs with instructions changed', () => {
    const subject = campaign();
    const sound = decode(bytesOf(SOUND));
    const main = sound.functions[0] as Program['functions'][number];
    const change = fc.record({ at: fc.nat(main.code.length - 1), value: fc.oneof(fc.nat(255), fc.nat(8)) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const code = main.code.slice();
        for (const { at, value } of changes) code[at] = value;
        subject.try(encode({ ...sound, functions: [{ ...main, code }, ...sound.functions.slice(1)] }));
      }),
      { numRuns: CHANGED_INSTRUCTIONS },
    );
    expect(subject.counts.accepted).toBeGreaterThan(CHANGED_INSTRUCTIONS / 20);
  });

  test('bytes that are no program', () => {
    const subject = campaign();
    const header = bytesOf('func main() {\n ret\n}').slice(0, 12);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, withHeader) => {
        const bytes = Uint8Array.from(withHeader ? [...header, ...noise] : noise);
        if (withHeader) new DataView(bytes.buffer).setUint32(8, bytes.length, true);
        subject.try(bytes);
      }),
      { numRuns: NOISE },
    );
    expect(subject.counts.rejected).toBeGreaterThan(NOISE * 0.9);
  });
});

/** Uses every group: what mutations are made from. */
const SOUND = `
memory 1 max 2
data text = "some bytes"
window job words 64 slots 8 {
  head
  cells[8]
  rest[]
  slot input
  slot outputs[7]
}
table mixers = mix4, mix4
import mix(a, b, c) -> d
func main(guess) -> r {
  i64.const r, 0
  i64.const i, 0
loop:
  i64.load8_u c, [i + text]
  call r, mix4(r, c, i, 3)
  call_indirect r, mixers[0](r, c, i, 4)
  call r, mix(r, c, i)
  br_table i, [next, next], next
next:
  shared_fetch_add old, job.cells[i], r
  shared_store job.rest[i], old
  shared_cas _, job.head, r, c
  i64.add i, i, 1
  br_lt_u i, 8, loop
  segment_draft h, job, 64
  br_eq h, 0, end
  segment_write h, 0, text, 10
  swap_segment old, job.outputs[2], h
  swap_segment h, job.input, old
  shared_wait _, job.head, r, 0
  shared_notify _, job.head, 1
  segment_acquire i, guess
end:
  ret r
}
func mix4(a, b, c, d) -> r {
  i64.mul a, a, 31
  i64.xor a, a, b
  i64.rotl a, a, c
  i64.add r, a, d
  ret r
}
`;
