/**
 * A row a thread: the names by which locks, drafts and reservations say whose they are. A row is claimed by `attach` and
 * given back by `detach`; a thread that dies leaves its row live, and whoever learns of the death marks it dead, recovers
 * what stood in its name, and frees the row. The generation in the row makes a dead thread's name different from its
 * successor's in the same row.
 *
 *   state       { generation: 32, status: 2 }; written by compare-exchange only: by its claimer, its owner, or the host
 *   heartbeat   counts up while the owner lives; written by the owner, read by whoever watches
 */
import type { Address, OwnerId } from '../brands.ts';
import { ExhaustedError, ValueError } from '../errors.ts';
import { type Layout, LINE_WORDS, layout, words as several, word } from '../layout.ts';
import type { Owner } from '../owner.ts';
import type { Words } from '../words.ts';

/** One row, exactly one line, so that no two threads' heartbeats share one. */
export const OWNER_ROW: Layout<'state' | 'heartbeat' | 'reserved'> = layout('owner row', {
  state: word,
  heartbeat: word,
  reserved: several(LINE_WORDS - 2),
});

const STATUSES = ['free', 'live', 'dead'] as const;
export type OwnerStatus = (typeof STATUSES)[number];
const FREE = 0;
const LIVE = 1;
const DEAD = 2;
const STATUS_RADIX = 4;
const GENERATIONS = 2 ** 32;

export interface OwnerRow extends Owner {
  readonly status: OwnerStatus;
  /** How often the owner has called `beat`; compare two readings to see whether it still runs. */
  readonly heartbeat: number;
}

export class OwnerTable {
  readonly #words: Words;
  readonly #base: Address;
  /** How many threads can be attached at once. */
  readonly rows: number;

  constructor(words: Words, base: Address, rows: number) {
    this.#words = words;
    this.#base = base;
    this.rows = rows;
  }

  /** Takes a free row. @throws {ExhaustedError} when every row is taken */
  claim(): Owner {
    for (let id = 0; id < this.rows; id++) {
      const { state, heartbeat } = this.#at(id);
      const seen = this.#words.loadNumber(state); // pairs with the compare-exchange in release(): the row's last owner is gone
      if (seen % STATUS_RADIX !== FREE) continue;
      const generation = (Math.floor(seen / STATUS_RADIX) + 1) % GENERATIONS || 1; // never 0, so that no packed owner is 0
      // Compare-exchange, not store: two threads may have seen the same free row.
      if (this.#words.compareExchangeNumber(state, seen, generation * STATUS_RADIX + LIVE) !== seen) continue;
      this.#words.storeNumber(heartbeat, 0);
      return { id: id as OwnerId, generation };
    }
    throw new ExhaustedError(
      `all ${this.rows} owner rows of this pool are taken: create it with more \`owners\`, or detach threads that are done`,
    );
  }

  /** Says that a thread is dead, so that others stop waiting for it. Returns whether this call changed its status. */
  markDead(owner: Owner): boolean {
    return this.#move(owner, LIVE, DEAD);
  }

  /** Frees the row of a live owner that leaves in good order. */
  release(owner: Owner): boolean {
    return this.#move(owner, LIVE, FREE);
  }

  /** Frees the row of a dead owner, once all that stood in its name is recovered. */
  bury(owner: Owner): boolean {
    return this.#move(owner, DEAD, FREE);
  }

  /** Whether this very owner, not a successor in its row, is attached and not marked dead. */
  isLive(owner: Owner): boolean {
    return this.#words.loadNumber(this.#at(owner.id).state) === owner.generation * STATUS_RADIX + LIVE;
  }

  /** Says that the owner still runs. */
  beat(owner: Owner): void {
    this.#words.fetchAddNumber(this.#at(owner.id).heartbeat, 1);
  }

  /** Every row, as it was a moment ago. */
  list(): OwnerRow[] {
    return Array.from({ length: this.rows }, (_, id) => this.read(id as OwnerId));
  }

  /** One row, as it was a moment ago. @throws {ValueError} for an id that is no row */
  read(id: OwnerId): OwnerRow {
    const { state, heartbeat } = this.#at(id);
    const seen = this.#words.loadNumber(state);
    return {
      id,
      generation: Math.floor(seen / STATUS_RADIX),
      status: STATUSES[seen % STATUS_RADIX] ?? 'dead',
      heartbeat: this.#words.loadNumber(heartbeat),
    };
  }

  #move(owner: Owner, from: number, to: number): boolean {
    const { state } = this.#at(owner.id);
    const expected = owner.generation * STATUS_RADIX + from;
    // Exclusive: of several threads that bury one owner, one succeeds.
    return this.#words.compareExchangeNumber(state, expected, owner.generation * STATUS_RADIX + to) === expected;
  }

  #at(id: number): { readonly state: Address; readonly heartbeat: Address } {
    if (!(Number.isInteger(id) && id >= 0 && id < this.rows))
      throw new ValueError(id, `the owner table has the rows 0..${this.rows - 1}`);
    return OWNER_ROW.at((this.#base + id * LINE_WORDS) as Address);
  }
}
