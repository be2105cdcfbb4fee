/**
 * The size classes, and how a slab of each is cut. A slab is a block of pages that holds up to 32 blocks of one class, so that
 * one word of 32 bits can say which of them are free:
 *
 *   returned   a bit a block                             one word
 *   names      whose each block is                       one word a block, then the rest of the line
 *   blocks     from a line on; several to a line below 16 words, none across two
 *
 * Blocks of 16 words and more begin a line, so from 32 words on the classes are multiples of it, four for each doubling from 64
 * on: at most a fifth of a block is rounding there, and below it what lines cost.
 */
import { type Address, LINE_WORDS, roundUp } from '@pool/core';

/** Words of a page of a heap with slabs. */
export const SLAB_PAGE_WORDS = 128;

/** Words that a block of each class has. */
export const CLASS_WORDS: readonly number[] = [
  2, 3, 4, 5, 8, 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512,
];
export const CLASSES: number = CLASS_WORDS.length;
export const LARGEST_CLASS_WORDS: number = CLASS_WORDS[CLASSES - 1] as number;
/** In `CLASS_OF`: no class has so few words, or so many. */
export const NO_CLASS = 255;

const MAX_BLOCKS = 32;
export const OFFSETS_SHIFT = 5;
const MAX_SLAB_ORDER = 5;
/** Places that a block can begin at, by class: words of the smallest slabs, lines of the larger ones. */
export const PLACES_SHIFT = 8;

interface Cut {
  readonly order: number;
  readonly blocks: number;
}

function headerWords(blocks: number): number {
  return roundUp(1 + blocks, LINE_WORDS);
}

function dataWords(words: number, blocks: number): number {
  return words < LINE_WORDS ? Math.ceil(blocks / Math.floor(LINE_WORDS / words)) * LINE_WORDS : blocks * words;
}

/** The slab of which blocks have the largest share; of two that are alike, the larger. */
function cut(words: number): Cut {
  let best: Cut = { order: 0, blocks: 0 };
  let share = 0;
  for (let order = 0; order <= MAX_SLAB_ORDER; order++) {
    const room = SLAB_PAGE_WORDS << order;
    let blocks = MAX_BLOCKS;
    while (blocks > 0 && headerWords(blocks) + dataWords(words, blocks) > room) blocks--;
    if ((blocks * words) / room >= share && blocks > 0) {
      share = (blocks * words) / room;
      best = { order, blocks };
    }
  }
  return best;
}

const CUTS: readonly Cut[] = CLASS_WORDS.map(cut);

/** Words of a slab. */
export const SLAB_WORDS: readonly number[] = CUTS.map(({ order }) => SLAB_PAGE_WORDS << order);
/** Words that the magazines of one thread have at most: a slab a class. What is free in them is there for that thread only. */
export const MAGAZINES_WORDS: number = SLAB_WORDS.reduce((sum, words) => sum + words);
/** Pages of a slab, as a power of two. */
export const SLAB_ORDER: Uint8Array = Uint8Array.from(CUTS, ({ order }) => order);
/** Blocks of a slab. */
export const SLAB_BLOCKS: Uint8Array = Uint8Array.from(CUTS, ({ blocks }) => blocks);
/** The bits of all blocks of a slab. */
export const ALL_BLOCKS: readonly number[] = CUTS.map(({ blocks }) => 2 ** blocks - 1);

/** The class that serves a number of words. */
export const CLASS_OF: Uint8Array = new Uint8Array(LARGEST_CLASS_WORDS + 1).fill(NO_CLASS);
/** Words from the slab's beginning to a block: `BLOCK_OFFSET[(sizeClass << OFFSETS_SHIFT) + index]`. */
export const BLOCK_OFFSET: Uint16Array = new Uint16Array(CLASSES * MAX_BLOCKS);
/** By class: places are so many times doubled words. */
export const PLACE_SHIFT: Uint8Array = new Uint8Array(CLASSES);
/** The block that begins at a place, `INDEX_AT[(sizeClass << PLACES_SHIFT) + place]`, or -1. */
export const INDEX_AT: Int8Array = new Int8Array(CLASSES << PLACES_SHIFT).fill(-1);

for (const [sizeClass, words] of CLASS_WORDS.entries()) {
  CLASS_OF.fill(sizeClass, (CLASS_WORDS[sizeClass - 1] ?? 0) + 1, words + 1);
  const { blocks } = CUTS[sizeClass] as Cut;
  PLACE_SHIFT[sizeClass] = words < LINE_WORDS ? 0 : 4;
  for (let index = 0; index < blocks; index++) {
    const perLine = Math.max(1, Math.floor(LINE_WORDS / words));
    const offset =
      headerWords(blocks) +
      (words < LINE_WORDS ? Math.floor(index / perLine) * LINE_WORDS + (index % perLine) * words : index * words);
    BLOCK_OFFSET[sizeClass * MAX_BLOCKS + index] = offset;
    INDEX_AT[(sizeClass << PLACES_SHIFT) + (offset >> (PLACE_SHIFT[sizeClass] as number))] = index;
  }
}

/** The number of the block that begins `offset` words into a slab of the class; -1 if none does. */
export function blockIndex(sizeClass: number, offset: number): number {
  const shift = PLACE_SHIFT[sizeClass] as number;
  if ((offset & ((1 << shift) - 1)) !== 0) return -1;
  return INDEX_AT[(sizeClass << PLACES_SHIFT) + (offset >> shift)] as number;
}

export function blockAddress(start: number, sizeClass: number, index: number): Address {
  return (start + (BLOCK_OFFSET[(sizeClass << OFFSETS_SHIFT) + index] as number)) as Address;
}
