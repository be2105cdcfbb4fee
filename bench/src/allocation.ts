/** The work that the contests of allocators have in common: which sizes, which blocks, in which order, the same for both sides. */
import type { Allocator } from '@pool/alloc';
import { type Address, WORD_BYTES } from '@pool/core';
import type { MemPool } from '@thi.ng/malloc';

/** Of 64 bytes: what the contests of one size allocate. */
export const BLOCK_WORDS = 8;
/** Words of mixed blocks: 2 to 127, so 16 to 1,016 bytes. */
export const MIXED_WORDS: Uint32Array = pseudoRandom(1, 1024).map((value) => 2 + (value % 126));
/** Numbers to choose blocks by. */
export const CHOICES: Uint32Array = pseudoRandom(2, 65_536);

/** The sequence of a linear congruential generator (Knuth's MMIX constants are 64 bits; these are Numerical Recipes'), without its poor low bits. */
function pseudoRandom(seed: number, length: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  });
}

/** Allocates `count` blocks and frees every other one of a shuffled list; what stays lies between holes. */
export function fragment(
  count: number,
  wordsOf: (index: number) => number,
  allocate: (words: number) => number | undefined,
  free: (at: number) => void,
): Churn {
  const blocks = Array.from({ length: count }, (_, index) => {
    const at = allocate(wordsOf(index));
    if (!at) throw new Error(`no room for block ${index} of ${count}`);
    return at;
  });
  for (let index = count - 1; index > 0; index--) {
    const other = (CHOICES[index & 65_535] as number) % (index + 1);
    [blocks[index], blocks[other]] = [blocks[other] as number, blocks[index] as number];
  }
  for (const at of blocks.splice(count >> 1)) free(at);
  return { live: blocks, turn: 0 };
}

/** One block at a time, taken and given back. Counts the blocks that there were. */
export function pairs(allocator: Allocator, operations: number): number {
  let got = 0;
  for (let index = 0; index < operations; index++) {
    const at = allocator.allocate(BLOCK_WORDS);
    if (at === undefined) continue;
    allocator.free(at);
    got++;
  }
  return got;
}

export function rivalPairs(rival: MemPool, operations: number): number {
  let got = 0;
  for (let index = 0; index < operations; index++) {
    const at = rival.malloc(BLOCK_WORDS * WORD_BYTES);
    if (at === 0) continue;
    rival.free(at);
    got++;
  }
  return got;
}

/**
 * Blocks that are live, and how many replacements there were: rounds go on where the last one ended, or a short round would
 * only ever see the blocks that the one before had allocated.
 */
export interface Churn {
  readonly live: number[];
  turn: number;
}

/** Frees a block somewhere among the live ones and puts a new one of another size in its place. Counts the new ones. */
export function replacements(allocator: Allocator, churn: Churn, operations: number): number {
  const { live } = churn;
  let got = 0;
  for (const end = churn.turn + operations; churn.turn < end; churn.turn++) {
    const place = (CHOICES[churn.turn & 65_535] as number) % live.length;
    allocator.free(live[place] as Address);
    const at = allocator.allocate(MIXED_WORDS[churn.turn & 1023] as number);
    if (at === undefined) throw new Error('the heap is full');
    live[place] = at;
    got++;
  }
  return got;
}

export function rivalReplacements(rival: MemPool, churn: Churn, operations: number): number {
  const { live } = churn;
  let got = 0;
  for (const end = churn.turn + operations; churn.turn < end; churn.turn++) {
    const place = (CHOICES[churn.turn & 65_535] as number) % live.length;
    rival.free(live[place] as number);
    const at = rival.malloc((MIXED_WORDS[churn.turn & 1023] as number) * WORD_BYTES);
    if (at === 0) throw new Error('the pool is full');
    live[place] = at;
    got++;
  }
  return got;
}

const BATCH = 64;

/** Sixty-four blocks are taken, and then given back in the same order. Counts the blocks that there were. */
export function batches(allocator: Allocator, operations: number): number {
  const batch: Address[] = [];
  let got = 0;
  for (let index = 0; index < operations; ) {
    for (const end = Math.min(operations, index + BATCH); index < end; index++) {
      const at = allocator.allocate(BLOCK_WORDS);
      if (at !== undefined) batch.push(at);
    }
    for (const at of batch) allocator.free(at);
    got += batch.length;
    batch.length = 0;
  }
  return got;
}
