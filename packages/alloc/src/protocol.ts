/**
 * The protocol family: who uses which place when is an agreement of the user's own, made outside (by position, by messages, by
 * turns), and nothing here decides it. What is supplied are the words in which the parties write down whose turn it is, so that
 * the agreement can be looked at, repaired after a death, and checked.
 *
 *   nobody's  --claim-->  HELD by a party  --offer-->  OFFERED to a party  --accept-->  HELD by that party
 *      ^                        |
 *      +--------release---------+
 *
 *   holders   a word a place; 0: nobody's, else { generation: 32, id: 16, HELD or OFFERED }
 *   places    each begins a line
 *
 * From the moment of the offer the receiver answers for a place: there is none at which nobody does. Without checks each step
 * is one store, and costs nothing else: that it is the right party's turn is what the agreement says. In checked mode each step
 * is a compare-exchange, and a step out of turn is an `OwnershipError` that names both parties and changes nothing.
 *
 * Progress: every operation is wait-free but the report.
 */
import { type Address, type Owner, PoolError, type Words } from '@pool/core';
import type { Allocator, AllocatorStats, Block } from './allocator.ts';
import { mayAnswer, mayBeRecovered } from './internal/answering.ts';
import { GIVING, HELD, heldBy, NOBODY, ownerOf, statusOf } from './internal/holders.ts';
import { Places, type PlacesOptions } from './internal/places.ts';
import { ownerName } from './leak-report.ts';

export interface ProtocolHandle extends PlacesOptions {
  /** Whether steps out of turn are looked for, in all threads alike. */
  readonly checked: boolean;
}

export interface ProtocolOptions {
  /** Words of each place, rounded up to whole lines of 16. */
  readonly sizes: readonly number[];
  /** Default: false. */
  readonly checked?: boolean;
}

export interface PartyOptions {
  /** How parties are called in errors. Default: `owner 3 (generation 1)`. */
  readonly name?: (owner: Owner) => string;
}

/** A party did something with a place that another one has, or nobody. */
export class OwnershipError extends PoolError {
  override readonly name = 'OwnershipError';
  readonly address: Address;
  /** Who did it. */
  readonly party: Owner;
  /** Who has the place, or is to accept it. */
  readonly holder: Owner | undefined;
  constructor(address: Address, party: Owner, holder: Owner | undefined, message: string) {
    super(message);
    this.address = address;
    this.party = party;
    this.holder = holder;
  }
}

export class Protocol implements Allocator {
  readonly name = 'protocol';
  readonly family = 'protocol';
  readonly largest: number;
  readonly checked: boolean;
  readonly handle: ProtocolHandle;
  readonly #words: Words;
  readonly #places: Places;
  readonly #owner: Owner;
  readonly #held: number;
  readonly #nameOf: (owner: Owner) => string;

  private constructor(words: Words, handle: ProtocolHandle, owner: Owner, { name = ownerName }: PartyOptions) {
    this.#words = words;
    this.#places = new Places(words, handle, 'the protocol');
    this.handle = handle;
    this.checked = handle.checked;
    this.largest = this.#places.largest;
    this.#owner = owner;
    this.#held = heldBy(owner);
    this.#nameOf = name;
  }

  /** How many words to reserve. */
  static size({ sizes }: ProtocolOptions): number {
    return Places.size(sizes);
  }

  /** Lays it into words that are the caller's own, every place nobody's. @throws {ValueError | AddressError} for what cannot be */
  static create(
    words: Words,
    base: Address,
    { sizes, checked = false }: ProtocolOptions,
    owner: Owner,
    party: PartyOptions = {},
  ): Protocol {
    const protocol = new Protocol(words, { base, sizes: [...sizes], checked }, owner, party);
    protocol.#places.lay();
    return protocol;
  }

  /** The one that was laid as `handle` says, for `owner`. */
  static attach(words: Words, handle: ProtocolHandle, owner: Owner, party: PartyOptions = {}): Protocol {
    return new Protocol(words, handle, owner, party);
  }

  /** Where place `entry` is, a constant. @throws {AddressError} for an entry that is none */
  place(entry: number): Address {
    return this.#places.begin(entry);
  }

  /** Says that a place that is nobody's is this party's from now on. @throws {OwnershipError} checked: if somebody has it */
  claim(at: Address): void {
    this.#step(at, NOBODY, this.#held, 'claims');
  }

  /** Hands a place of this party's over; `to` answers for it from now on. @throws {OwnershipError} checked: if it is not this party's */
  offer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to);
    this.#step(at, this.#held, offeredTo(to), `offers to ${this.#nameOf(to)}`);
  }

  /** Takes over a place that was offered to this party. @throws {OwnershipError} checked: if it was not */
  accept(at: Address): void {
    this.#step(at, offeredTo(this.#owner), this.#held, 'accepts');
  }

  /** Makes a place of this party's nobody's. @throws {OwnershipError} checked: if it is not this party's */
  release(at: Address): void {
    this.#step(at, this.#held, NOBODY, 'releases');
  }

  /** Before the words of a place are touched. @throws {OwnershipError} checked: if it is not this party's */
  assertHeld(at: Address): void {
    if (!this.checked) return;
    const seen = this.#places.load(this.#places.indexOf(at));
    if (seen !== this.#held) throw this.#violation(at, seen, 'uses');
  }

  /** Whether a place waits to be accepted by this party. */
  isOffered(at: Address): boolean {
    return this.#places.load(this.#places.indexOf(at)) === offeredTo(this.#owner);
  }

  /** Who has a place, or is to accept it. */
  holder(at: Address): Owner | undefined {
    const seen = this.#places.load(this.#places.indexOf(at));
    return seen === NOBODY ? undefined : ownerOf(seen);
  }

  /** Claims place `entry` if it is nobody's, in either mode. */
  allocate(words: number, entry = 0): Address | undefined {
    return this.#places.take(words, entry, this.#held);
  }

  /** Makes a live place nobody's. @throws {OwnershipError} checked: if it is not this party's */
  free(at: Address, entry?: number): void {
    this.#move(at, NOBODY, 'frees', entry);
  }

  sizeOf(at: Address): number {
    return this.#places.wordsOf(this.#places.live(at).index);
  }

  /** Makes a live place another party's, who need not accept it. @throws {OwnershipError} checked: if it is not this party's */
  transfer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to);
    this.#move(at, heldBy(to), `transfers to ${this.#nameOf(to)}`);
  }

  stats(): AllocatorStats {
    return this.#places.stats();
  }

  blocks(): Iterable<Block> {
    return this.#places.blocks();
  }

  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    return this.#places.recover(owner, [heldBy, offeredTo]);
  }

  #step(at: Address, from: number, to: number, verb: string): void {
    const holder = this.#places.holder(this.#places.indexOf(at));
    // pairs with load() in whoever looks next: publishes what this party wrote in the place
    if (!this.checked) this.#words.storeNumber(holder, to);
    else {
      const seen = this.#words.compareExchangeNumber(holder, from, to);
      if (seen !== from) throw this.#violation(at, seen, verb);
    }
  }

  #move(at: Address, to: number, verb: string, entry?: number): void {
    const { index, seen } = this.#places.live(at, entry);
    if (this.checked && seen !== this.#held) throw this.#violation(at, seen, verb);
    if (!this.#places.move(index, seen, to)) throw this.#places.notLive(at);
  }

  #violation(at: Address, seen: number, verb: string): OwnershipError {
    const holder = seen === NOBODY ? undefined : ownerOf(seen);
    const name = holder === undefined ? 'nobody' : this.#nameOf(holder);
    const state = statusOf(seen) === HELD || holder === undefined ? `${name} has it` : `it is offered to ${name}`;
    return new OwnershipError(at, this.#owner, holder, `${this.#nameOf(this.#owner)} ${verb}: ${at}, but ${state}`);
  }
}

/** The word of a place that a party is to accept. */
function offeredTo(owner: Owner): number {
  return heldBy(owner) + GIVING - HELD;
}
