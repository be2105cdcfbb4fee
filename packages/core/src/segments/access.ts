/**
 * One party's capability to segments: who it is, and which domains it holds. Handles are plain numbers that anybody can
 * guess, so possession proves nothing; what a party may touch is decided by the domain in the segment's entry. A segment
 * changes hands through a slot that is granted to both sides: swapping it in stamps it with the slot's domain.
 *
 *   draft --write--> draft --publish/swap--> published --acquire, read, release--> published --retire--> (reused)
 *
 * Virtual machines use these handle-by-handle operations; people use `Segments`, which wraps them in drafts and views.
 */
import {
  type Address,
  domain as asDomain,
  type Domain,
  type Handle,
  NO_HANDLE,
  type Slot,
  WORD_BYTES,
} from '../brands.ts';
import { AddressError, SegmentError, ValueError } from '../errors.ts';
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
  metaGeneration,
  metaState,
  PUBLISHED,
  packHandle,
  packMeta,
  packOwner,
  packStamp,
  RETIRED,
  type SegmentTable,
  showHandle,
  stampDomain,
  stateName,
  unpackOwner,
} from './table.ts';

/** What a party may see: these domains, or all of them (the host). */
export type Domains = ReadonlySet<Domain> | 'all';

/** The operations on segments, each checked against the party's domains. Every misuse throws `SegmentError`. */
export interface SegmentAccess {
  /**
   * Takes room for a private draft of `byteLength` bytes; `NO_HANDLE` when there is none. The bytes hold zeros, so that nothing
   * of another domain shows; for a party that holds all domains they hold what was there.
   */
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

/** An entry as one consistent look at it found it. */
interface Found {
  readonly entry: ReturnType<SegmentTable['entry']>;
  readonly state: number;
  readonly stamp: number;
  readonly start: Address;
  readonly byteLength: number;
}

export class CheckedAccess implements SegmentAccess {
  readonly table: SegmentTable;
  readonly storage: Storage;
  readonly reuse: ReusePolicy;
  readonly checked: boolean;
  readonly #words: Words;
  readonly #party: Party;
  readonly #owner: number;
  /** How many words there were when last asked; there are never fewer. */
  #size = 0;

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
    if (!this.#holds(asDomain(domain)))
      throw new SegmentError('foreign', `a draft for domain ${domain}, which is not held here`);
    const index = this.table.pop();
    if (index < 0) return NO_HANDLE;
    const length = Math.max(1, Math.ceil(byteLength / WORD_BYTES));
    const start = this.storage.allocate(length, index);
    if (start === undefined) {
      this.table.push(index);
      return NO_HANDLE;
    }
    // What an earlier segment left there may be another domain's; only who holds them all may find it.
    if (this.#party.domains !== 'all') this.#words.fill(start, length, 0n);
    const entry = this.table.entry(index);
    const generation = metaGeneration(this.#words.loadNumber(entry.meta));
    this.#words.storeNumber(entry.domain, packStamp(generation, domain));
    this.#words.storeNumber(entry.start, start);
    this.#words.storeNumber(entry.words, length);
    this.#words.storeNumber(entry.length, byteLength);
    this.#words.storeNumber(entry.owner, this.#owner);
    this.#words.storeNumber(entry.policy, 0);
    // pairs with load(meta) in #find(): publishes the entry; it is the popper's alone, so a store suffices
    this.#words.storeNumber(entry.meta, packMeta(generation, DRAFT));
    return packHandle(index, generation);
  }

  write(draft: Handle, offset: number, source: Uint8Array): void {
    const segment = this.#open(draft, DRAFT);
    this.#own(draft, segment.entry.owner);
    this.#range(draft, offset, source.byteLength, segment.byteLength);
    this.#words.copyIn(segment.start, source, offset);
  }

  publish(draft: Handle, byteLength?: number): void {
    const { entry, start, byteLength: room } = this.#open(draft, DRAFT);
    this.#own(draft, entry.owner);
    this.#range(draft, 0, byteLength ?? room, room);
    const length = byteLength ?? room;
    if (length !== room) this.#words.storeNumber(entry.length, length);
    if (this.checked) this.#words.storeNumber(entry.check, checksum(this.#words, start, length));
    const generation = handleGeneration(draft);
    // pairs with load(meta) in #find(): publishes the bytes. Compare-exchange, not store: publishing twice at once is found.
    this.#move(draft, packMeta(generation, DRAFT), packMeta(generation, PUBLISHED));
  }

  discard(draft: Handle): void {
    const { entry } = this.#open(draft, DRAFT);
    this.#own(draft, entry.owner);
    const generation = handleGeneration(draft);
    this.#move(draft, packMeta(generation, DRAFT), packMeta(generation, RETIRED));
    this.#reclaim(draft);
  }

  swap(slot: Slot, next: Handle, domain: Domain): Handle {
    if (!this.#holds(asDomain(domain)))
      throw new SegmentError('foreign', `slot ${slot} belongs to domain ${domain}, which is not held here`);
    if (next !== NO_HANDLE) {
      this.#checkSlot(slot); // before anything is done: a swap that fails leaves the segment as it was
      if (this.#find(next).state === DRAFT) this.publish(next);
      this.#restamp(next, domain);
    }
    // Release: publishes the restamped entry (the bytes were published by meta). Acquire: what comes out was put in so.
    return this.#words.exchange(slot as number as Address, next) as Handle;
  }

  acquire(handle: Handle): number {
    const { byteLength } = this.#open(handle, PUBLISHED);
    if (!this.reuse.acquired(this.#context(handle)))
      throw new SegmentError('stale', `segment ${showHandle(handle)} is on its way out`);
    return byteLength;
  }

  read(handle: Handle, offset: number, target: Uint8Array): void {
    const segment = this.#open(handle, PUBLISHED);
    this.#range(handle, offset, target.byteLength, segment.byteLength);
    this.#words.copyOut(segment.start, target, offset);
    this.#words.fence(); // the copy comes before the second look: a reader that lost its segment must find out
    if (this.#words.loadNumber(segment.entry.meta) === packMeta(handleGeneration(handle), PUBLISHED)) return;
    target.fill(0); // what was copied may be the successor's, which this party need not be allowed to see
    throw new SegmentError('stale', `segment ${showHandle(handle)} was retired while it was read`);
  }

  release(handle: Handle): void {
    const segment = this.#open(handle, PUBLISHED);
    const tampered = this.checked && this.#tampered(handle, segment);
    const writer = tampered ? unpackOwner(this.#words.loadNumber(segment.entry.owner)) : undefined;
    if (this.reuse.released(this.#context(handle))) this.#retire(handle);
    if (writer !== undefined)
      throw new SegmentError(
        'tampered',
        `segment ${showHandle(handle)} was written to after owner ${writer.id} (generation ${writer.generation}) published it`,
      );
  }

  retire(handle: Handle): void {
    this.#open(handle, PUBLISHED);
    if (this.reuse.retired(this.#context(handle))) this.#retire(handle);
  }

  /** What a handle refers to now. @throws {SegmentError} if it is stale or foreign */
  state(handle: Handle): ReturnType<typeof stateName> {
    return stateName(this.#find(handle).state);
  }

  /** Where the bytes of a draft of one's own, or of a published segment, begin, and how many there are. */
  locate(
    handle: Handle,
    state: typeof DRAFT | typeof PUBLISHED,
  ): { readonly start: Address; readonly byteLength: number } {
    const segment = this.#open(handle, state);
    if (state === DRAFT) this.#own(handle, segment.entry.owner);
    return segment;
  }

  /**
   * One consistent look at an entry. Its words change while nobody holds a handle to it, so reading them between two equal
   * readings of `meta` gives words that belong together and to this handle (a sequence lock, with `meta` as the sequence;
   * Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", MSPC 2012).
   */
  #find(handle: Handle): Found {
    if (typeof handle !== 'bigint' || BigInt.asUintN(64, handle) !== handle)
      throw new ValueError(handle, 'a handle is a bigint of 0..2^64-1');
    const entry = this.table.entry(handleIndex(handle));
    const generation = handleGeneration(handle);
    let meta = this.#words.loadNumber(entry.meta); // pairs with store(meta) in draft(), and the exchanges in publish() and retire()
    for (;;) {
      const stamp = this.#words.loadNumber(entry.domain);
      const start = this.#words.loadNumber(entry.start);
      const byteLength = this.#words.loadNumber(entry.length);
      const again = this.#words.loadNumber(entry.meta);
      const state = metaState(again);
      if (metaGeneration(again) !== generation || state === FREE)
        throw new SegmentError('stale', `segment ${showHandle(handle)} is no more`);
      // A generation sees at most three states, so this turns at most three times.
      if (again !== meta) {
        meta = again;
        continue;
      }
      if (!this.#holds(stampDomain(stamp)))
        throw new SegmentError('foreign', `segment ${showHandle(handle)} belongs to a domain that is not held here`);
      return { entry, state, stamp, start: start as Address, byteLength };
    }
  }

  #open(handle: Handle, state: number): Found {
    const found = this.#find(handle);
    if (found.state !== state)
      throw new SegmentError(
        'state',
        `segment ${showHandle(handle)} is ${stateName(found.state)}, and this needs one that is ${stateName(state)}`,
      );
    return found;
  }

  /**
   * Passes a published segment on to a domain. Compare-exchange on a stamp that carries the generation, not a store: if the
   * segment is retired under this call and its entry drafted anew, a store would hand the successor to this party.
   */
  #restamp(handle: Handle, domain: Domain): void {
    const replacement = packStamp(handleGeneration(handle), domain);
    for (;;) {
      const { entry, stamp } = this.#open(handle, PUBLISHED);
      if (stamp === replacement) return;
      if (this.#words.compareExchangeNumber(entry.domain, stamp, replacement) === stamp) return;
    }
  }

  #tampered(handle: Handle, { entry, start, byteLength }: Found): boolean {
    if (checksum(this.#words, start, byteLength) === this.#words.loadNumber(entry.check)) return false;
    this.#words.fence();
    this.#open(handle, PUBLISHED); // a segment retired under its reader was not tampered with: it is stale
    return true;
  }

  #checkSlot(slot: number): void {
    if (slot >>> 0 === slot && slot < this.#size) return;
    this.#size = this.#words.size;
    if (slot >>> 0 !== slot || slot >= this.#size) throw new AddressError(slot, this.#size);
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
        `segment ${showHandle(handle)} left the state ${stateName(metaState(from))} under this call: two parties ended it at once`,
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

  #holds(domain: Domain): boolean {
    return this.#party.domains === 'all' || this.#party.domains.has(domain);
  }
}
