/**
 * Readers say only *since when* they read, in a word of their own, and a retired segment ends once every reader has begun later:
 * acquiring writes no word that another thread writes, whatever is read (Fraser, "Practical lock-freedom", 2004, section 5.2.3).
 *
 *   epoch   counts up, from 1, when all who are pinned are pinned at it                          own line
 *   pins    0, or the epoch at which the owner was pinned; written by the owner, and to 0 by expire()   a line an owner
 *   limbo   three sets of entries: those retired in epoch e are in the set e modulo 3, as a hint
 *
 *   policy word 0   { tag: 20, retired: 1, 0: 32 }: the authority; set by compare-exchange, once
 *   policy word 1   the epoch in which it was retired, 0 until its retirer has read it
 *
 * A reader pinned at p keeps the epoch at p + 1 or less. A segment that it acquired is retired later, so the epoch that is read
 * after `retired` is set is p or more; it ends two epochs after that. The epoch is read *after* the flag: read before, it
 * could be any old one by the time the flag is set.
 *
 * A reader that never ends keeps everything back. So a host may expire its pin, and `limit` does by itself when there is too much
 * garbage. The reader finds out at its next acquire or release, and until then by each read, if the bytes are others.
 *
 * Progress: acquired and released are wait-free but for the epoch moving under the first; retired is lock-free.
 */
import {
  type Address,
  IndexSet,
  LINE_WORDS,
  type Owner,
  Pool,
  type PublishedSegment,
  type ReuseContext,
  type ReuseGround,
  type ReusePolicy,
  SegmentError,
  ValueError,
  type Words,
} from '@pool/core';
import { type EpochPlan, type EpochShape, planEpoch } from './epoch-layout.ts';
import { Readings } from './readings.ts';
import { tagOf } from './tag.ts';

const FLAG_RADIX = 2 ** 32;
const TAG_RADIX = 2 ** 33;
/** A segment ends so many epochs after it was retired. */
const GRACE = 2;
/** Retirements of one thread between two looks at all pins. */
const PATIENCE = 16;
/** Segments that one retirement ends at most: it takes in one, so limbo drains. */
const SHARE = 4;

export interface EpochOptions extends EpochShape {
  /** Words that hold zeros, from `pool.reserve(EpochReuse.size(...))`; the same for every thread. */
  readonly base: Address;
  /**
   * How many retired segments may wait for readers before those that keep them are expired: an integer, 1 or more. Looked at with every
   * sixteenth retirement of a thread, and when there is no room for a draft. Default: no limit but the table's.
   */
  readonly limit?: number;
}

/** Epochs: the bytes of a retired segment stay for as long as anybody who may read them does. One object a thread. */
export class EpochReuse implements ReusePolicy {
  readonly name = 'epoch';
  readonly stable = false; // for a pin may expire
  readonly #words: Words;
  readonly #plan: EpochPlan;
  readonly #limbo: readonly IndexSet[];
  readonly #limit: number;
  /** What this thread's owners have acquired, by the owner's id. */
  readonly #readings: Readings[] = [];
  #retirements = 0;

  /** How many words to reserve. @throws {ValueError} for sizes that are no positive integers */
  static size(shape: EpochShape): number {
    return planEpoch(0 as Address, shape).size;
  }

  /** @throws {ValueError | AddressError} for sizes or a base that cannot be, and for fewer segments than the pool has */
  constructor(words: Words, options: EpochOptions) {
    const { limit = Number.POSITIVE_INFINITY } = options;
    if (!(limit >= 1 && (Number.isSafeInteger(limit) || limit === Number.POSITIVE_INFINITY)))
      throw new ValueError(limit, 'a whole number of retired segments, 1 or more');
    this.#words = words;
    this.#plan = planEpoch(options.base, options);
    const entries = words instanceof Pool ? words.tables.find(({ name }) => name === 'segment table') : undefined;
    if (entries !== undefined && entries.rows > this.#plan.segments)
      throw new ValueError(
        this.#plan.segments,
        `the pool has ${entries.rows} segments, and each may come to wait here`,
      );
    this.#limbo = this.#plan.limbo.map((at) => new IndexSet(words, at, this.#plan.segments));
    this.#limit = limit;
    words.compareExchangeNumber(this.#plan.epoch, 0, 1); // whoever comes first
  }

  /** Ends an owner's pin: what it reads may be overwritten from now on, and it finds out. Whether it was pinned. Any thread may. */
  expire(owner: Owner): boolean {
    return this.#words.exchangeNumber(this.#pinOf(owner), 0) !== 0;
  }

  /** How many retired segments wait for readers. */
  get garbage(): number {
    return this.#limbo.reduce((sum, set) => sum + set.count(), 0);
  }

  publishing({ words, policyWord, generation }: ReuseContext): void {
    words.storeNumber((policyWord + 1) as Address, 0);
    words.storeNumber(policyWord, tagOf(generation) * TAG_RADIX);
  }

  acquired(segment: ReuseContext): boolean {
    const { words, policyWord, owner, index, generation } = segment;
    const pin = this.#pinOf(owner);
    this.#readings[owner.id] ??= new Readings();
    const readings = this.#readings[owner.id] as Readings;
    if (readings.count > 0 && words.loadNumber(pin) !== readings.pinnedAt) readings.expire();
    if (readings.count === 0) readings.pinnedAt = this.#pin(pin);
    // After the pin: if the segment is not retired by now, whoever retires it reads this epoch or a later one.
    if (words.loadNumber(policyWord) === tagOf(generation) * TAG_RADIX) {
      readings.begin(index);
      return true;
    }
    if (readings.count === 0) words.storeNumber(pin, 0);
    return false;
  }

  released(segment: ReuseContext): boolean {
    const { words, owner, index, generation } = segment;
    const pin = this.#pinOf(owner);
    const readings = this.#readings[owner.id];
    if (readings && readings.count > 0 && words.loadNumber(pin) !== readings.pinnedAt) readings.expire();
    const outcome = readings?.end(index) ?? 'unknown';
    if (outcome === 'unknown')
      throw new SegmentError('state', `segment ${index}@${generation} was not acquired by owner ${owner.id}`);
    if (outcome === 'expired')
      throw new SegmentError('stale', `owner ${owner.id} has lost segment ${index}@${generation}: its pin has expired`);
    // Release: pairs with load(pin) in #advance(): the reading comes before the next writing.
    if (readings?.count === 0) words.storeNumber(pin, 0);
    return false;
  }

  retired(segment: ReuseContext): boolean {
    const { words, policyWord, index, generation } = segment;
    const live = tagOf(generation) * TAG_RADIX;
    // Compare-exchange: of two that retire one segment, the other is told; and a successor has another tag.
    if (words.compareExchangeNumber(policyWord, live, live + FLAG_RADIX) !== live)
      throw new SegmentError('stale', `segment ${index}@${generation} is on its way out already`);
    this.#enterLimbo(segment);
    this.#retirements += 1;
    const patient = this.#retirements % PATIENCE !== 0;
    if (!patient) this.#advance();
    this.#drain(segment, SHARE);
    if (!patient && this.#limit < Number.POSITIVE_INFINITY && this.garbage > this.#limit) this.#enforceLimit(segment);
    return false;
  }

  exhausted(ground: ReuseGround): boolean {
    let ended = 0;
    // Three epochs on, whatever was retired before has had its two, if no reader keeps it.
    for (let epochs = 0; epochs <= GRACE && ended === 0; epochs++) {
      this.#advance();
      ended += this.#drain(ground, Number.POSITIVE_INFINITY);
    }
    if (ended > 0 || this.garbage <= this.#limit) return ended > 0;
    this.#enforceLimit(ground);
    return true;
  }

  recover(dead: Owner, ground: ReuseGround, published: Iterable<PublishedSegment>): number {
    const pinned = this.expire(dead);
    for (const segment of published) {
      // Retired, but perhaps not in limbo: whoever was about to put it there, or to end it, may have died.
      if (this.#isRetired(segment)) this.#enterLimbo(segment);
    }
    for (let epochs = 0; epochs <= GRACE; epochs++) {
      this.#advance();
      this.#drain(ground, Number.POSITIVE_INFINITY);
    }
    return pinned ? 1 : 0;
  }

  /** Says since when this owner reads. */
  #pin(pin: Address): number {
    for (;;) {
      const epoch = this.#words.loadNumber(this.#plan.epoch);
      this.#words.storeNumber(pin, epoch);
      this.#words.fence(); // the pin stands before anything is read by it; pairs with the fence in #advance()
      if (this.#words.loadNumber(this.#plan.epoch) === epoch) return epoch;
    }
  }

  #enterLimbo({ words, policyWord, index }: ReuseContext): void {
    const at = (policyWord + 1) as Address;
    words.fence(); // the flag comes before the look at the epoch; see above
    const epoch = words.loadNumber(this.#plan.epoch);
    // Compare-exchange: recovery may do the same for a retirer that is only slow.
    const before = words.compareExchangeNumber(at, 0, epoch);
    this.#limboOf(before === 0 ? epoch : before).add(index);
  }

  /** Counts the epoch up, if everybody who is pinned has seen the one that is. */
  #advance(): boolean {
    const words = this.#words;
    const epoch = words.loadNumber(this.#plan.epoch);
    words.fence(); // pairs with the fence in #pin(): either the pin is seen here, or the reader sees the epoch that follows
    for (let owner = 0; owner < this.#plan.owners; owner++) {
      const pinnedAt = words.loadNumber((this.#plan.pins + owner * LINE_WORDS) as Address);
      if (pinnedAt !== 0 && pinnedAt !== epoch) return false;
    }
    return words.compareExchangeNumber(this.#plan.epoch, epoch, epoch + 1) === epoch;
  }

  /** Ends up to `most` segments that have been in limbo for long enough; returns how many. */
  #drain(ground: ReuseGround, most: number): number {
    const epoch = this.#words.loadNumber(this.#plan.epoch);
    const ripe = this.#limboOf(epoch + 1); // what was retired two epochs ago is there
    let ended = 0;
    while (ended < most) {
      const index = ripe.take();
      if (index < 0) break;
      const segment = ground.find(index);
      // Only a hint: the segment may have ended, or be another by now.
      if (segment === undefined || !this.#isRetired(segment)) continue;
      const since = this.#words.loadNumber((segment.policyWord + 1) as Address);
      if (since !== 0 && epoch - since >= GRACE) {
        if (ground.end(segment.handle)) ended++;
      } else {
        this.#limboOf(since).add(index);
        break;
      }
    }
    return ended;
  }

  #enforceLimit(ground: ReuseGround): void {
    for (let epochs = 0; epochs <= GRACE && this.garbage > this.#limit; epochs++) {
      const epoch = this.#words.loadNumber(this.#plan.epoch);
      for (let owner = 0; owner < this.#plan.owners; owner++) {
        const pin = (this.#plan.pins + owner * LINE_WORDS) as Address;
        const pinnedAt = this.#words.loadNumber(pin);
        // Those who keep the epoch from moving on; compare-exchange, so that a pin that was renewed meanwhile stays.
        if (pinnedAt !== 0 && pinnedAt < epoch) this.#words.compareExchangeNumber(pin, pinnedAt, 0);
      }
      this.#advance();
      this.#drain(ground, Number.POSITIVE_INFINITY);
    }
  }

  #isRetired({ words, policyWord, generation }: ReuseContext): boolean {
    return words.loadNumber(policyWord) === tagOf(generation) * TAG_RADIX + FLAG_RADIX;
  }

  #limboOf(epoch: number): IndexSet {
    return this.#limbo[epoch % this.#limbo.length] as IndexSet;
  }

  #pinOf(owner: Owner): Address {
    if (!(owner.id < this.#plan.owners))
      throw new ValueError(owner.id, `an owner of 0..${this.#plan.owners - 1}: there are pins for so many`);
    return (this.#plan.pins + owner.id * LINE_WORDS) as Address;
  }
}
