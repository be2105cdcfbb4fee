/**
 * One party's capability to segments: who it is, and which domains it holds. Handles are plain numbers that anybody can
 * guess, so possession proves nothing; what a party may touch is decided by the domain in the segment's entry. A segment
 * changes hands through a slot that is granted to both sides: swapping it in stamps it with the slot's domain.
 *
 *   draft --write--> draft --publish/swap--> published --acquire, read, release--> published --retire--> (reused)
 *
 * Virtual machines use these handle-by-handle operations; people use `Segments`, which wraps them in drafts and views.
 */
import { type Address, type Domain, type Handle, NO_HANDLE, type Slot, WORD_BYTES } from '../brands.ts';
import { SegmentError, ValueError } from '../errors.ts';
import type { Owner } from '../owner.ts';
import type { ReuseContext, ReusePolicy } from '../reuse-policy.ts';
import type { Storage } from '../storage.ts';
import type { Words } from '../words.ts';
import { checksum } from './checksum.ts';
import {
  DRAFT,
  FREE,
  handleGeneration,
  handleIndex,
  PUBLISHED,
  packHandle,
  packMeta,
  packOwner,
  RETIRED,
  type SegmentTable,
  showHandle,
  stateName,
  unpackOwner,
} from './table.ts';

/** What a party may see: these domains, or all of them (the host). */
export type Domains = ReadonlySet<Domain> | 'all';

/** The operations on segments, each checked against the party's domains. Every misuse throws `SegmentError`. */
export interface SegmentAccess {
  /** Takes room for a private draft of `byteLength` bytes; `NO_HANDLE` when there is none. What the bytes hold is undefined. */
  draft(byteLength: number, domain: Domain): Handle;
  /** Copies `source` into a draft of one's own, from byte `offset` on. */
  write(draft: Handle, offset: number, source: Uint8Array): void;
  /** Makes a draft of one's own readable to all who hold its domain, shortened to `byteLength` if given. No writes from here on. */
  publish(draft: Handle, byteLength?: number): void;
  /** Gives a draft of one's own back unpublished. */
  discard(draft: Handle): void;
  /**
   * Puts `next` into a slot and returns what was there. `next` belongs to `domain`, the slot's, from then on; a draft of one's
   * own is published by it. Release on what is put in, Acquire on what is taken out.
   */
  swap(slot: Slot, next: Handle, domain: Domain): Handle;
  /** Begins reading; returns the length in bytes. */
  acquire(handle: Handle): number;
  /** Copies bytes out, from `offset` on, and makes sure that the segment was not reused meanwhile. */
  read(handle: Handle, offset: number, target: Uint8Array): void;
  /** Ends reading. In checked mode compares the bytes with what was published. */
  release(handle: Handle): void;
  /** Says that the segment has served; the reuse policy decides when its bytes are written again. */
  retire(handle: Handle): void;
}

export interface Party {
  readonly owner: Owner;
  readonly domains: Domains;
}

export class CheckedAccess implements SegmentAccess {
  readonly table: SegmentTable;
  readonly storage: Storage;
  readonly reuse: ReusePolicy;
  readonly checked: boolean;
  readonly #words: Words;
  readonly #party: Party;
  readonly #owner: number;

  constructor(table: SegmentTable, storage: Storage, reuse: ReusePolicy, checked: boolean, party: Party) {
    this.table = table;
    this.storage = storage;
    this.reuse = reuse;
    this.checked = checked;
    this.#words = table.words;
    this.#party = party;
    this.#owner = packOwner(party.owner);
  }

  draft(byteLength: number, domain: Domain): Handle {
    if (!(Number.isSafeInteger(byteLength) && byteLength >= 0))
      throw new ValueError(byteLength, 'a segment has a whole number of bytes');
    if (!this.#holds(domain)) throw new SegmentError('foreign', `a draft for domain ${domain}, which is not held here`);
    const index = this.table.pop();
    if (index < 0) return NO_HANDLE;
    const length = Math.max(1, Math.ceil(byteLength / WORD_BYTES));
    const start = this.storage.allocate(length, index);
    if (start === undefined) {
      this.table.push(index);
      return NO_HANDLE;
    }
    const entry = this.table.entry(index);
    const generation = Math.floor(this.#words.loadNumber(entry.meta) / 8);
    this.#words.storeNumber(entry.domain, domain);
    this.#words.storeNumber(entry.start, start);
    this.#words.storeNumber(entry.words, length);
    this.#words.storeNumber(entry.length, byteLength);
    this.#words.storeNumber(entry.owner, this.#owner);
    this.#words.storeNumber(entry.policy, 0);
    // pairs with load(meta) in #open(): publishes the entry; it is the popper's alone, so a store suffices
    this.#words.storeNumber(entry.meta, packMeta(generation, DRAFT));
    return packHandle(index, generation);
  }

  write(draft: Handle, offset: number, source: Uint8Array): void {
    const entry = this.#open(draft, DRAFT);
    this.#own(draft, entry.owner);
    this.#range(draft, offset, source.byteLength, this.#words.loadNumber(entry.length));
    this.#words.copyIn(this.#words.loadNumber(entry.start) as Address, source, offset);
  }

  publish(draft: Handle, byteLength?: number): void {
    const entry = this.#open(draft, DRAFT);
    this.#own(draft, entry.owner);
    if (byteLength !== undefined) {
      this.#range(draft, 0, byteLength, this.#words.loadNumber(entry.length));
      this.#words.storeNumber(entry.length, byteLength);
    }
    if (this.checked) this.#words.storeNumber(entry.check, this.#sum(draft));
    const generation = handleGeneration(draft);
    // pairs with load(meta) in #open(): publishes the bytes. Compare-exchange, not store: publishing twice at once is found.
    this.#move(draft, packMeta(generation, DRAFT), packMeta(generation, PUBLISHED));
  }

  discard(draft: Handle): void {
    const entry = this.#open(draft, DRAFT);
    this.#own(draft, entry.owner);
    const generation = handleGeneration(draft);
    this.#move(draft, packMeta(generation, DRAFT), packMeta(generation, RETIRED));
    this.#reclaim(draft);
  }

  swap(slot: Slot, next: Handle, domain: Domain): Handle {
    if (!this.#holds(domain))
      throw new SegmentError('foreign', `slot ${slot} belongs to domain ${domain}, which is not held here`);
    if (next !== NO_HANDLE) {
      if (this.state(next) === 'draft') this.publish(next);
      const entry = this.#open(next, PUBLISHED);
      this.#words.storeNumber(entry.domain, domain);
    }
    // Release: publishes the restamped entry (the bytes were published by meta). Acquire: what comes out was put in so.
    return this.#words.exchange(slot as number as Address, next) as Handle;
  }

  acquire(handle: Handle): number {
    const entry = this.#open(handle, PUBLISHED);
    if (!this.reuse.acquired(this.#context(handle)))
      throw new SegmentError('stale', `segment ${showHandle(handle)} is on its way out`);
    return this.#words.loadNumber(entry.length);
  }

  read(handle: Handle, offset: number, target: Uint8Array): void {
    const entry = this.#open(handle, PUBLISHED);
    this.#range(handle, offset, target.byteLength, this.#words.loadNumber(entry.length));
    this.#words.copyOut(this.#words.loadNumber(entry.start) as Address, target, offset);
    this.#words.fence(); // the copy comes before the second look: a reader that lost its segment must find out
    this.#open(handle, PUBLISHED);
  }

  release(handle: Handle): void {
    const entry = this.#open(handle, PUBLISHED);
    if (this.checked && this.#words.loadNumber(entry.check) !== this.#sum(handle)) {
      const writer = unpackOwner(this.#words.loadNumber(entry.owner));
      throw new SegmentError(
        'tampered',
        `segment ${showHandle(handle)} was written to after owner ${writer.id} (generation ${writer.generation}) published it`,
      );
    }
    if (this.reuse.released(this.#context(handle))) this.#retire(handle);
  }

  retire(handle: Handle): void {
    this.#open(handle, PUBLISHED);
    if (this.reuse.retired(this.#context(handle))) this.#retire(handle);
  }

  /** What a handle refers to now. @throws {SegmentError} if it is stale or foreign */
  state(handle: Handle): ReturnType<typeof stateName> {
    return stateName(this.#words.loadNumber(this.#find(handle).meta));
  }

  /** Where the bytes of a draft of one's own, or of a published segment, begin, and how many there are. */
  locate(
    handle: Handle,
    state: typeof DRAFT | typeof PUBLISHED,
  ): { readonly start: Address; readonly byteLength: number } {
    const entry = this.#open(handle, state);
    if (state === DRAFT) this.#own(handle, entry.owner);
    return { start: this.#words.loadNumber(entry.start) as Address, byteLength: this.#words.loadNumber(entry.length) };
  }

  #find(handle: Handle): ReturnType<SegmentTable['entry']> {
    if (typeof handle !== 'bigint' || BigInt.asUintN(64, handle) !== handle)
      throw new ValueError(handle, 'a handle is a bigint of 0..2^64-1');
    const entry = this.table.entry(handleIndex(handle));
    const meta = this.#words.loadNumber(entry.meta); // pairs with store(meta) in draft(), and the exchanges in publish() and retire()
    if (Math.floor(meta / 8) !== handleGeneration(handle) || meta % 8 === FREE)
      throw new SegmentError('stale', `segment ${showHandle(handle)} is no more`);
    if (!this.#holds(this.#words.loadNumber(entry.domain) as Domain))
      throw new SegmentError('foreign', `segment ${showHandle(handle)} belongs to a domain that is not held here`);
    return entry;
  }

  #open(handle: Handle, state: number): ReturnType<SegmentTable['entry']> {
    const entry = this.#find(handle);
    const meta = this.#words.loadNumber(entry.meta);
    if (meta !== packMeta(handleGeneration(handle), state)) {
      if (Math.floor(meta / 8) !== handleGeneration(handle))
        throw new SegmentError('stale', `segment ${showHandle(handle)} is no more`);
      throw new SegmentError(
        'state',
        `segment ${showHandle(handle)} is ${stateName(meta)}, and this needs one that is ${stateName(state)}`,
      );
    }
    return entry;
  }

  #own(draft: Handle, owner: Address): void {
    if (this.#words.loadNumber(owner) !== this.#owner)
      throw new SegmentError('foreign', `draft ${showHandle(draft)} is another thread's`);
  }

  #range(handle: Handle, offset: number, count: number, length: number): void {
    if (
      !(
        Number.isSafeInteger(offset) &&
        offset >= 0 &&
        Number.isSafeInteger(count) &&
        count >= 0 &&
        offset + count <= length
      )
    )
      throw new SegmentError(
        'range',
        `bytes ${offset}..${offset + count} of segment ${showHandle(handle)}, which has ${length}`,
      );
  }

  #move(handle: Handle, from: number, to: number): void {
    if (this.#words.compareExchangeNumber(this.table.entry(handleIndex(handle)).meta, from, to) !== from)
      throw new SegmentError(
        'state',
        `segment ${showHandle(handle)} left the state ${stateName(from)} under this call: two parties ended it at once`,
      );
  }

  #retire(handle: Handle): void {
    const generation = handleGeneration(handle);
    // Compare-exchange: of two parties that retire one segment, one succeeds and the other is told.
    this.#move(handle, packMeta(generation, PUBLISHED), packMeta(generation, RETIRED));
    this.#reclaim(handle);
  }

  /** From RETIRED, which is this caller's alone, to free: bytes first, then the generation, then the stack. */
  #reclaim(handle: Handle): void {
    const index = handleIndex(handle);
    const entry = this.table.entry(index);
    this.storage.free(this.#words.loadNumber(entry.start) as Address, index);
    this.#words.storeNumber(entry.meta, packMeta(this.table.following(handleGeneration(handle)), FREE));
    this.table.push(index);
  }

  #context(handle: Handle): ReuseContext {
    return { words: this.#words, policyWord: this.table.entry(handleIndex(handle)).policy, owner: this.#party.owner };
  }

  #sum(handle: Handle): number {
    const entry = this.table.entry(handleIndex(handle));
    return checksum(this.#words, this.#words.loadNumber(entry.start) as Address, this.#words.loadNumber(entry.length));
  }

  #holds(domain: Domain): boolean {
    return this.#party.domains === 'all' || this.#party.domains.has(domain);
  }
}
