/** Bulk operations of several chunks: what they cost, where they stop, and that stopping changes nothing. */
import { StaticStorage } from '@pool/alloc';
import { domain, type Handle, Pool, Segments, type Slot, type WindowGrant } from '@pool/core';
import type { Instance, Outcome } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../src/interpreter/bulk.ts';
import { instance } from './support/programs.ts';

const MIB = 2 ** 20;
const CHUNK_FUEL = CHUNK_BYTES / 64;
const FILL = 'memory 32\nfunc main(to, value, length) {\n  memory.fill to, value, length\n  ret\n}';
const COPY = 'memory 32\nfunc main(to, from, length) {\n  memory.copy to, from, length\n  ret\n}';

/** Resumes with so much fuel each time, to the end; gives how often. */
function resumed(
  subject: Instance,
  first: Outcome,
  fuel: number,
): { readonly outcome: Outcome; readonly times: number } {
  let outcome = first;
  let times = 0;
  for (; outcome.kind === 'exhausted' || outcome.kind === 'interrupted'; times++) outcome = subject.resume(fuel);
  return { outcome, times };
}

function pattern(memory: Uint8Array): void {
  memory.forEach((_, at) => {
    memory[at] = Math.imul(at, 0x9e37_79b1) >>> 24;
  });
}

describe('fuel is charged chunk by chunk', () => {
  test('what is paid is done, to the byte, and the rest later', () => {
    const subject = instance(FILL, { limits: { fuel: 5 + 2 * CHUNK_FUEL + 7 } });
    const stopped = subject.run('main', [100, 9, MIB + 70]);
    expect(stopped).toMatchObject({ kind: 'exhausted', at: { function: 'main', line: 3 } });
    expect(subject.fuelLeft).toBe(7);
    expect(subject.memory.indexOf(9)).toBe(100);
    expect(subject.memory.lastIndexOf(9)).toBe(100 + 2 * CHUNK_BYTES - 1);
    expect(subject.resume(3 * CHUNK_FUEL)).toMatchObject({
      kind: 'done',
      fuelLeft: 7 + 3 * CHUNK_FUEL - 2 * CHUNK_FUEL - 1,
    });
    expect(subject.memory.lastIndexOf(9)).toBe(100 + MIB + 69);
  });

  test('whole or in pieces it costs the same', () => {
    const whole = instance(FILL, { limits: { fuel: 1e6 } });
    whole.run('main', [0, 1, 1_500_000]);
    expect(1e6 - whole.fuelLeft).toBe(5 + Math.floor(1_500_000 / 64));
    const pieces = instance(FILL, { limits: { fuel: 0 } });
    const { times } = resumed(pieces, pieces.run('main', [0, 1, 1_500_000]), 1000);
    expect(times * 1000 - pieces.fuelLeft).toBe(1e6 - whole.fuelLeft);
    expect(times).toBe(24);
  });

  test('a slice of the interpreter ends nothing', () => {
    // Far more than the 2^20 units of one slice.
    const subject = instance(
      'memory 1024\nfunc main() {\n i64.const i, 3\nagain:\n memory.fill 0, i, 67_108_864\n i64.sub i, i, 1\n br_if i, again\n ret\n}',
    );
    expect(subject.run()).toMatchObject({ kind: 'done' });
    expect(subject.memory.every((byte) => byte === 1)).toBe(true);
  });
});

describe('copies of several chunks may overlap', () => {
  test.each([
    ['forwards', 0, 100_000],
    ['backwards', 100_000, 0],
    ['backwards by a byte', 1, 0],
    ['by more than a chunk', 300_000, 0],
    ['onto itself', 5, 5],
  ])('%s', (_, to, from) => {
    const length = MIB + 3;
    const expected = instance(COPY).memory;
    pattern(expected);
    expected.copyWithin(to, from, from + length);
    for (const fuel of [1e9, 5, CHUNK_FUEL + 6]) {
      const subject = instance(COPY, { limits: { fuel } });
      pattern(subject.memory);
      resumed(subject, subject.run('main', [to, from, length]), CHUNK_FUEL + 1);
      expect(Buffer.compare(subject.memory, expected)).toBe(0);
    }
  });
});

test('a range outside memory traps before anything moves', () => {
  const subject = instance(FILL);
  expect(subject.run('main', [MIB + 1, 9, MIB])).toMatchObject({
    kind: 'trap',
    trap: { reason: 'out of bounds memory access', line: 3 },
  });
  expect(subject.memory.includes(9)).toBe(false);
});

describe('interrupts', () => {
  test('are asked for between chunks, and the operation goes on where it was', () => {
    let asked = 0;
    const subject = instance(FILL, {
      interrupt: () => {
        asked += 1;
        return asked % 2 === 1;
      },
    });
    const stopped = subject.run('main', [0, 9, MIB]);
    expect(stopped).toMatchObject({ kind: 'interrupted', at: { function: 'main', line: 3 } });
    expect(subject.memory.lastIndexOf(9)).toBe(CHUNK_BYTES - 1);
    // Asked after the second chunk, not wanted; after the third, wanted; the fourth is the last.
    expect(subject.resume()).toMatchObject({ kind: 'interrupted' });
    expect(subject.memory.lastIndexOf(9)).toBe(3 * CHUNK_BYTES - 1);
    expect(subject.resume()).toMatchObject({ kind: 'done' });
    expect(asked).toBe(3);
    expect(subject.memory.lastIndexOf(9)).toBe(MIB - 1);
    expect(() => subject.resume()).toThrow('has not run out of fuel, nor been interrupted');
  });

  test('end an endless loop without a limit of fuel, and it goes on with the same count', () => {
    let wanted = true;
    const subject = instance(
      'func main(n) -> i {\n i64.const i, 0\nloop:\n i64.add i, i, 1\n br_lt_u i, n, loop\n ret i\n}',
      { interrupt: () => wanted },
    );
    expect(subject.run('main', [3_000_000])).toMatchObject({ kind: 'interrupted', at: { line: 4 } });
    expect(subject.resume()).toMatchObject({ kind: 'interrupted' });
    wanted = false;
    expect(subject.resume()).toMatchObject({ kind: 'done', value: 3_000_000n });
  });

  test('cannot run the instance that asks', () => {
    const subject: Instance = instance(FILL, { interrupt: () => subject.run('main', [0, 0, 0]).kind === 'done' });
    expect(() => subject.run('main', [0, 9, MIB])).toThrow('is waiting for a function of the host');
    expect(subject.run('main', [0, 8, 10])).toMatchObject({ kind: 'done' });
  });

  test('do not touch the fuel', () => {
    const subject = instance(FILL, { interrupt: () => true, limits: { fuel: 1e6 } });
    const { outcome } = resumed(subject, subject.run('main', [0, 9, MIB]), 0);
    expect(outcome).toMatchObject({ kind: 'done', fuelLeft: 1e6 - 5 - MIB / 64 });
  });

  test('an interrupted operation is forgotten by the next run', () => {
    let wanted = true;
    const subject = instance(FILL, { interrupt: () => wanted });
    subject.run('main', [0, 9, MIB]);
    wanted = false;
    expect(subject.run('main', [0, 8, 10])).toMatchObject({ kind: 'done' });
    expect([...subject.memory.subarray(0, 12)]).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9]);
  });
});

describe('segments of several chunks', () => {
  const BYTES = MIB - 24;
  const TEXT = `
memory 64
window job words 8
func write(h, from, length) {
  segment_write h, 0, from, length
  ret
}
func read(to, h, length) {
  segment_read to, h, 0, length
  ret
}`;

  function world(interrupt: () => boolean, fuel?: number) {
    const pool = Pool.create({ words: 2 ** 19, segments: 4 });
    const storage = { base: pool.reserve(StaticStorage.size(2, MIB)), blocks: 2, blockBytes: MIB };
    const segments = new Segments(pool, { storage: new StaticStorage(storage) });
    const own = domain(7);
    const job: WindowGrant = {
      name: 'job',
      base: pool.reserve(8),
      words: 8,
      slotBase: 0 as Slot,
      slots: 0,
      domain: own,
    };
    const access = segments.access({ domains: new Set([own]) });
    const limits = fuel === undefined ? {} : { fuel };
    const subject = instance(TEXT, { words: pool, windows: [job], segments: access, interrupt, limits });
    return { access, draft: access.draft(BYTES, own), subject };
  }

  test('are written and read whole, whatever comes between', () => {
    const { access, draft, subject } = world(() => true, 1000);
    pattern(subject.memory);
    const written = resumed(subject, subject.run('write', [draft, 0, BYTES]), 1500);
    expect(written.outcome).toMatchObject({ kind: 'done' });
    expect(written.times).toBeGreaterThan(8);
    access.publish(draft);
    const read = resumed(subject, subject.run('read', [2 * MIB, draft, BYTES]), 1500);
    expect(read.outcome).toMatchObject({ kind: 'done' });
    const { memory } = subject;
    expect(Buffer.compare(memory.subarray(2 * MIB, 2 * MIB + BYTES), memory.subarray(0, BYTES))).toBe(0);
  });

  test('a read past the end traps before its first chunk', () => {
    const { access, draft, subject } = world(() => false);
    pattern(subject.memory.subarray(0, BYTES));
    subject.run('write', [draft, 0, BYTES]);
    access.publish(draft);
    expect(subject.run('read', [2 * MIB, draft, BYTES + 1])).toMatchObject({
      kind: 'trap',
      trap: { reason: 'segment range', function: 'read', line: 9 },
    });
    expect(subject.memory.subarray(2 * MIB).every((byte) => byte === 0)).toBe(true);
  });

  test('one that is retired between chunks is a trap at the read', () => {
    let retire: (handle: Handle) => void = () => undefined;
    const { access, draft, subject } = world(() => {
      retire(draft);
      return false;
    });
    access.publish(draft);
    retire = (handle) => access.retire(handle);
    expect(subject.run('read', [0, draft, BYTES])).toMatchObject({
      kind: 'trap',
      trap: { reason: 'stale segment', function: 'read', line: 9 },
    });
  });
});
