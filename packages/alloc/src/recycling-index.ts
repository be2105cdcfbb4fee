/**
 * Small integers that come back: "get an index from the queue, or use that one" (from a counter that only grows). Indices rest
 * as long as possible before they serve again, since the queue hands out first what was given back first; and while fewer are
 * out at once than there are, the counter stays low, so tables that are indexed by them stay dense. See internal/owned-ring.ts.
 *
 *   magic, limit, owners   constant
 *   fresh                  indices from here on were never used            own line
 *   head, tail             the queue's                                     own lines
 *   rest                   a line an owner, a word an index, a word a cell
 *
 * Progress: take, give and transfer are lock-free and O(1). recover, taken look at every index that was ever used.
 */
import {
  type Address,
  AttachError,
  type Layout,
  LINE_WORDS,
  layout,
  type Owner,
  ownLine,
  rest,
  roundUp,
  ValueError,
  type Words,
  word,
} from '@pool/core';
import { mayAnswer, mayBeRecovered } from './internal/answering.ts';
import { whole } from './internal/checks.ts';
import { HolderTable } from './internal/holder-table.ts';
import { HELD, NOBODY, ownerOf, REFERENCE_RADIX, Rows, statusOf } from './internal/holders.ts';
import { OwnedRing } from './internal/owned-ring.ts';

type RecyclingIndexField = 'magic' | 'limit' | 'owners' | 'fresh' | 'head' | 'tail' | 'rest';

export const RECYCLING_INDEX: Layout<RecyclingIndexField> = layout('recycling index', {
  magic: word,
  limit: word,
  owners: word,
  fresh: ownLine,
  head: ownLine,
  tail: ownLine,
  rest,
});

/** "recyc" and a version, read as a little-endian word. */
const MAGIC = 0x01_63_79_63_65_72n;
const MAX_OWNERS = 2 ** 16;
const MAX_LIMIT: number = REFERENCE_RADIX / 2;

/** Plain data. */
export interface RecyclingIndexOptions {
  /** The indices are 0..limit-1; at most 2^23. */
  readonly limit: number;
  /** How many owners may use it: the pool's `owners.rows`. Default: 64. */
  readonly owners?: number;
}

interface Plan {
  readonly limit: number;
  readonly owners: number;
  readonly ring: number;
  /** Words from the beginning to the holders, and to the cells. */
  readonly holdersAt: number;
  readonly cellsAt: number;
  readonly size: number;
}

function plan({ limit, owners = 64 }: RecyclingIndexOptions): Plan {
  const ring = 2 ** (32 - Math.clz32(whole(limit, MAX_LIMIT, '`limit`') - 1));
  const holdersAt = RECYCLING_INDEX.offsets.rest + Rows.size(whole(owners, MAX_OWNERS, '`owners`'));
  const cellsAt = holdersAt + roundUp(limit, LINE_WORDS);
  return { limit, owners, ring, holdersAt, cellsAt, size: cellsAt + roundUp(ring, LINE_WORDS) };
}

export class RecyclingIndex {
  /** The indices are 0..limit-1. */
  readonly limit: number;
  /** What other threads attach with: where it stands. */
  readonly handle: Address;
  readonly #holders: HolderTable;
  readonly #words: Words;
  readonly #ring: OwnedRing;
  readonly #owners: number;

  private constructor(words: Words, base: Address, planned: Plan, owner: Owner) {
    const { fresh, head, tail, rest: rows } = RECYCLING_INDEX.at(base);
    this.limit = planned.limit;
    this.handle = base;
    this.#words = words;
    this.#owners = planned.owners;
    const own = new Rows(words, rows, planned.owners, owner);
    this.#holders = new HolderTable(
      words,
      { fresh, holders: (base + planned.holdersAt) as Address, stride: 1 },
      planned.limit,
    );
    const cells = (base + planned.cellsAt) as Address;
    this.#ring = new OwnedRing(words, { head, tail, cells, ring: planned.ring }, this.#holders, own);
    own.enter();
  }

  /** How many words to reserve. @throws {ValueError} for numbers that are no positive integers or too large */
  static size(options: RecyclingIndexOptions): number {
    return plan(options).size;
  }

  /** Lays it into words that are the caller's own, with every index free. */
  static create(words: Words, base: Address, options: RecyclingIndexOptions, owner: Owner): RecyclingIndex {
    const planned = plan(options);
    const at = RECYCLING_INDEX.at(base);
    words.fill(base, planned.size, 0n);
    words.storeNumber(at.limit, planned.limit);
    words.storeNumber(at.owners, planned.owners);
    words.store(at.magic, MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new RecyclingIndex(words, base, planned, owner);
  }

  /** The one that stands at `handle`, for `owner`. @throws {AttachError} if none does */
  static attach(words: Words, handle: Address, owner: Owner): RecyclingIndex {
    const at = RECYCLING_INDEX.at(handle);
    const magic = words.load(at.magic); // pairs with store(magic) in create()
    if (magic !== MAGIC) throw new AttachError(`no recycling index of this version stands at ${handle}`);
    const planned = plan({ limit: words.loadNumber(at.limit), owners: words.loadNumber(at.owners) });
    return new RecyclingIndex(words, handle, planned, owner);
  }

  /** Takes an index in this owner's name; -1 when all are taken. */
  take(): number {
    return this.#ring.take();
  }

  /** Gives an index back. @throws {ValueError} if nobody has it */
  give(index: number): void {
    if (!this.#known(index) || !this.#ring.give(index)) throw notTaken(index);
  }

  /** From now on `to` answers for the index. @throws {ValueError} if nobody has it */
  transfer(index: number, to: Owner): void {
    mayAnswer(this.#words, to, this.#owners);
    if (!this.#holders.handOver(index, this.#taken(index), to)) throw notTaken(index);
  }

  /** Who has an index, if somebody does. */
  holder(index: number): Owner | undefined {
    const holder = this.#known(index) ? this.#holders.load(index) : NOBODY;
    return statusOf(holder) === HELD ? ownerOf(holder) : undefined;
  }

  /** How many indices are taken. */
  get taken(): number {
    return this.#holders.live();
  }

  /** Frees what a dead owner left, and returns how many indices that were. Idempotent. @throws {ValueError} for a live owner of the pool */
  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    return this.#ring.recover(owner);
  }

  #taken(index: number): number {
    const holder = this.#known(index) ? this.#holders.load(index) : NOBODY;
    if (statusOf(holder) !== HELD) throw notTaken(index);
    return holder;
  }

  #known(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.limit;
  }
}

function notTaken(index: number): ValueError {
  return new ValueError(index, 'no index that is taken');
}
