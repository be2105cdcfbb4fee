/** Where blocks lie, and what happens when there are no more. */
import { ValueError } from '@pool/core';
import { check, equal, refused } from './case.ts';
import type { Held } from './party.ts';
import { MOST, type StagedCase } from './stage.ts';

export const roomCases: readonly StagedCase[] = [
  [
    'gives blocks that overlap no other, each of which begins a line or lies within one',
    ({ first, second, sizes }) => {
      const blocks: Held[] = [];
      for (let round = 0; round < 4; round++)
        for (const words of sizes)
          for (const party of [first, second]) {
            const block = party.take(words);
            if (block !== undefined) blocks.push(block);
          }
      check(blocks.length > 1, () => 'there were no two blocks');
      for (const block of blocks) first.free(block);
    },
  ],
  [
    'answers undefined when there is no more, again and again',
    ({ first, second, reuses }) => {
      const words = Math.min(first.allocator.largest, 64);
      const blocks = first.takeAll(words, MOST);
      check(blocks.length > 0, () => 'there was no block at all');
      for (const party of [first, second, first]) equal(party.take(words), undefined, 'allocate() of a full allocator');
      const [some] = blocks as [Held];
      first.free(some);
      if (reuses) check(first.take(words) !== undefined, () => 'a block that was freed is not to be had');
    },
  ],
  [
    'answers undefined for more than its largest, and gives what it says is its largest free',
    ({ first: { allocator }, first }) => {
      equal(allocator.allocate(allocator.largest + 1, 0), undefined, 'allocate(largest + 1)');
      const { largestFree } = allocator.stats();
      if (largestFree === 0) return; // it has grown nothing yet
      const block = first.take(largestFree);
      check(block !== undefined, () => `${largestFree} words are its largest free, and are not to be had`);
      first.free(block);
    },
  ],
  [
    'refuses sizes that cannot be',
    ({ first }) => {
      for (const words of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
        refused(() => first.allocator.allocate(words, 0), ValueError, String(words), `allocate(${words})`);
      equal(first.allocator.stats().live, 0, 'live blocks after refusals');
    },
  ],
  [
    'has all its room again once everything is free',
    ({ first, second, reuses, sizes }) => {
      if (!reuses) return;
      for (const words of sizes) {
        const before = first.takeAll(words, MOST);
        for (const [index, block] of before.entries()) (index % 2 ? first : second).free(block);
        equal(first.allocator.stats().used, 0, 'used words, with nothing live');
        const after = first.takeAll(words, MOST);
        equal(after.length, before.length, `blocks of ${words} words the second time`);
        for (const block of after.reverse()) first.free(block);
      }
    },
  ],
];
