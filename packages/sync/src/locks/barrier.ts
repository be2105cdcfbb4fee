/**
 * So many parties wait for each other, round after round. The last to arrive ends the round; a party is a name in a slot, so
 * that a death is noticed: it breaks the barrier for the others, which would otherwise wait for ever.
 *
 *   state  { round: 24, outcomes: 8, arrived: 16, broken: 1 }; written by compare-exchange
 *          round     modulo 2^24; counts rounds that ended, by the last arrival or by a reset
 *          outcomes  of the rounds before, the latest lowest: 1 = ended by a reset. A waiter that comes late to look can have
 *                    missed one full round at most (the next cannot fill without it) and any number of resets
 *   value  parties; constant
 *   slots  one a party: { generation: 32, id: 16 } of the owner, 0 = free
 *
 * The rest of the words are signalled-word.ts's. The broken state is Java's (CyclicBarrier).
 */
import {
  type Address,
  AttachError,
  CorruptError,
  ExhaustedError,
  type Layout,
  LINE_WORDS,
  layout,
  type Owner,
  rest,
  words as several,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
} from '@pool/core';
import {
  deadOwner,
  magicWord,
  moveWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { throwIfAborted } from '../waiting/wait-options.ts';
import { SignalledWord, type StartOptions } from './signalled-word.ts';

const NAME = 'barrier';
const MAGIC = magicWord('barrie', 1);
const BARRIER: Layout<'word' | 'slots'> = layout('barrier', {
  word: several(LINE_WORDS, { ownLine: true }),
  slots: rest,
});

const MAX_PARTIES = 2 ** 16 - 1;
const ARRIVED_UNIT = 2;
const OUTCOMES_UNIT = 2 ** 17;
const OUTCOMES = 2 ** 8;
const ROUND_UNIT = 2 ** 25;
const ROUNDS = 2 ** 24;

/** `leader`: this party was the last to arrive. `broken`: a party died, or somebody reset the barrier. */
export type BarrierResult = 'leader' | 'ok' | 'broken' | 'timed-out';

export class Barrier implements Recoverable<Recovered | undefined> {
  /** Where the barrier stands: what other threads attach with. */
  readonly base: Address;
  /** How many wait for each other. */
  readonly parties: number;
  readonly #word: SignalledWord;
  readonly #slots: Address;
  readonly #mine: number;
  #joined = false;

  private constructor(words: OwnedWords, word: SignalledWord, parties: number, options: OwnerOptions | undefined) {
    this.base = word.base;
    this.parties = parties;
    this.#word = word;
    this.#slots = BARRIER.at(word.base).slots;
    this.#mine = packedOwner(words, options, NAME);
  }

  /** How many words to reserve. @throws {ValueError} unless there are 1..65535 parties */
  static size(parties: number): number {
    if (!(Number.isInteger(parties) && parties >= 1 && parties <= MAX_PARTIES))
      throw new ValueError(parties, `a barrier has 1..${MAX_PARTIES} parties`);
    return BARRIER.size(parties);
  }

  /** Lays a barrier that nobody has arrived at into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, parties: number, options: OwnerOptions & StartOptions = {}): Barrier {
    Barrier.size(parties);
    const round = Number(startOf(options) % BigInt(ROUNDS));
    const word = SignalledWord.create(words, base, round * ROUND_UNIT, options);
    const barrier = new Barrier(words, word, parties, options);
    for (let party = 0; party < parties; party++) words.storeNumber(barrier.#slot(party), 0);
    words.storeNumber(word.at.value, parties);
    word.publish(MAGIC);
    return barrier;
  }

  /** The barrier that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Barrier {
    const word = SignalledWord.attach(words, base, NAME, MAGIC);
    const parties = Number(words.load(word.at.value));
    if (!(parties >= 1 && parties <= MAX_PARTIES) || base + BARRIER.size(parties) > words.size)
      throw new AttachError(`the barrier at word ${base} says it has ${parties} parties, which cannot be`);
    return new Barrier(words, word, parties, options);
  }

  /** How many of the parties have arrived, a moment ago. */
  get arrived(): number {
    return arrivedOf(this.#word.read());
  }

  /** Whether the barrier is broken, until `reset`. */
  get broken(): boolean {
    return isBroken(this.#word.read());
  }

  /**
   * Makes this owner a party, so that its death will be noticed; the first `wait` does it too. Doing it twice is doing it once.
   * @throws {ExhaustedError} when there are as many parties as there can be
   */
  join(): void {
    if (this.#joined || this.#find(this.#mine) !== undefined) {
      this.#joined = true;
      return;
    }
    for (let slot = this.#find(0); slot !== undefined; slot = this.#find(0))
      if (this.#moveSlot(slot, 0, this.#mine)) {
        this.#joined = true;
        return;
      }
    throw new ExhaustedError(`all ${this.parties} parties of the barrier at word ${this.base} are taken`);
  }

  /** Gives this owner's place to somebody else: its death does not matter here any more. */
  leave(): void {
    const slot = this.#find(this.#mine);
    if (slot !== undefined) this.#moveSlot(slot, this.#mine, 0);
    this.#joined = false;
  }

  /**
   * Arrives, and waits until all have. Who gives up because of time has not arrived.
   * @throws {ExhaustedError} as `join`
   * @throws {MustNotBlockError} on a thread that must not block
   */
  wait(options?: WaitOptions & SpinOptions): BarrierResult {
    const round = this.#arrive();
    if (typeof round === 'string') return round;
    try {
      return this.#word.events.wait(() => this.#outcome(round), options) ?? this.#withdraw(round);
    } catch (error) {
      return this.#brokenOff(round, error);
    }
  }

  /** As `wait`, without blocking. Rejects when the signal aborts, unless the round has ended by then, and then has not arrived. */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<BarrierResult> {
    throwIfAborted(options);
    const round = this.#arrive();
    if (typeof round === 'string') return round;
    try {
      return (await this.#word.events.waitAsync(() => this.#outcome(round), options)) ?? this.#withdraw(round);
    } catch (error) {
      return this.#brokenOff(round, error);
    }
  }

  /** Begins a new round, broken or not; those who wait are told `broken`. */
  reset(): void {
    for (let state = this.#word.read(); !this.#word.move(state, following(state, 1)); state = this.#word.read()) {}
    this.#word.events.signalAll();
  }

  /** Breaks the barrier if the owner was a party, and gives its place free. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    const dead = deadOwner(owner);
    let found = false;
    for (;;) {
      const state = this.#word.read();
      const slot = this.#find(dead);
      if (slot === undefined) break;
      // The state was read before the slot: a late caller fails here if the barrier was recovered and reset meanwhile.
      if (!isBroken(state) && !this.#word.move(state, state + 1)) continue;
      found = this.#moveSlot(slot, dead, 0);
      break;
    }
    this.#word.events.signalAll();
    return found ? { kind: NAME, base: this.base, found: 'party', count: 1 } : undefined;
  }

  /** The round to wait for the end of. */
  #arrive(): number | 'leader' | 'broken' {
    this.join();
    for (;;) {
      const state = this.#word.read();
      if (isBroken(state)) return 'broken';
      const last = arrivedOf(state) + 1 >= this.parties;
      // pairs with load(state) in outcome(): publishes what was done before arriving
      if (!this.#word.move(state, last ? following(state, 0) : state + ARRIVED_UNIT)) continue;
      if (!last) return roundOf(state);
      this.#word.events.signalAll();
      return 'leader';
    }
  }

  #outcome(round: number): 'ok' | 'broken' | undefined {
    const state = this.#word.read(); // pairs with the compare-exchange in arrive()
    const ago = (roundOf(state) - round + ROUNDS) % ROUNDS;
    if (ago === 0) return isBroken(state) ? 'broken' : undefined;
    if (ago > 8) return 'broken';
    return ((outcomesOf(state) >> (ago - 1)) & 1) === 1 ? 'broken' : 'ok';
  }

  /** Takes this arrival back, unless the round has ended in the meantime. */
  #withdraw(round: number): BarrierResult {
    for (;;) {
      const state = this.#word.read();
      const outcome = this.#outcome(round);
      if (outcome !== undefined) return outcome;
      if (arrivedOf(state) === 0)
        throw new CorruptError(`${NAME}: nobody has arrived at word ${this.base}, though this thread has`);
      if (roundOf(state) === round && this.#word.move(state, state - ARRIVED_UNIT)) return 'timed-out';
    }
  }

  /** Ends a wait that has thrown: if its round has ended all the same, that is its answer. */
  #brokenOff(round: number, error: unknown): BarrierResult {
    const result = this.#withdraw(round);
    if (result === 'timed-out') throw error;
    return result;
  }

  #find(party: number): Address | undefined {
    for (let index = 0; index < this.parties; index++) {
      const slot = this.#slot(index);
      if (this.#word.words.loadNumber(slot) === party) return slot;
    }
    return undefined;
  }

  #moveSlot(slot: Address, from: number, to: number): boolean {
    return moveWord(this.#word.words, slot, from, to);
  }

  #slot(party: number): Address {
    return (this.#slots + party) as Address;
  }
}

/** The state that begins the round after. `outcome`: 1 = the round was cut short. */
function following(state: number, outcome: 0 | 1): number {
  const round = (roundOf(state) + 1) % ROUNDS;
  const outcomes = (outcomesOf(state) * 2 + outcome) % OUTCOMES;
  return round * ROUND_UNIT + outcomes * OUTCOMES_UNIT;
}
function roundOf(state: number): number {
  return Math.floor(state / ROUND_UNIT) % ROUNDS;
}
function outcomesOf(state: number): number {
  return Math.floor(state / OUTCOMES_UNIT) % OUTCOMES;
}
function arrivedOf(state: number): number {
  return Math.floor((state % OUTCOMES_UNIT) / ARRIVED_UNIT);
}
function isBroken(state: number): boolean {
  return state % 2 === 1;
}
