import type { Address, Owner, Pool } from '@pool/core';
import type { Allocator } from '../allocator.ts';
import { check, equal } from './case.ts';

/** What the suite believes of one live block. */
export interface Held {
  readonly at: Address;
  /** As asked for. */
  readonly words: number;
  readonly entry: number;
  owner: Owner;
}

/** The entry numbers that nobody has, lowest first, and every block that is live: common to all parties of one case. */
export class Ledger {
  readonly held: Map<Address, Held> = new Map();
  /** A byte a word of the pool: whether it is in a live block. */
  readonly #taken: Uint8Array;
  readonly #returned: number[] = [];
  #next = 0;

  constructor(poolWords: number) {
    this.#taken = new Uint8Array(poolWords);
  }

  takeEntry(): number {
    return this.#returned.pop() ?? this.#next++;
  }

  returnEntry(entry: number): void {
    this.#returned.push(entry);
  }

  enter(held: Held): void {
    const range = this.#taken.subarray(held.at, held.at + held.words);
    check(!range.includes(1), () => `the block ${held.at} of ${held.words} words overlaps a live one`);
    range.fill(1);
    this.held.set(held.at, held);
  }

  remove(held: Held): void {
    this.held.delete(held.at);
    this.#taken.fill(0, held.at, held.at + held.words);
  }

  /** Strikes the blocks of an owner, as recovery does; returns how many. */
  strike(owner: Owner): number {
    let struck = 0;
    for (const held of [...this.held.values()]) {
      if (held.owner.id !== owner.id || held.owner.generation !== owner.generation) continue;
      this.remove(held);
      this.returnEntry(held.entry);
      struck++;
    }
    return struck;
  }
}

/** One thread's allocator, and the pattern it fills its blocks with: a block that anybody else touches no longer shows it. */
export class Party {
  readonly pool: Pool;
  readonly allocator: Allocator;
  readonly #ledger: Ledger;

  constructor(pool: Pool, allocator: Allocator, ledger: Ledger) {
    this.pool = pool;
    this.allocator = allocator;
    this.#ledger = ledger;
  }

  get owner(): Owner {
    return this.pool.owner;
  }

  /** Allocates, checks the range, and fills it; `undefined` when there is none. */
  take(words: number, entry: number = this.#ledger.takeEntry()): Held | undefined {
    const at = this.allocator.allocate(words, entry);
    if (at === undefined) {
      this.#ledger.returnEntry(entry);
      return undefined;
    }
    check(Number.isInteger(at) && at >= 0 && at + words <= this.pool.size, () => `block ${at} is not in the pool`);
    check(words < 16 || at % 16 === 0, () => `block ${at} of ${words} words does not begin a line`);
    check(words >= 16 || Math.floor(at / 16) === Math.floor((at + words - 1) / 16), () => `${at} straddles a line`);
    const held: Held = { at, words, entry, owner: this.owner };
    this.#ledger.enter(held);
    this.pool.fill(at, words, pattern(held));
    return held;
  }

  /** Allocates until there is none. `most` is more than there can be. */
  takeAll(words: number, most: number): Held[] {
    const blocks: Held[] = [];
    for (let block = this.take(words); block !== undefined; block = this.take(words)) {
      blocks.push(block);
      check(blocks.length <= most, () => `${blocks.length} blocks of ${words} words came out of less room`);
    }
    return blocks;
  }

  /** Looks at the pattern, and frees. */
  free(held: Held): void {
    this.intact(held);
    this.#ledger.remove(held);
    this.allocator.free(held.at, held.entry);
    this.#ledger.returnEntry(held.entry);
  }

  transfer(held: Held, to: Owner): void {
    this.allocator.transfer(held.at, to);
    held.owner = to;
  }

  intact(held: Held): void {
    const last = held.at + held.words;
    for (let word: number = held.at; word < last; word++)
      equal(this.pool.load(word as Address), pattern(held), `word ${word} of the block ${held.at}`);
  }
}

function pattern(held: Held): bigint {
  return (BigInt(held.at) << 24n) ^ BigInt(held.words) ^ 0x5a5a_5a5a_0000_0000n;
}
