/**
 * The static family, for segments: one fixed block for each segment entry, so that allocating is a multiplication and two
 * entries can never be given one block. There is no shared state at all, hence nothing to contend for or to repair after a
 * death; the price is that every block is as large as the largest segment.
 *
 * Progress: wait-free.
 */
import { type Address, AddressError, LINE_WORDS, roundUp, type Storage, ValueError, WORD_BYTES } from '@pool/core';
import { askedWords } from './internal/checks.ts';

/** Plain data: post it to the other threads and build the same storage there. */
export interface StaticStorageOptions {
  /** The first block's address, the beginning of a line; from `pool.reserve(StaticStorage.size(...))`. */
  readonly base: Address;
  /** How many blocks; entries with a larger index get none. */
  readonly blocks: number;
  /** Bytes of one block, rounded up to whole lines of 128. */
  readonly blockBytes: number;
}

export class StaticStorage implements Storage {
  readonly name = 'static';
  readonly largest: number;
  readonly #base: number;
  readonly #blocks: number;

  /** @throws {ValueError | AddressError} for sizes or a base that cannot be */
  constructor(options: StaticStorageOptions) {
    this.largest = blockWords(options.blocks, options.blockBytes);
    if (!(Number.isInteger(options.base) && options.base >= 0) || options.base % LINE_WORDS !== 0)
      throw new AddressError(options.base, 0, `a static storage (it begins at a multiple of ${LINE_WORDS})`);
    this.#base = options.base;
    this.#blocks = options.blocks;
  }

  /** How many words to reserve for so many blocks. */
  static size(blocks: number, blockBytes: number): number {
    return blocks * blockWords(blocks, blockBytes);
  }

  /** The block of `entry`, if there is one and it is large enough. @throws {ValueError} unless `words` is a positive integer */
  allocate(words: number, entry = 0): Address | undefined {
    return askedWords(words) <= this.largest && this.#has(entry) ? this.#block(entry) : undefined;
  }

  free(at: Address, entry = 0): void {
    if (!this.#has(entry) || at !== this.#block(entry))
      throw new AddressError(
        at,
        this.#blocks * this.largest,
        `the static storage at ${this.#base} as entry ${entry}'s block`,
      );
  }

  #has(entry: number): boolean {
    return Number.isInteger(entry) && entry >= 0 && entry < this.#blocks;
  }

  #block(entry: number): Address {
    return (this.#base + entry * this.largest) as Address;
  }
}

function blockWords(blocks: number, blockBytes: number): number {
  if (!(Number.isSafeInteger(blocks) && blocks > 0)) throw new ValueError(blocks, 'a positive number of blocks');
  if (!(Number.isSafeInteger(blockBytes) && blockBytes > 0))
    throw new ValueError(blockBytes, 'a positive number of bytes in a block');
  return roundUp(Math.ceil(blockBytes / WORD_BYTES), LINE_WORDS);
}
