import { type Address, AddressError, LINE_WORDS, type Pool, roundUp, type Storage } from '@pool/core';

/** The smallest storage there can be: one block an entry. */
export class BlockStorage implements Storage {
  readonly name = 'blocks';
  readonly largest: number;
  readonly base: Address;
  readonly #blocks: number;
  /** The entries whose blocks this thread has out, so that a test can see a leak. */
  readonly taken: Set<number> = new Set();

  constructor(base: Address, blocks: number, blockWords: number) {
    this.base = base;
    this.largest = blockWords;
    this.#blocks = blocks;
  }

  static reserve(pool: Pool, blocks: number, blockWords: number): BlockStorage {
    const size = roundUp(blockWords, LINE_WORDS);
    return new BlockStorage(pool.reserve(blocks * size), blocks, size);
  }

  allocate(words: number, entry: number): Address | undefined {
    if (words > this.largest || entry >= this.#blocks) return undefined;
    this.taken.add(entry);
    return (this.base + entry * this.largest) as Address;
  }

  free(at: Address, entry: number): void {
    if (at !== this.base + entry * this.largest) throw new AddressError(at, 0, this.name);
    this.taken.delete(entry);
  }
}
