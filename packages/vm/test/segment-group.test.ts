import { domain } from '@pool/core';
import { describe, expect, test } from 'vitest';
import { type Granted, granted } from './support/granted.ts';
import { instance, run, trapOf } from './support/programs.ts';

const WINDOW = 'memory 1\nwindow job words 64 slots 8 {\n  slot input\n  slot outputs[7]\n}\n';
const options = (world: Granted) => ({ words: world.pool, windows: [world.grant], segments: world.access });

const PRODUCE = `
func produce(length) -> handle {
  segment_draft handle, job, length
  memory.fill 1000, 'x', length
  segment_write handle, 0, 1000, length
  ret handle
}`;

test('a segment is written, swapped in, read and retired', () => {
  const world = granted();
  const text = `${WINDOW}
func main() -> r {
  call h, produce(300)
  swap_segment before, job.input, h
  br_if before, bad
  swap_segment h, job.input, 0
  segment_acquire length, h
  segment_read 2000, h, 100, 200
  segment_release h
  segment_retire h
  i64.load8_u c, [2199]
  i64.mul r, length, 1000
  i64.add r, r, c
  ret r
bad:
  trap "the slot was not empty"
}
${PRODUCE}`;
  expect(run(text, [], options(world))).toBe(300_120n);
  expect(world.damaged()).toEqual([]);
});

test('a published segment can be shortened, and slots chosen by index', () => {
  const world = granted();
  const text = `${WINDOW}
func main(i) -> r {
  call h, produce(300)
  segment_publish h, 17
  swap_segment _, job.outputs[i], h
  swap_segment g, job.outputs[6], 0
  br_ne g, h, other
  segment_acquire r, g
  ret r
other:
  ret 0
}
${PRODUCE}`;
  expect(run(text, [6n], options(world))).toBe(17n);
  expect(trapOf(text, [7n], options(granted()))).toBe('outside place');
});

test('drafts run out with 0, and a discarded one can be had again', () => {
  const world = granted();
  const text = `${WINDOW}
func main(length) -> n {
  i64.const n, 0
more:
  segment_draft h, job, length
  br_eq h, 0, none
  i64.add n, n, 1
  mov last, h
  br more
none:
  br_eq n, 0, end
  segment_discard last
  segment_draft h, job, length
  br_eq h, 0, bad
end:
  ret n
bad:
  trap "not given back"
}`;
  // A last handle is always written before it is read, but the verifier cannot know: it is set at the beginning.
  const whole = text.replace('i64.const n, 0', 'i64.const n, 0\n  i64.const last, 0');
  expect(run(whole, [100n], options(world))).toBe(16n);
  expect(run(whole, [2n ** 60n], options(granted()))).toBe(0n);
});

describe('misuse traps, with what the segment layer says', () => {
  test.each([
    ['a handle out of thin air', 'segment_acquire r, 12345', 'stale segment'],
    ['a draft read', 'call h, produce(10)\n segment_acquire r, h', 'segment state'],
    [
      'a write after publication',
      'call h, produce(10)\n segment_publish h, 10\n segment_write h, 0, 0, 1\n mov r, h',
      'segment state',
    ],
    ['a write past the end', 'call h, produce(10)\n segment_write h, 8, 0, 3\n mov r, h', 'segment range'],
    [
      'a write from outside memory',
      'call h, produce(10)\n segment_write h, 0, 65530, 10\n mov r, h',
      'out of bounds memory access',
    ],
    ['a huge offset', 'call h, produce(10)\n segment_write h, -1, 0, 1\n mov r, h', 'segment range'],
    ['publication past the end', 'call h, produce(10)\n segment_publish h, -1\n mov r, h', 'segment range'],
    [
      'a read past the end',
      'call h, produce(10)\n segment_publish h, 10\n segment_read 0, h, 1, 10\n mov r, h',
      'segment range',
    ],
    [
      'a read to outside memory',
      'call h, produce(10)\n segment_publish h, 10\n segment_read 65530, h, 0, 10\n mov r, h',
      'out of bounds memory access',
    ],
    [
      'retiring twice',
      'call h, produce(10)\n segment_publish h, 10\n segment_retire h\n segment_retire h\n mov r, h',
      'stale segment',
    ],
    ['a swap of nonsense', 'swap_segment r, job.input, 99', 'stale segment'],
  ])('%s', (_, instructions, reason) => {
    const world = granted();
    const body = `${WINDOW}func main() -> r {\n ${instructions}\n ret r\n}\n${PRODUCE}`;
    const outcome = instance(body, options(world)).run();
    expect(outcome).toMatchObject({ kind: 'trap', trap: { reason } });
    expect(world.damaged()).toEqual([]);
  });

  test("another domain's segment, guessed right", () => {
    const world = granted();
    const text = `${WINDOW}func main(h) -> r {\n segment_acquire r, h\n ret r\n}`;
    const foreign = world.segments.draft(8, domain(3));
    const handle = foreign?.publish() as bigint;
    expect(trapOf(text, [handle], options(world))).toBe('foreign segment');
    const own = world.segments.draft(8, world.grant.domain);
    expect(run(text, [own?.publish() as bigint], options(world))).toBe(8n);
  });
});

test('a program with segments needs them granted', () => {
  const { segments: _, ...without } = options(granted());
  expect(() => instance(`${WINDOW}func main() {\n segment_release 1\n ret\n}`, without)).toThrow(
    'uses segments, and is granted none',
  );
});

test('a read that is too dear is done when there is more fuel', () => {
  const world = granted();
  const subject = instance(`${WINDOW}func main() -> r {\n call r, produce(1280)\n ret r\n}\n${PRODUCE}`, {
    ...options(world),
    limits: { fuel: 60 },
  });
  expect(subject.run()).toMatchObject({ kind: 'exhausted', at: { function: 'produce' } });
  expect(subject.resume(100)).toMatchObject({ kind: 'done' });
});
