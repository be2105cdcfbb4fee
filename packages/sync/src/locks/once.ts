/**
 * Done once, by whoever comes first; the others wait until it is done. Who is at it stands in the word, so a death in the middle
 * is not taken for success: the next caller does it again, and is told that somebody had begun.
 *
 *   state  { owner: 48, phase: 2 }; phase 0 = not begun, 1 = `owner` is at it, 2 = done, 3 = begun and not ended
 *   value  what came of it; written by the owner at it, before `done`
 *
 * The rest of the words are signalled-word.ts's. The name is POSIX's (pthread_once).
 */
import {
  type Address,
  CorruptError,
  type Owner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
} from '@pool/core';
import { DeadlockError } from '../errors.ts';
import {
  assertAtOnce,
  assertFunction,
  deadOwner,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { inTurn, Turns } from '../waiting/turns.ts';
import { NO_OPTIONS, throwIfAborted } from '../waiting/wait-options.ts';
import { SIGNALLED_WORD, SignalledWord, type StartOptions } from './signalled-word.ts';

const NAME = 'once';
const MAGIC = magicWord('once', 1);
const PHASES = 4;
const FRESH = 0;
const RUNNING = 1;
const DONE = 2;
const CUT_SHORT = 3;
const STATES = 2 ** 50;

/** `ran`: by this call. `done`: by another. */
export type OnceResult = 'ran' | 'done' | 'timed-out';

type Turn = { readonly begunBefore: boolean } | 'done';

export class Once implements Recoverable<Recovered | undefined> {
  /** Where the object stands: what other threads attach with. */
  readonly base: Address;
  readonly #word: SignalledWord;
  readonly #running: number;
  readonly #turns: Turns = new Turns();

  private constructor(words: OwnedWords, word: SignalledWord, options: OwnerOptions | undefined) {
    this.base = word.base;
    this.#word = word;
    this.#running = packedOwner(words, options, NAME) * PHASES + RUNNING;
  }

  /** How many words to reserve. */
  static size(): number {
    return SIGNALLED_WORD.size();
  }

  /** Lays an object that nobody has begun into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: OwnerOptions & StartOptions = {}): Once {
    const word = SignalledWord.create(words, base, FRESH, options);
    word.publish(MAGIC);
    return new Once(words, word, options);
  }

  /** The object that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Once {
    return new Once(words, SignalledWord.attach(words, base, NAME, MAGIC), options);
  }

  /** What the call that ran gave back; `undefined` until it is done. Progress: wait-free. */
  get value(): bigint | undefined {
    return this.#read() === DONE ? this.#word.words.load(this.#word.at.value) : undefined;
  }

  /**
   * Runs `run` unless that was done, or waits for whoever is at it. If it throws, so does this, and the next caller runs.
   * @param run its result, a word, is the object's `value`; `begunBefore`: somebody began, and died or threw in the middle
   * @throws {DeadlockError} if called by `run` itself
   * @throws {MustNotBlockError} on a thread that must not block, if it has to wait
   */
  call(run: (begunBefore: boolean) => bigint, options: WaitOptions & SpinOptions = NO_OPTIONS): OnceResult {
    assertFunction(run, '`run`');
    const turn = this.#word.events.wait(() => this.#turn(true), options);
    if (turn === undefined) return 'timed-out';
    if (turn === 'done') return 'done';
    let value: bigint | undefined;
    try {
      const given = run(turn.begunBefore);
      assertAtOnce(given, '`run` gives back a word, 0..2^64-1; one that takes its time is for `callAsync`');
      value = checked(given);
    } finally {
      this.#end(value);
    }
    return 'ran';
  }

  /** As `call`, without blocking; `run` may take its time. Rejects when the signal aborts while another is at it. */
  async callAsync(
    run: (begunBefore: boolean) => bigint | Promise<bigint>,
    options: WaitAsyncOptions = {},
  ): Promise<OnceResult> {
    assertFunction(run, '`run`');
    throwIfAborted(options);
    const look = (): Turn | undefined => this.#turn(false);
    const turn = await inTurn(this.#turns, options, (rest) => this.#word.events.waitAsync(look, rest), look);
    if (turn === undefined) return 'timed-out';
    if (turn === 'done') return 'done';
    let value: bigint | undefined;
    try {
      value = checked(await run(turn.begunBefore));
    } finally {
      this.#end(value);
    }
    return 'ran';
  }

  /** Lets the next caller run what a dead owner was at. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    const found = this.#word.move(deadOwner(owner) * PHASES + RUNNING, CUT_SHORT);
    this.#word.events.signalAll();
    return found ? { kind: NAME, base: this.base, found: 'call', count: 1 } : undefined;
  }

  #turn(blocking: boolean): Turn | undefined {
    const state = this.#read(); // pairs with the compare-exchange in end(): what the call did is there
    if (state === DONE) return 'done';
    if (state === this.#running && blocking)
      throw new DeadlockError(`${NAME}: the call at word ${this.base} would wait for itself`);
    // Whoever names itself in the word is at it.
    if (state % PHASES !== RUNNING && this.#word.move(state, this.#running))
      return { begunBefore: state === CUT_SHORT };
    return undefined;
  }

  #end(value: bigint | undefined): void {
    if (value !== undefined) this.#word.words.store(this.#word.at.value, value);
    // pairs with load(state) in turn() and in value: publishes the value and what the call did
    if (!this.#word.move(this.#running, value === undefined ? CUT_SHORT : DONE))
      throw new CorruptError(`${NAME}: word ${this.#word.at.state} was taken from the thread that was at it`);
    this.#word.events.signalAll();
  }

  #read(): number {
    const state = this.#word.read();
    if (state >= STATES || (state >= PHASES && state % PHASES !== RUNNING))
      throw new CorruptError(`${NAME}: word ${this.#word.at.state} holds ${state}, which is no state of a call`);
    return state;
  }
}

/** What a call gives back, before it counts as done: one that gives nothing has ended as one that throws. */
function checked(value: bigint): bigint {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    throw new ValueError(value, 'a call gives back a word: 0..2^64-1');
  return value;
}
