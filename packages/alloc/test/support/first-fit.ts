/** An allocator such as a user would write, of blocks of 64 words: right, or claiming them by a load and a store. */
import { type Address, AddressError, type Owner, type OwnerId, type Pool, ValueError } from '@pool/core';
import type { Allocator, AllocatorStats, Block } from '../../src/index.ts';

const WORDS = 64;
const RADIX = 2 ** 16;

export interface FirstFitHandle {
  readonly holders: Address;
  readonly blocks: Address;
  readonly count: number;
  readonly exclusive: boolean;
}

export class FirstFit implements Allocator {
  readonly name = 'first fit';
  readonly family = 'allocator';
  readonly largest = WORDS;
  readonly #pool: Pool;
  readonly #handle: FirstFitHandle;

  constructor(pool: Pool, handle: FirstFitHandle) {
    this.#pool = pool;
    this.#handle = handle;
  }

  static create(pool: Pool, words: number, exclusive: boolean): FirstFitHandle {
    const count = words / WORDS;
    return { holders: pool.reserve(count), blocks: pool.reserve(words), count, exclusive };
  }

  allocate(words: number): Address | undefined {
    if (!(Number.isSafeInteger(words) && words > 0)) throw new ValueError(words, 'a positive number of words');
    if (words > WORDS) return undefined;
    for (let index = 0; index < this.#handle.count; index++)
      if (this.#load(index) === 0 && this.#claim(index)) return this.#address(index);
    return undefined;
  }

  free(at: Address): void {
    const index = this.#live(at);
    this.#pool.storeNumber(this.#holder(index), 0);
  }

  sizeOf(at: Address): number {
    this.#live(at);
    return WORDS;
  }

  transfer(at: Address, to: Owner): void {
    const index = this.#live(at);
    if (!(Number.isInteger(to.id) && to.id >= 0 && to.id < this.#pool.owners.rows))
      throw new ValueError(to.id, 'no row');
    if (!(to.generation > 0 && to.generation < 2 ** 32)) throw new ValueError(to.generation, 'no generation');
    this.#pool.storeNumber(this.#holder(index), signature(to));
  }

  stats(): AllocatorStats {
    const { count } = this.#handle;
    const live = [...this.blocks()].filter(({ state }) => state === 'live').length;
    const free = (count - live) * WORDS;
    const largestFree = free > 0 ? WORDS : 0;
    return {
      capacity: count * WORDS,
      used: live * WORDS,
      free,
      largestFree,
      fragmentation: free > 0 ? 1 - largestFree / free : 0,
      live,
      classes: [{ words: WORDS, live, free: count - live }],
    };
  }

  *blocks(): Iterable<Block> {
    for (let index = 0; index < this.#handle.count; index++) {
      const seen = this.#load(index);
      const block = { at: this.#address(index), words: WORDS, class: WORDS };
      const owner = { id: (seen % RADIX) as OwnerId, generation: Math.floor(seen / RADIX) };
      yield seen === 0 ? { ...block, state: 'free' } : { ...block, state: 'live', owner };
    }
  }

  recover(owner: Owner): number {
    if (this.#pool.owners.isLive(owner)) throw new ValueError(owner.id, 'this owner is live');
    let recovered = 0;
    for (let index = 0; index < this.#handle.count; index++) {
      const dead = signature(owner);
      if (this.#pool.compareExchangeNumber(this.#holder(index), dead, 0) === dead) recovered++;
    }
    return recovered;
  }

  #claim(index: number): boolean {
    const mine = signature(this.#pool.owner);
    if (this.#handle.exclusive) return this.#pool.compareExchangeNumber(this.#holder(index), 0, mine) === 0;
    this.#pool.storeNumber(this.#holder(index), mine);
    return true;
  }

  #live(at: Address): number {
    const index = (at - this.#handle.blocks) / WORDS;
    const known = Number.isInteger(index) && index >= 0 && index < this.#handle.count;
    if (!known || this.#load(index) === 0) throw new AddressError(at, 0, 'first fit as a live block');
    return index;
  }

  #load(index: number): number {
    return this.#pool.loadNumber(this.#holder(index));
  }

  #holder(index: number): Address {
    return (this.#handle.holders + index) as Address;
  }

  #address(index: number): Address {
    return (this.#handle.blocks + index * WORDS) as Address;
  }
}

function signature({ id, generation }: Owner): number {
  return generation * RADIX + id;
}
