import { record } from '@pool/core/testing';
import { instantiate } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { instance, program, run, trapOf } from './support/programs.ts';

const WINDOW = `window job words 64 {
  head
  tail @ 16
  cells[8] @ 32
  rest[] @ 40
}
`;

function over(text: string, given: readonly bigint[] = []) {
  const world = granted();
  const recording = record(world.pool);
  const value = run(WINDOW + text, given, { words: recording.words, windows: [world.grant] });
  const base = world.grant.base;
  return {
    world,
    value,
    sequence: recording.sequence().map((step) => step.replace(/\d+/, (at) => String(Number(at) - base))),
  };
}

describe('each instruction is one operation on the words, at the window’s own address', () => {
  const place = 'job.tail';
  test.each([
    ['shared_load r, job.tail', 'load(16)', 0n],
    ['shared_store job.tail, 5\n i64.const r, 1', 'store(16, 5)', 1n],
    ['shared_cas r, job.tail, 0, 9', 'compareExchange(16, 0, 9, acq-rel)', 0n],
    ['shared_cas.seq_cst r, job.tail, 0, 9', 'compareExchange(16, 0, 9, seq-cst)', 0n],
    ['shared_exchange r, job.tail, 3', 'exchange(16, 3)', 0n],
    ['shared_fetch_add r, job.tail, 3', 'fetchAdd(16, 3)', 0n],
    ['shared_fetch_sub r, job.tail, 3', 'fetchSub(16, 3)', 0n],
    ['shared_fetch_and r, job.tail, 3', 'fetchAnd(16, 3)', 0n],
    ['shared_fetch_or r, job.tail, 3', 'fetchOr(16, 3)', 0n],
    ['shared_fetch_xor r, job.tail, 3', 'fetchXor(16, 3)', 0n],
    ['shared_wait r, job.tail, 1, -1', 'wait(16, 1, {})', 1n],
    ['shared_wait r, job.tail, 0, 2000000', 'wait(16, 0, {"timeout":2})', 2n],
    ['shared_notify r, job.tail, 1', 'notify(16, 1)', 0n],
    ['shared_notify r, job.tail, -1', 'notify(16)', 0n],
    ['shared_barrier\n i64.const r, 0', 'fence()', 0n],
    ['shared_pause\n i64.const r, 0', 'pause()', 0n],
  ])('%s', (instruction, operation, value) => {
    const fixed = over(`func main() -> r {\n ${instruction}\n ret r\n}`);
    expect(fixed.sequence).toEqual([operation]);
    expect(fixed.value).toBe(value);
    expect(fixed.world.damaged()).toEqual([]);
    if (!instruction.includes(place)) return;
    const indexed = over(`func main(i) -> r {\n ${instruction.replace(place, 'job[i]')}\n ret r\n}`, [16n]);
    expect(indexed.sequence).toEqual([operation]);
    expect(indexed.value).toBe(value);
  });
});

test('values are 64 bits, and arithmetic wraps', () => {
  const { world, value } = over(
    'func main() -> r {\n shared_fetch_sub _, job.head, 1\n shared_fetch_add r, job.head, 2\n ret r\n}',
  );
  expect(value).toBe(2n ** 64n - 1n);
  expect(world.pool.load(world.grant.base)).toBe(1n);
});

describe('places', () => {
  test('fields, elements by constant and by register, the whole window and its rest', () => {
    const { world } = over(
      `func main(i) -> r {
  shared_store job.head, 1
  shared_store job.cells[7], 2
  shared_store job.cells[i], 3
  shared_store job[63], 4
  shared_store job[i], 5
  shared_store job.rest[i], 6
  ret 0
}`,
      [2n],
    );
    const at = (word: number) => world.pool.load((world.grant.base + word) as never);
    expect([at(0), at(39), at(34), at(63), at(2), at(42)]).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    expect(world.damaged()).toEqual([]);
  });

  test.each([
    ['job.cells[i]', 8n],
    ['job.cells[i]', 2n ** 32n],
    ['job.cells[i]', 2n ** 64n - 1n],
    ['job[i]', 64n],
    ['job.rest[i]', 24n],
  ])('%s traps at index %i', (place, index) => {
    const world = granted();
    const options = { words: world.pool, windows: [world.grant] };
    for (const instruction of [
      'shared_load r, $',
      'shared_store $, 1\n mov r, i',
      'shared_cas r, $, 0, 1',
      'shared_cas.seq_cst r, $, 0, 1',
      'shared_exchange r, $, 1',
      'shared_fetch_add r, $, 1',
      'shared_fetch_or r, $, 1',
      'shared_wait r, $, 0, 0',
      'shared_notify r, $, 1',
    ])
      expect(
        trapOf(`${WINDOW}func main(i) -> r {\n ${instruction.replace('$', place)}\n ret r\n}`, [index], options),
      ).toBe('outside place');
    expect(world.damaged()).toEqual([]);
  });

  test('the rest reaches to the end of a larger window', () => {
    const world = granted(100);
    const text = `${WINDOW}func main(i) -> r {\n shared_store job.rest[i], 1\n ret 0\n}`;
    const options = { words: world.pool, windows: [world.grant] };
    expect(run(text, [59n], options)).toBe(0n);
    expect(trapOf(text, [60n], options)).toBe('outside place');
  });
});

test('a host can limit waits', () => {
  const world = granted();
  const recording = record(world.pool);
  run(`${WINDOW}func main() -> r {\n shared_wait r, job.head, 0, -1\n ret r\n}`, [], {
    words: recording.words,
    windows: [world.grant],
    limits: { longestWait: 3 },
  });
  expect(recording.operations.map(({ operands }) => operands[2])).toEqual([{ timeout: 3 }]);
});

describe('a wait that sleeps', () => {
  const TEXT = `${WINDOW}func main() -> r {\n shared_wait r, job.head, 0, 60_000_000\n ret r\n}`;
  function sleeping(interrupt?: () => boolean) {
    const world = granted();
    const recording = record(world.pool);
    const options = { words: recording.words, windows: [world.grant], limits: { fuel: 100 } };
    const subject = instance(TEXT, interrupt === undefined ? options : { ...options, interrupt });
    return { world, subject, timeouts: () => recording.operations.map(({ operands }) => operands[2]) };
  }

  test('asks the host, and goes on with the rest of its time', () => {
    let asked = 0;
    const { subject, timeouts } = sleeping(() => ++asked === 2);
    expect(subject.run()).toMatchObject({ kind: 'interrupted', at: { function: 'main' } });
    expect(timeouts()).toEqual([{ timeout: 25 }, { timeout: 25 }]);
    expect(subject.resume()).toMatchObject({ kind: 'done', value: 2n, fuelLeft: 100 - 19 });
    expect(timeouts().slice(2)).toEqual([{ timeout: 10 }]);
    expect(subject.run()).toMatchObject({ kind: 'done', value: 2n });
    expect(timeouts().slice(3)).toEqual([{ timeout: 25 }, { timeout: 25 }, { timeout: 10 }]);
  });

  test('does not sleep on, once interrupted, if the word has changed', () => {
    const { world, subject, timeouts } = sleeping(() => true);
    expect(subject.run()).toMatchObject({ kind: 'interrupted' });
    world.pool.store(world.grant.base, 1n);
    expect(subject.resume()).toMatchObject({ kind: 'done', value: 1n });
    expect(timeouts()).toHaveLength(2);
  });

  test('is forgotten by the next run', () => {
    let wanted = true;
    const { subject, timeouts } = sleeping(() => wanted);
    subject.run();
    wanted = false;
    expect(subject.run()).toMatchObject({ kind: 'done', value: 2n });
    expect(timeouts().slice(1)).toEqual([{ timeout: 25 }, { timeout: 25 }, { timeout: 10 }]);
  });

  test('sleeps in one piece where nobody wants to be asked', () => {
    const { subject, timeouts } = sleeping();
    expect(subject.run()).toMatchObject({ kind: 'done', value: 2n });
    expect(timeouts()).toEqual([{ timeout: 60 }]);
  });
});

describe('linking', () => {
  const world = granted();
  const verified = program(`${WINDOW}func main() -> r {\n shared_load r, job.head\n ret r\n}`);

  test.each([
    ['nothing granted', [], 'needs a window job, which is not granted; granted: none'],
    ['another name', [{ ...world.grant, name: 'jobs' }], 'not granted; granted: jobs'],
    [
      'too few words',
      [{ ...world.grant, words: 63 }],
      'window job is granted with 63 words, and program test needs 64',
    ],
    ['twice', [world.grant, world.grant], 'window job is granted twice'],
    ['outside the pool', [{ ...world.grant, base: world.pool.size as never }], 'window job'],
  ])('%s is refused', (_, windows, message) => {
    expect(() => instantiate(verified, { words: world.pool, windows })).toThrow(message);
  });

  test('no words at all is refused', () => {
    expect(() => instantiate(verified, { windows: [world.grant] })).toThrow('uses the pool, and is granted none');
    expect(() => instance(`${WINDOW}func main() {\n ret\n}`, { windows: [world.grant] })).toThrow(
      'no words to grant it in',
    );
    expect(() => instance('func main() {\n shared_barrier\n ret\n}')).toThrow('uses the pool, and is granted none');
  });
});
