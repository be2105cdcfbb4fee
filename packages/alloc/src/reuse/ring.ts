/**
 * The last N segments stay, and each publication ends the oldest: nobody counts, nobody waits, and nobody retires. A reader that
 * is slower than N publications loses its segment; it finds out at its next read, which never gives the new bytes for the old.
 *
 *   cursor   publications so far; the next takes the place `cursor` modulo N     own line
 *   places   handles; written by exchange, so what one puts in another takes out exactly once
 *
 * A segment takes its place while it is still a draft, so at no step of a publication is a published segment without one:
 * whatever is published and not in its place was displaced, and whoever displaced it is about to end it, or died before it
 * could. A draft that is displaced before it is published ends itself.
 *
 * Progress: wait-free.
 */
import {
  type Address,
  AddressError,
  type Handle,
  type Layout,
  LINE_WORDS,
  layout,
  NO_HANDLE,
  type Owner,
  ownLine,
  type PublishedSegment,
  type ReuseContext,
  type ReuseGround,
  type ReusePolicy,
  rest,
  ValueError,
} from '@pool/core';

const RING: Layout<'cursor' | 'places'> = layout('ring of segments', { cursor: ownLine, places: rest });
const MAX_PLACES = 2 ** 24;

export interface RingOptions {
  /** Words that hold zeros, from `pool.reserve(ringSize(places))`; the same for every thread. */
  readonly base: Address;
  /** How many published segments stay. The table needs more entries than that, for drafts and for what ends. */
  readonly places: number;
}

/** How many words to reserve for a ring. */
export function ringSize(places: number): number {
  if (!(Number.isInteger(places) && places > 0 && places <= MAX_PLACES))
    throw new ValueError(places, `a ring has 1..${MAX_PLACES} places`);
  return RING.size(places);
}

/** A ring of generations: publishing replaces the oldest segment. */
export function ring(options: RingOptions): ReusePolicy {
  return new Ring(options);
}

class Ring implements ReusePolicy {
  readonly name = 'ring';
  readonly stable = false;
  readonly #cursor: Address;
  readonly #first: Address;
  readonly #places: number;
  /** What publications of this thread have displaced and not yet ended: one, or more after publications that failed. */
  readonly #displaced: Handle[] = [];

  constructor({ base, places }: RingOptions) {
    ringSize(places);
    if (!(Number.isInteger(base) && base >= 0) || base % LINE_WORDS !== 0)
      throw new AddressError(base, 0, `a ring of segments (it begins at a multiple of ${LINE_WORDS})`);
    const at = RING.at(base);
    this.#cursor = at.cursor;
    this.#first = at.places;
    this.#places = places;
  }

  publishing(segment: ReuseContext): void {
    const { words, policyWord } = segment;
    const place = words.fetchAddNumber(this.#cursor, 1) % this.#places;
    words.storeNumber(policyWord, place); // published with the segment: recovery looks for it there
    // pairs with load(place) in published(): whoever takes this handle out ends the segment, or leaves it to its writer
    const displaced = words.exchange(this.#place(place), segment.handle) as Handle;
    if (displaced !== NO_HANDLE) this.#displaced.push(displaced);
  }

  published(segment: ReuseContext): void {
    const { words, handle } = segment;
    words.fence(); // between this segment's state and the looks at places and states of others: of two publications, one sees the other
    for (let oldest = this.#displaced.pop(); oldest !== undefined; oldest = this.#displaced.pop()) segment.end(oldest);
    if (!this.#isPlaced(segment)) segment.end(handle);
  }

  acquired(): boolean {
    return true;
  }
  released(): boolean {
    return false;
  }
  retired(): boolean {
    return true;
  }

  recover(_dead: Owner, ground: ReuseGround, published: Iterable<PublishedSegment>): number {
    let ended = 0;
    for (const segment of published) if (!this.#isPlaced(segment) && ground.end(segment.handle)) ended++;
    return ended;
  }

  #isPlaced({ words, policyWord, handle }: ReuseContext): boolean {
    return words.load(this.#place(words.loadNumber(policyWord) % this.#places)) === handle;
  }

  #place(place: number): Address {
    return (this.#first + place) as Address;
  }
}
