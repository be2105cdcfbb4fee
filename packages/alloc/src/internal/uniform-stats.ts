import type { AllocatorStats } from '../allocator.ts';

/** What there is to say of `count` blocks of one size, `live` of which are taken. */
export function uniformStats(count: number, live: number, words: number): AllocatorStats {
  const free = (count - live) * words;
  const largestFree = free > 0 ? words : 0;
  return {
    capacity: count * words,
    used: live * words,
    free,
    largestFree,
    fragmentation: free > 0 ? 1 - largestFree / free : 0,
    live,
    classes: [{ words, live, free: count - live }],
  };
}
