import { counted, EpochReuse, ring, ringSize } from '@pool/alloc';
import type { Handle, Pool, ReusePolicy } from '@pool/core';
import { expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { run, trapOf } from './support/programs.ts';

const SEGMENTS = 16;
const SHAPE = { owners: 64, segments: SEGMENTS };
const POLICIES: Readonly<Record<string, (pool: Pool) => ReusePolicy>> = {
  counted: () => counted(),
  ring: (pool) => ring({ base: pool.reserve(ringSize(4)), places: 4 }),
  epoch: (pool) => new EpochReuse(pool, { ...SHAPE, base: pool.reserve(EpochReuse.size(SHAPE)) }),
};

function world(policy: string) {
  let reuse: ReusePolicy | undefined;
  const made = granted(64, 8, false, (pool) => {
    reuse = POLICIES[policy]?.(pool) as ReusePolicy;
    return reuse;
  });
  return { ...made, reuse, options: { words: made.pool, windows: [made.grant], segments: made.access } };
}

const WINDOW = 'memory 1\nwindow job words 64 slots 8 {\n  slot input\n}\n';
/** Publishes a segment through the slot, and returns its handle. */
const PUBLISH = `
func publish() -> handle {
  segment_draft handle, job, 64
  swap_segment _, job.input, handle
  ret handle
}`;
const program = (body: string): string => `${WINDOW}func main() -> r {\n${body}\n}\n${PUBLISH}`;

test.each(['counted', 'ring', 'epoch'])('under %s a program publishes, reads and retires as ever', (policy) => {
  const { options } = world(policy);
  const text = program(`  i64.const left, 100
again:
  call h, publish()
  segment_acquire r, h
  segment_read 100, h, 0, r
  segment_release h
  segment_retire h
  i64.sub left, left, 1
  br_if left, again
  ret r`);
  expect(run(text, [], options)).toBe(64n);
});

test('a program whose segment the ring has replaced is told, and sees nothing of the successor', () => {
  const { options } = world('ring');
  const overtaken = (use: string): string =>
    program(`  call h, publish()
  segment_acquire r, h
  i64.const left, 4
again:
  call _, publish()
  i64.sub left, left, 1
  br_if left, again
  ${use}
  ret r`);
  expect(trapOf(overtaken('segment_read 100, h, 0, 8'), [], options)).toBe('stale segment');
  expect(trapOf(overtaken('segment_acquire r, h'), [], options)).toBe('stale segment');
  expect(trapOf(overtaken('segment_retire h'), [], options)).toBe('stale segment');
  expect(run(overtaken('segment_release h'), [], options)).toBe(64n); // there is nothing left to release
});

test.each(['counted', 'epoch'])(
  'under %s what is acquired stays when it is retired, and nobody else acquires it',
  (policy) => {
    const { options } = world(policy);
    const retired = (use: string): string =>
      program(`  call h, publish()
  segment_acquire r, h
  segment_retire h
  ${use}
  ret r`);
    expect(run(retired('segment_read 100, h, 0, 64'), [], options)).toBe(64n);
    expect(trapOf(retired('segment_acquire r, h'), [], options)).toBe('stale segment');
    expect(trapOf(retired('segment_retire h'), [], options)).toBe('stale segment');
    expect(trapOf(program('  call h, publish()\n  segment_release h\n  ret h'), [], options)).toBe('segment state');
  },
);

test('a program whose pin the host has expired is told at its next release', () => {
  const { options, reuse, pool, access, grant } = world('epoch');
  const handle = run(program('  call h, publish()\n  segment_acquire _, h\n  ret h'), [], options) as Handle;
  (reuse as EpochReuse).expire(pool.owner);
  const text = program(`  swap_segment h, job.input, 0
  segment_release h
  ret h`);
  expect(pool.load(grant.slotBase as never)).toBe(handle);
  expect(trapOf(text, [], options)).toBe('stale segment');
  expect(access.acquire(handle)).toBe(64); // and it may begin anew
});
