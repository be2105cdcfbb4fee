/** What stands in a heap's pages at this moment: for reports, never for decisions. */
import type { Address } from '@pool/core';
import type { AllocatorStats, Block, ClassStats } from '../allocator.ts';
import type { Chunk, Chunks } from './chunks.ts';
import { detailOf, FREE, isHead, LIVE, NOBODY, nameIn, ownerNamed, RETURNING, SLAB, stateOf } from './descriptor.ts';
import { blockAddress, CLASS_WORDS, SLAB_BLOCKS, SLAB_ORDER } from './size-classes.ts';

/** Whose a block of a slab is; 0 if it is not live. The slab may be dissolved meanwhile, so the word may be anybody's. */
function holder(chunks: Chunks, start: number, index: number): number {
  const word = chunks.words.load((start + 1 + index) as Address);
  return word < BigInt(RETURNING) ? Number(word) : 0;
}

/** Every block of pages, by its descriptor. What is on its way from one state to another may show twice, or not at all. */
function* heads(chunks: Chunks): Generator<{ readonly chunk: Chunk; readonly start: number; readonly seen: number }> {
  const { pageWords } = chunks.shape;
  for (const chunk of chunks.all()) {
    for (let page = 0; page < chunk.pages; ) {
      const seen = chunks.words.loadNumber((chunk.descriptors + page) as Address);
      if (isHead(seen)) yield { chunk, start: chunk.base + page * pageWords, seen };
      const order = stateOf(seen) === SLAB ? (SLAB_ORDER[detailOf(seen)] as number) : detailOf(seen);
      page += isHead(seen) ? 2 ** order : 1;
    }
  }
}

export function* blocksIn(chunks: Chunks): Generator<Block> {
  for (const { start, seen } of heads(chunks)) {
    const detail = detailOf(seen);
    const name = nameIn(seen);
    const owner = name === NOBODY ? {} : { owner: ownerNamed(name) };
    if (stateOf(seen) !== SLAB) {
      const state = stateOf(seen) === LIVE ? 'live' : stateOf(seen) === FREE ? 'free' : 'cached';
      yield { at: start as Address, words: chunks.shape.pageWords * 2 ** detail, state, ...owner };
      continue;
    }
    const words = CLASS_WORDS[detail] as number;
    for (let index = 0; index < (SLAB_BLOCKS[detail] as number); index++) {
      const at = blockAddress(start, detail, index);
      const held = holder(chunks, start, index);
      if (held !== 0) yield { at, words, state: 'live', owner: ownerNamed(held), class: words };
      else yield { at, words, state: name === NOBODY ? 'free' : 'cached', ...owner, class: words };
    }
  }
}

/** The figures; `name` is whose magazines count as free to be had. */
export function statsOf(chunks: Chunks, name: number, largest: number): AllocatorStats {
  const { pageWords } = chunks.shape;
  const counts = CLASS_WORDS.map(() => ({ live: 0, free: 0 }));
  let [used, free, live, largestFree] = [0, 0, 0, 0];
  for (const { start, seen } of heads(chunks)) {
    const detail = detailOf(seen);
    if (stateOf(seen) === SLAB) {
      const words = CLASS_WORDS[detail] as number;
      let taken = 0;
      for (let index = 0; index < (SLAB_BLOCKS[detail] as number); index++)
        if (holder(chunks, start, index) !== 0) taken++;
      const left = (SLAB_BLOCKS[detail] as number) - taken;
      const count = counts[detail] as { live: number; free: number };
      count.live += taken;
      count.free += left;
      live += taken;
      used += taken * words;
      free += left * words;
      if (left > 0 && (nameIn(seen) === NOBODY || nameIn(seen) === name)) largestFree = Math.max(largestFree, words);
      continue;
    }
    const words = pageWords * 2 ** detail;
    if (stateOf(seen) === LIVE) {
      live += 1;
      used += words;
    } else if (stateOf(seen) === FREE) {
      free += words;
      largestFree = Math.max(largestFree, words);
    }
  }
  const hasClasses = chunks.shape.strategy !== 'buddy';
  const classes: ClassStats[] = hasClasses
    ? counts.map((count, at) => ({ words: CLASS_WORDS[at] as number, ...count }))
    : [];
  largestFree = Math.min(largestFree, largest);
  const capacity = chunks.all().reduce((sum, { words }) => sum + words, 0);
  return { capacity, used, free, largestFree, fragmentation: free === 0 ? 0 : 1 - largestFree / free, live, classes };
}
