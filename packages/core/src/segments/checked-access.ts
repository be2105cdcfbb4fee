/**
 * The operations on segments, on the words of the table. Every operation begins with one consistent look at the entry; it leaves
 * what it found in the fields below, which the operations, drafts and views of this party use: a segment's life is a dozen
 * operations of some tens of nanoseconds, and an object for each look would cost as much as the look.
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
import { type Mapping, mappingOf } from '../internal/mapped.ts';
import type { Words } from '../words.ts';
import type { Party, SegmentAccess } from './access.ts';
import { checksum } from './checksum.ts';
import { Context } from './context.ts';
import { endSegment } from './ending.ts';
import type { Ground } from './ground.ts';
import { HandleParts, packHandle, showHandle } from './handle.ts';
import {
  CLAIMED,
  DRAFT,
  metaGeneration,
  metaState,
  PUBLISHED,
  packMeta,
  packOwner,
  packStamp,
  SEGMENT_ENTRY,
  SEGMENT_TABLE_OWNER,
  stampDomain,
  stateName,
  unpackOwner,
} from './table.ts';

const { meta: META, domain: DOMAIN, start: START, length: LENGTH, check: CHECK, owner: OWNER } = SEGMENT_ENTRY.offsets;

/**
 * A thread's drafts begin their search for a free entry at this many places in turn. The segment that a reader has just given
 * back lies in that reader's cache, and writing it costs twice as much as writing one that was given back a while ago.
 */
const ROTATION = 4;

export class CheckedAccess implements SegmentAccess {
  /** How views reach bytes in place; undefined where they cannot. */
  readonly mapping: Mapping | undefined;
  /** Whether the bytes stay while they are acquired; if not, `verify` tells after reading. */
  readonly stable: boolean;

  // What the last look found.
  /** The meta word of the entry, and what it holds. */
  metaAt: Address = 0 as Address;
  meta = 0;
  start: Address = 0 as Address;
  byteLength = 0;
  #entry = 0;
  #stamp = 0;
  readonly #parts = new HandleParts();

  readonly #ground: Ground;
  readonly #words: Words;
  readonly #party: Party;
  readonly #owner: number;
  readonly #context: Context;
  /** Where the search for a free entry begins: threads have places of their own, as long as the storage has room for every entry. */
  #home: number;
  #rotation = ROTATION;
  #turn = 0;
  /** How many words there were when last asked; there are never fewer. */
  #size = 0;

  constructor(ground: Ground, party: Party) {
    this.#ground = ground;
    this.#words = ground.table.words;
    this.#party = party;
    this.#owner = packOwner(party.owner);
    this.#context = new Context(ground, party.owner);
    this.#home = ground.table.entries > 0 ? (party.owner.id * ROTATION) % ground.table.entries : 0;
    this.mapping = mappingOf(this.#words);
    this.stable = ground.reuse.stable;
  }

  get words(): Words {
    return this.#words;
  }

  draft(byteLength: number, domain: Domain): Handle {
    if (!(Number.isSafeInteger(byteLength) && byteLength >= 0))
      throw new ValueError(byteLength, 'a segment has a whole number of bytes');
    if (!this.#holds(asDomain(domain)))
      throw new SegmentError('foreign', `a draft for domain ${domain}, which is not held here`);
    const words = this.#words;
    const length = Math.max(1, Math.ceil(byteLength / WORD_BYTES));
    // Asked here and not left to the storage: what a program asks for is a stranger's number, and storages are people's own.
    if (!(length <= this.#ground.storage.largest)) return NO_HANDLE;
    let index = this.#claimWithRoom(length);
    if (index < 0) {
      // Segments that nobody needs any more may have their room still.
      if (!this.#ground.reuse.exhausted?.(this.#context)) return NO_HANDLE;
      index = this.#claimWithRoom(length);
      if (index < 0) return NO_HANDLE;
    }
    const { start } = this;
    const entry = this.#ground.table.entry(index);
    const metaAt = (entry + META) as Address;
    const generation = metaGeneration(words.loadNumber(metaAt));
    // What an earlier segment left there may be another domain's; only who holds them all may find it.
    if (this.#party.domains !== 'all') words.fill(start, length, 0n);
    words.storeNumber((entry + DOMAIN) as Address, packStamp(generation, domain));
    // Often the same as before, and a load costs half as much as a store.
    if (words.loadNumber((entry + LENGTH) as Address) !== byteLength)
      words.storeNumber((entry + LENGTH) as Address, byteLength);
    if (words.loadNumber((entry + OWNER) as Address) !== this.#owner)
      words.storeNumber((entry + OWNER) as Address, this.#owner);
    // pairs with load(meta) in #find(): publishes the entry; it is this thread's alone, so a store suffices
    words.storeNumber(metaAt, packMeta(generation, DRAFT, this.#party.owner.id));
    this.byteLength = byteLength;
    return packHandle(index, generation);
  }

  write(draft: Handle, offset: number, source: Uint8Array): void {
    this.#open(draft, DRAFT);
    const { byteLength } = source; // once: it grows where the array is of a buffer that another thread grows
    this.#range(draft, offset, byteLength);
    this.#words.copyIn(this.start, source, offset, byteLength);
  }

  publish(draft: Handle, byteLength?: number): void {
    this.#open(draft, DRAFT);
    this.#publish(draft, byteLength ?? this.byteLength);
  }

  discard(draft: Handle): void {
    this.#open(draft, DRAFT);
    if (!endSegment(this.#ground, this.#parts.index, this.meta, this.#party.owner)) this.#overtaken(draft);
  }

  swap(slot: Slot, next: Handle, domain: Domain): Handle {
    if (!this.#holds(asDomain(domain)))
      throw new SegmentError('foreign', `slot ${slot} belongs to domain ${domain}, which is not held here`);
    if (next !== NO_HANDLE) {
      this.#checkSlot(slot); // before anything is done: a swap that fails leaves the segment as it was
      if (this.#find(next) === DRAFT) {
        this.#own(next);
        this.#publish(next, this.byteLength);
      }
      this.#restamp(next, domain);
    }
    // Release: publishes the restamped entry (the bytes were published by meta). Acquire: what comes out was put in so.
    return this.#words.exchange(slot as number as Address, next) as Handle;
  }

  acquire(handle: Handle): number {
    this.#open(handle, PUBLISHED);
    const { byteLength } = this;
    if (!this.#ground.reuse.acquired(this.#context.of(this.#parts.index, this.#parts.generation, this.#entry)))
      throw new SegmentError('stale', `segment ${showHandle(handle)} is on its way out`);
    return byteLength;
  }

  read(handle: Handle, offset: number, target: Uint8Array): void {
    this.#open(handle, PUBLISHED);
    const { byteLength } = target; // as in write()
    this.#range(handle, offset, byteLength);
    this.#words.copyOut(this.start, target, offset, byteLength);
    if (this.verify(this.metaAt, this.meta)) return;
    target.fill(0); // what was copied may be the successor's, which this party need not be allowed to see
    throw new SegmentError('stale', `segment ${showHandle(handle)} ended while it was read`);
  }

  /** Whether an entry is still as it was when its bytes were found: to be asked after they were read. */
  verify(metaAt: Address, meta: number): boolean {
    this.#words.fence(); // the reading comes before the second look: a reader that lost its segment must find out
    return this.#words.loadNumber(metaAt) === meta;
  }

  release(handle: Handle): void {
    if (!this.stable && !this.#lives(handle)) return; // whatever was read of it was whole, or else told
    this.#open(handle, PUBLISHED);
    const { index } = this.#parts;
    const { meta } = this;
    const tampered = this.#ground.checked && this.#tampered(handle);
    const writer = tampered ? unpackOwner(this.#words.loadNumber((this.#entry + OWNER) as Address)) : undefined;
    if (this.#ground.reuse.released(this.#context.of(this.#parts.index, this.#parts.generation, this.#entry)))
      this.#end(handle, index, meta);
    if (writer !== undefined)
      throw new SegmentError(
        'tampered',
        `segment ${showHandle(handle)} was written to after owner ${writer.id} (generation ${writer.generation}) published it`,
      );
  }

  retire(handle: Handle): void {
    this.#open(handle, PUBLISHED);
    const { index } = this.#parts;
    const { meta } = this;
    if (this.#ground.reuse.retired(this.#context.of(this.#parts.index, this.#parts.generation, this.#entry)))
      this.#end(handle, index, meta);
  }

  /** Claims a free entry and takes room for it, which is `start` then; -1 when there is no entry or no room. */
  #claimWithRoom(length: number): number {
    const from = this.#home + this.#turn;
    this.#turn = (this.#turn + 1) % this.#rotation;
    const index = this.#claimFrom(from, length);
    if (index >= 0 || from === 0) return index;
    // A static storage may have room for the first entries only; then the places of one's own are of no use.
    const first = this.#claimFrom(0, length);
    if (first >= 0) {
      this.#home = 0;
      this.#turn = 0;
      this.#rotation = 1;
    }
    return first;
  }

  #claimFrom(from: number, length: number): number {
    const { table, storage } = this.#ground;
    const { owner } = this.#party;
    const index = table.claim(owner, from);
    if (index < 0) return index;
    const start = storage.allocate(length, index);
    if (start === undefined) {
      table.give(index, metaGeneration(this.#words.loadNumber(table.meta(index))));
      return -1;
    }
    // First the entry names the room, then the table answers for it: until then the storage has it in this owner's name.
    this.#words.storeNumber((table.entry(index) + START) as Address, start);
    storage.transfer?.(start, SEGMENT_TABLE_OWNER);
    this.start = start;
    return index;
  }

  /** From a draft of one's own, which was just looked at, to published. */
  #publish(draft: Handle, byteLength: number): void {
    this.#range(draft, 0, byteLength);
    const words = this.#words;
    const { checked, reuse } = this.#ground;
    const { metaAt, meta, start } = this;
    const entry = this.#entry;
    if (byteLength !== this.byteLength) words.storeNumber((entry + LENGTH) as Address, byteLength);
    if (checked) words.storeNumber((entry + CHECK) as Address, checksum(words, start, byteLength));
    reuse.publishing?.(this.#context.of(this.#parts.index, this.#parts.generation, entry));
    // pairs with load(meta) in #find(): publishes the bytes. Compare-exchange, not store: publishing twice at once is found.
    const published = packMeta(this.#parts.generation, PUBLISHED);
    if (words.compareExchangeNumber(metaAt, meta, published) !== meta) this.#overtaken(draft);
    this.meta = published;
    reuse.published?.(this.#context.of(this.#parts.index, this.#parts.generation, entry));
  }

  /**
   * One consistent look at an entry; returns its state. Its words change while nobody holds a handle to it, so reading them
   * between two equal readings of `meta` gives words that belong together and to this handle (a sequence lock, with `meta` as the
   * sequence; Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", MSPC 2012).
   */
  #find(handle: Handle): number {
    const parts = this.#parts;
    parts.take(handle);
    const words = this.#words;
    const entry = this.#ground.table.entry(parts.index);
    const metaAt = (entry + META) as Address;
    let meta = words.loadNumber(metaAt); // pairs with store(meta) in draft(), and the exchanges in #publish() and endSegment()
    for (;;) {
      const stamp = words.loadNumber((entry + DOMAIN) as Address);
      const start = words.loadNumber((entry + START) as Address);
      const byteLength = words.loadNumber((entry + LENGTH) as Address);
      const again = words.loadNumber(metaAt);
      const state = metaState(again);
      if (metaGeneration(again) !== parts.generation || state <= CLAIMED)
        throw new SegmentError('stale', `segment ${showHandle(handle)} is no more`);
      // A generation sees at most four states, so this turns at most four times.
      if (again !== meta) {
        meta = again;
        continue;
      }
      if (!this.#holds(stampDomain(stamp)))
        throw new SegmentError('foreign', `segment ${showHandle(handle)} belongs to a domain that is not held here`);
      this.#entry = entry;
      this.metaAt = metaAt;
      this.meta = meta;
      this.#stamp = stamp;
      this.start = start as Address;
      this.byteLength = byteLength;
      return state;
    }
  }

  #open(handle: Handle, state: number): void {
    const found = this.#find(handle);
    if (found !== state)
      throw new SegmentError(
        'state',
        `segment ${showHandle(handle)} is ${stateName(found)}, and this needs one that is ${stateName(state)}`,
      );
    if (state === DRAFT) this.#own(handle);
  }

  #lives(handle: Handle): boolean {
    this.#parts.take(handle);
    return (
      this.#words.loadNumber(this.#ground.table.meta(this.#parts.index)) === packMeta(this.#parts.generation, PUBLISHED)
    );
  }

  /**
   * Passes a published segment on to a domain. Compare-exchange on a stamp that carries the generation, not a store: if the
   * segment ends under this call and its entry is drafted anew, a store would hand the successor to this party.
   */
  #restamp(handle: Handle, domain: Domain): void {
    const replacement = packStamp(this.#parts.generation, domain);
    while (this.#stamp !== replacement) {
      const at = (this.#entry + DOMAIN) as Address;
      if (this.#words.compareExchangeNumber(at, this.#stamp, replacement) === this.#stamp) return;
      this.#open(handle, PUBLISHED);
    }
  }

  #tampered(handle: Handle): boolean {
    if (checksum(this.#words, this.start, this.byteLength) === this.#words.loadNumber((this.#entry + CHECK) as Address))
      return false;
    this.#words.fence();
    this.#open(handle, PUBLISHED); // a segment that ended under its reader was not tampered with: it is stale
    return true;
  }

  #checkSlot(slot: number): void {
    if (slot >>> 0 === slot && slot < this.#size) return;
    this.#size = this.#words.size;
    if (slot >>> 0 !== slot || slot >= this.#size) throw new AddressError(slot, this.#size);
  }

  #own(draft: Handle): void {
    if (this.#words.loadNumber((this.#entry + OWNER) as Address) !== this.#owner)
      throw new SegmentError('foreign', `draft ${showHandle(draft)} is another thread's`);
  }

  #range(handle: Handle, offset: number, count: number): void {
    if (
      !(
        Number.isSafeInteger(offset) &&
        offset >= 0 &&
        Number.isSafeInteger(count) &&
        count >= 0 &&
        offset + count <= this.byteLength
      )
    )
      throw new SegmentError(
        'range',
        `bytes ${offset}..${offset + count} of segment ${showHandle(handle)}, which has ${this.byteLength}`,
      );
  }

  #end(handle: Handle, index: number, meta: number): void {
    if (!endSegment(this.#ground, index, meta, this.#party.owner)) this.#overtaken(handle);
  }

  #overtaken(handle: Handle): never {
    throw new SegmentError(
      'state',
      `segment ${showHandle(handle)} changed its state under this call: two parties published or ended it at once`,
    );
  }

  #holds(domain: Domain): boolean {
    return this.#party.domains === 'all' || this.#party.domains.has(domain);
  }
}
