/** What an allocator says of itself holds together. */

import { check, equal } from './case.ts';
import type { Held } from './party.ts';
import { type Stage, type StagedCase, same } from './stage.ts';

/** Compares `stats()`, `blocks()` and `sizeOf()` with what is known to be live, and with each other. */
export function consistent({ first: { allocator }, ledger, reuses, reserved }: Stage): void {
  const stats = allocator.stats();
  const { capacity, used, free, largestFree, fragmentation, live, classes } = stats;
  const shown = JSON.stringify(stats);
  for (const number of [capacity, used, free, largestFree, live])
    check(Number.isSafeInteger(number) && number >= 0, () => `no number of words: ${shown}`);
  check(used + free <= capacity, () => `used and free are more than there is: ${shown}`);
  check(capacity <= reserved(), () => `it has more than it reserved, ${reserved()} words: ${shown}`);
  check(largestFree <= free, () => `the largest free is more than all that is free: ${shown}`);
  equal(fragmentation, free === 0 ? 0 : 1 - largestFree / free, 'fragmentation');
  equal(live, ledger.held.size, 'live blocks');

  const unseen = new Map(ledger.held);
  let end = 0;
  let usedWords = 0;
  let freeWords = 0;
  const counts = new Map<number, { live: number; free: number }>();
  for (const block of allocator.blocks()) {
    check(block.at >= end, () => `the block ${block.at} is listed after one that ends at ${end}`);
    check(block.words > 0, () => `the block ${block.at} has ${block.words} words`);
    end = block.at + block.words;
    const count = counts.get(block.class ?? 0) ?? { live: 0, free: 0 };
    if (block.class !== undefined) counts.set(block.class, count);
    if (block.state !== 'live') {
      freeWords += block.words;
      count.free++;
      continue;
    }
    count.live++;
    usedWords += block.words;
    const held = unseen.get(block.at);
    check(held !== undefined, () => `the block ${block.at} is listed as live, and is not`);
    unseen.delete(block.at);
    check(same(block.owner, held.owner), () => `the block ${block.at} is listed with the wrong owner`);
    check(block.words >= held.words, () => `the block ${block.at} is smaller than asked for`);
    equal(allocator.sizeOf(block.at), block.words, `sizeOf(${block.at})`);
  }
  equal(unseen.size, 0, 'live blocks that are not listed');
  equal(usedWords, used, 'used words against the live blocks listed');
  // Where room serves again only when all is free, freed blocks are listed as such, and are not to be had.
  if (reuses) equal(freeWords, free, 'free words against the free blocks listed');
  else check(freeWords >= free, () => `${freeWords} free words are listed: ${shown}`);
  for (const each of classes) {
    const { live: liveBlocks, free: freeBlocks } = counts.get(each.words) ?? { live: 0, free: 0 };
    equal(each.live, liveBlocks, `live blocks of class ${each.words} against those listed`);
    equal(each.free, freeBlocks, `free blocks of class ${each.words} against those listed`);
  }
  for (const size of counts.keys())
    check(
      classes.some(({ words }) => words === size),
      () => `class ${size} is listed, and is none of stats()`,
    );
}

export const reportCases: readonly StagedCase[] = [
  [
    'adds up: stats, blocks and sizes agree as blocks come and go',
    (stage) => {
      const { first, second, sizes } = stage;
      consistent(stage);
      const blocks: Held[] = [];
      for (const words of [...sizes, ...sizes]) {
        const block = (blocks.length % 2 ? first : second).take(words);
        if (block !== undefined) blocks.push(block);
        consistent(stage);
      }
      for (const block of blocks.filter((_, index) => index % 3 === 0)) first.free(block);
      consistent(stage);
      for (const block of blocks.filter((_, index) => index % 3 !== 0)) second.free(block);
      consistent(stage);
      equal(first.allocator.stats().used, 0, 'used words, with nothing live');
    },
  ],
  [
    'says its family and a name, and a largest block that is a number of words',
    ({ first: { allocator } }) => {
      check(['static', 'allocator', 'protocol'].includes(allocator.family), () => `family ${allocator.family}`);
      check(allocator.name.length > 0, () => 'it has no name');
      check(Number.isSafeInteger(allocator.largest) && allocator.largest > 0, () => `largest ${allocator.largest}`);
    },
  ],
  [
    'shows one thread what another took, and lets it give that back',
    (stage) => {
      const { first, second, join, sizes } = stage;
      const block = first.take(sizes[0] as number);
      check(block !== undefined, () => 'there was no block');
      const third = join();
      for (const party of [second, third])
        check(party.allocator.sizeOf(block.at) >= block.words, () => 'a block is smaller for another thread');
      third.free(block);
      consistent(stage);
    },
  ],
];
