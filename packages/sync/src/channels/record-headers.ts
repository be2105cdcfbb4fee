/**
 * The headers of a ring of records: one word for each unit of the ring, apart from the records' bytes, so that nothing that is
 * written into a record can ever pass for a header. A record is claimed by compare-exchange of the header at `tail`, which
 * names the writer in the same step; `tail` is moved afterwards, by the writer or by whoever comes next. So a writer may die
 * at any moment, and what it had claimed stands there in its name, with its length: recovery turns it into padding.
 *
 * After Agrona's ManyToOneRingBuffer (Real Logic), which claims by moving the tail: a writer that dies before it has written a
 * length leaves a gap that only a scan for zeros can guess (agrona issues 159 and 160). Claiming first and helping the tail
 * along is Michael and Scott's, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms", PODC 1996.
 *
 * Records that are sent together are claimed together, as a block: one header, at its beginning, reserves the units of all of them,
 * so that until it is published a block is one record to everybody else, and a dead writer's becomes padding as a whole. Then the
 * writer fills the headers of the second record and of those after it, and last turns the first one's from the block's length to
 * its own record's. Nobody comes to the others but past that one, so this publishes them all. Whoever helps the tail has no need to
 * know: the tail is past a block before its first header changes from what the whole block is.
 *
 *   free (lap) --claim--> reserved (owner, length) --publish--> full (length) --take--> free (lap + 1)
 *      |  |                     '--recover, unblock--> padding (length) --skip--> free (lap + 1)
 *      |  '--claim, where the ring's end is too near--> padding
 *      '--close--> end, for ever
 *   the other records of a block: free (lap) --fill--> full (length), in sight from the block's publication on
 *
 *   header  { lap: 48, state: 3 } while free, so that a claim by one who was away for laps fails; else { length in bytes: 25, owner
 *           id: 16, state: 3 }. Only the first header of a record says so; the others stay free in its lap. While it is
 *           reserved, the length is that of all its units, be it a record or a block. Written by compare-exchange while there may
 *           be several writers, by the receiver when it frees them
 *
 * At least one unit stays free, so that the end always finds a place, and the header at `tail` is always of the tail's own lap.
 */
import { type Address, type CellSteps, CorruptError, cellSteps, type Words } from '@pool/core';
import { ahead, following, SEQUENCES } from '../internal/sequence.ts';
import { moveWord } from '../internal/standing.ts';

/** Words of a unit: half a line. Records begin at units, so that writers of short ones seldom share a line. */
export const UNIT_WORDS = 8;
export const UNIT_BYTES: number = UNIT_WORDS * 8;
/** A record of 2^24 bytes is the longest that a header can say. */
export const LARGEST_RECORD: number = 2 ** 24;

const FREE = 0;
const RESERVED = 1;
const FULL = 2;
const PADDING = 3;
const END = 4;
const STATE_BITS = 3;
const STATE_RADIX: number = 2 ** STATE_BITS;
const OWNER_RADIX = 2 ** 16;
const LENGTH_RADIX: number = STATE_RADIX * OWNER_RADIX;

/** What `claim` and `look` answer instead of a position or a length. */
export const NO_ROOM = -1;
export const NOTHING = -1;
export const ENDED = -2;

/** Records that are to be claimed together, as many of them as there is room for. */
export interface Block {
  /** Units that it would have if there were room. */
  readonly wanted: number;
  /** Takes as many records as go into `room` units, at least the first. @returns their units */
  fit(room: number): number;
  /** How many it has taken. */
  readonly count: number;
  /** How many bytes one of them has. */
  bytesOf(index: number): number;
}

export class RecordHeaders {
  /** Units, a power of two. */
  readonly capacity: number;
  readonly #words: Words;
  readonly #steps: CellSteps;
  readonly #tail: Address;
  readonly #head: Address;
  readonly #headers: Address;
  readonly #mask: number;
  /** What a free header differs by from one position to that a lap later, for each of the positions between them: a power of two, so exact. */
  readonly #lapStep: number;
  readonly #name: string;
  /** Where the head was when last looked at, so that most claims touch no line that the receiver writes. At first: infinitely far behind. */
  #seenHead: number = Number.NEGATIVE_INFINITY;

  constructor(words: Words, tail: Address, head: Address, headers: Address, capacity: number, name: string) {
    this.capacity = capacity;
    this.#words = words;
    this.#steps = cellSteps(words);
    this.#tail = tail;
    this.#head = head;
    this.#headers = headers;
    this.#mask = capacity - 1;
    this.#lapStep = STATE_RADIX / capacity;
    this.#name = name;
  }

  /** Lays free headers from `start` on. */
  init(start: number): void {
    this.#words.storeNumber(this.#tail, start);
    this.#words.storeNumber(this.#head, start);
    for (let unit = 0; unit < this.capacity; unit++) {
      const position = following(start, unit);
      this.#words.storeNumber(this.#header(position), this.#freeIn(position));
    }
  }

  get tail(): number {
    return this.#position(this.#tail);
  }

  get head(): number {
    return this.#position(this.#head);
  }

  /** Which unit of the ring a position is. */
  index(position: number): number {
    return position & this.#mask;
  }

  /**
   * Claims a record for an owner, or a block of records. Progress: lock-free; the loop goes round again only when another writer,
   * alive or dead, has claimed something, or after padding.
   * @param units of the record, or of the first of many
   * @returns its position; `NO_ROOM` or `ENDED`
   */
  claim(units: number, owner: number, many?: Block): number {
    if (many === undefined) {
      const position = this.#claimAtOnce(units, owner);
      if (position >= 0) return position;
    }
    for (;;) {
      const tail = this.tail;
      const before = this.capacity - (tail & this.#mask);
      const padding = units > before ? before : 0;
      const most = many === undefined || padding > 0 ? units : Math.min(many.wanted, before);
      if (ahead(tail, this.#seenHead) + padding + most >= this.capacity) {
        const refused = this.#refuse(tail, padding + units);
        if (refused === 0) continue;
        if (refused < 0) return refused;
      }
      const room = Math.min(most, this.capacity - 1 - ahead(tail, this.#seenHead));
      const taken = padding > 0 ? padding : (many?.fit(room) ?? units);
      const claimed = taken * UNIT_BYTES * LENGTH_RADIX + (padding > 0 ? PADDING : owner * STATE_RADIX + RESERVED);
      // Compare-exchange, not store: it decides between writers. Pairs with store(header) in free(): the unit is read out; the others
      // are by the head that was seen. And the tail after it, which fails if another one has helped.
      const next = following(tail, taken);
      if (this.#steps.moveBoth(this.#header(tail), this.#freeIn(tail), claimed, this.#tail, tail, next)) {
        if (padding === 0) return tail;
      } else if (this.#help(tail) === END) return ENDED;
    }
  }

  /** The claim of a record where nothing is in its way, in the fewest steps; a negative number if something is. */
  #claimAtOnce(units: number, owner: number): number {
    if (this.#seenHead < 0) return NO_ROOM; // nobody has looked yet
    const reserved = units * UNIT_BYTES * LENGTH_RADIX + owner * STATE_RADIX + RESERVED;
    // Pairs as in claim().
    return this.#steps.claimUnits(this.#tail, this.#headers, this.#mask, units, reserved, this.#seenHead);
  }

  /** Whether a claim of so many units would find room just now, or the end. */
  hasRoom(units: number): boolean {
    const tail = this.tail;
    const before = this.capacity - (tail & this.#mask);
    return this.#refuse(tail, units > before ? before + units : units) !== NO_ROOM;
  }

  /**
   * Fills the headers of a block that was claimed, all but the first, before it is published. Progress: wait-free.
   * @returns whether all were free in the lap of the claim; else the block was recovered, and its units may be others' by now
   */
  fill(position: number, block: Block, owner: number): boolean {
    const free = this.#freeIn(position); // of all of them: a block ends where the lap does, at the latest
    let at = this.#header(position);
    for (let index = 1; index < block.count; index++) {
      at = (at + unitsOf(block.bytesOf(index - 1))) as Address;
      const header = block.bytesOf(index) * LENGTH_RADIX + owner * STATE_RADIX + FULL;
      // Compare-exchange, not store: one that was taken for dead and is not would write into a later lap. Pairs with store(header)
      // in free(), and publishes nothing: that is what publish() is for.
      if (!moveWord(this.#words, at, free, header)) return false;
    }
    return true;
  }

  /**
   * Publishes what was claimed: a record, or a block whose other headers are filled. Progress: wait-free.
   * @param length of the record, or of the first one
   * @returns what the bell held after that, or -1 if it was recovered, since its writer was taken for dead
   */
  publish(position: number, units: number, length: number, owner: number, bell: Address): number {
    // Compare-exchange, not store: recovery may have come between. Pairs with load(header) in look(): publishes the bytes, and the
    // headers that fill() has filled.
    const name = owner * STATE_RADIX;
    const reserved = units * UNIT_BYTES * LENGTH_RADIX + name + RESERVED;
    return this.#steps.moveAndSee(this.#header(position), reserved, length * LENGTH_RADIX + name + FULL, bell);
  }

  /**
   * Looks at the header of a position, for the receiver. Progress: wait-free.
   * @returns the length of the record that is there; `NOTHING` yet; `ENDED`; or -2 less the units to pass over
   * @throws {CorruptError} if no record of this ring can have such a header
   */
  look(position: number): number {
    const seen = this.#words.loadNumber(this.#header(position)); // pairs with the compare-exchange in publish()
    switch (stateOf(seen)) {
      case FULL:
        return this.#lengthOf(position, seen);
      case PADDING:
        this.#help(position); // a writer that is slow, or died, may not have moved the tail: the head must not pass it
        return ENDED - unitsOf(this.#lengthOf(position, seen));
      case RESERVED:
        return NOTHING;
      case END:
        return ENDED;
      default:
        if (seen === this.#freeIn(position)) return NOTHING;
        if (seen !== this.#freeIn(following(position, this.capacity))) this.#corrupt(position, `its header is ${seen}`);
        return ENDED - 1; // taken by a receiver that died before it moved the head
    }
  }

  /** Frees the units of what was taken, for the next lap. The first one last: until then, the record stands. Progress: wait-free. */
  free(position: number, units: number): void {
    const first = this.#header(position);
    const free = this.#freeIn(following(position, this.capacity)); // of all of them: nothing that is taken goes round the ring's end
    // pairs with the compare-exchange in claim() and fill(): the units are read out
    for (let unit = units - 1; unit >= 0; unit--) this.#words.storeNumber((first + unit) as Address, free);
  }

  /** Lets writers have all that was freed before `position`. */
  advance(position: number): void {
    this.#words.storeNumber(this.#head, position); // pairs with load(head) in claim()
  }

  /** Puts the end behind the last record; whether this call did. Progress: as `claim`. */
  close(): boolean {
    for (;;) {
      const tail = this.tail;
      if (moveWord(this.#words, this.#header(tail), this.#freeIn(tail), END)) return true;
      if (this.#help(tail) === END) return false;
    }
  }

  get closed(): boolean {
    const tail = this.tail;
    return this.#words.loadNumber(this.#header(tail)) === END && this.tail === tail;
  }

  /**
   * Turns reserved records into padding: all of an owner's, or, for `undefined`, the oldest record whoever's it is. Call it only
   * for writers that are gone. Progress: wait-free.
   * @returns how many
   */
  skip(owner: number | undefined): number {
    let skipped = 0;
    for (let position = this.head, end = following(position, this.capacity); ahead(end, position) > 0; ) {
      const at = this.#header(position);
      const seen = this.#words.loadNumber(at);
      const state = stateOf(seen);
      if (state === END || seen === this.#freeIn(position)) break;
      if (state === RESERVED && (owner === undefined || ownerOf(seen) === owner)) {
        const padding = Math.floor(seen / LENGTH_RADIX) * LENGTH_RADIX + PADDING;
        if (moveWord(this.#words, at, seen, padding)) skipped++;
      }
      if (owner === undefined && state !== FREE) break;
      const units = state === FREE ? 1 : unitsOf(this.#lengthOf(position, seen));
      if (units > ahead(end, position)) break;
      position = following(position, units);
    }
    return skipped;
  }

  /** Looks at the head again: 1 if there is room now, 0 if the tail is another one by now, else why there is none. */
  #refuse(tail: number, units: number): number {
    if (this.#help(tail) === END) return ENDED;
    const head = this.head; // pairs with store(head) in advance(): the units before it are free
    if (this.tail !== tail) return 0; // the head may have come past the old one
    const fill = ahead(tail, head);
    if (fill >= this.capacity) this.#corrupt(tail, `the head is ${fill} units behind the tail`);
    this.#seenHead = head;
    return fill + units < this.capacity ? 1 : NO_ROOM;
  }

  /** Moves the tail past what was claimed at it, if something was, unless that is the end. Returns the state of the header there. */
  #help(tail: number): number {
    const seen = this.#words.loadNumber(this.#header(tail));
    if (this.tail !== tail) return FREE; // so the header may be of any lap
    const state = stateOf(seen);
    if (state === END) return END;
    if (state === FREE) {
      if (seen !== this.#freeIn(tail)) this.#corrupt(tail, `its header is ${seen}`);
      return FREE;
    }
    const units = unitsOf(this.#lengthOf(tail, seen));
    const fill = ahead(tail, this.head) + units;
    if (this.tail !== tail) return FREE;
    if (fill >= this.capacity) this.#corrupt(tail, `${fill} units would be taken up`);
    this.#moveTail(tail, units);
    return state;
  }

  #moveTail(tail: number, units: number): void {
    moveWord(this.#words, this.#tail, tail, following(tail, units)); // fails if another one helped
  }

  #position(at: Address): number {
    const position = this.#words.loadNumber(at);
    if (position >= SEQUENCES)
      throw new CorruptError(`${this.#name}: word ${at} holds ${position}, which is no position`);
    return position;
  }

  #lengthOf(position: number, header: number): number {
    const length = Math.floor(header / LENGTH_RADIX);
    if (unitsOf(length) > this.capacity - (position & this.#mask)) this.#corrupt(position, `it has ${length} bytes`);
    return length;
  }

  #header(position: number): Address {
    return (this.#headers + (position & this.#mask)) as Address;
  }

  /** What the header of a position holds while it is free. */
  #freeIn(position: number): number {
    return (position - (position & this.#mask)) * this.#lapStep;
  }

  #corrupt(position: number, why: string): never {
    throw new CorruptError(`${this.#name}: no record can stand at unit ${position & this.#mask}: ${why}`);
  }
}

/** How many units a record of `length` bytes takes. */
export function unitsOf(length: number): number {
  return length <= UNIT_BYTES ? 1 : Math.ceil(length / UNIT_BYTES);
}

/** Both parts lie in the lower 32 bits, which is all that these operators look at. */
function stateOf(header: number): number {
  return header & (STATE_RADIX - 1);
}
function ownerOf(header: number): number {
  return (header >>> STATE_BITS) & (OWNER_RADIX - 1);
}
