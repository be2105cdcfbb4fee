/**
 * The mutex's one word. It names the holder, so that the step that takes the lock also says who answers for it, and it says
 * whether anybody is parked, so that unlocking wakes nobody in vain.
 *
 * Drepper, "Futexes Are Tricky", 2011 (its third mutex: free, held, held with waiters). What is added: the holder's name and
 * its death (as in POSIX's robust mutexes), and a preference for those who have waited long (as in Go's sync.Mutex).
 *
 *   state  { holder: 48, starving: 1, died: 1, contended: 1 }
 *          holder     { generation: 32, id: 16 } of the owner, never 0; 0 = free
 *          contended  somebody may be parked on the word. Set by waiters, kept by takers; cleared by the unlock that wakes nobody
 *          died       only while free: the last holder died. The next taker is told, and the mark is gone
 *          starving   somebody parked has waited for long: those who have not parked yet stand back. Set by waiters, cleared by takers
 *
 * A thread that has parked takes the lock with `contended` set, whatever it found: others may be parked behind it. Whoever
 * stands back parks for a bounded time and is then preferred itself, so a preferred waiter that died on its way holds up nobody.
 */
import {
  type Address,
  CorruptError,
  type Owner,
  unpackOwner,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
} from '@pool/core';
import { DeadlockError } from '../errors.ts';
import { moveWord } from '../internal/standing.ts';
import { STARVING_MILLISECONDS } from '../tuning.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Claim, claimAsync, claimBlocking } from '../waiting/claim.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { throwIfAborted } from '../waiting/wait-options.ts';

const FREE = 0;
const CONTENDED = 1;
const DIED = 2;
const STARVING = 4;
const FLAGS = 7;
const RADIX = 8;
const STATES = 2 ** 51;
const NAME = 'mutex';

/** How the lock came about: as ever, or after a holder's death. */
export type Taken = 'locked' | 'owner-died';

export class MutexWord {
  readonly words: Words;
  readonly at: Address;
  /** What the word holds while this owner has the lock and nobody waits. */
  readonly #mine: number;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();

  constructor(words: Words, at: Address, packedOwner: number) {
    this.words = words;
    this.at = at;
    this.#mine = packedOwner * RADIX;
  }

  /** Takes the lock if it is free, whoever waits for it. Progress: lock-free. */
  tryTake(): Taken | undefined {
    return this.#takeUnmarked() ?? this.takeMarked(0, 0);
  }

  /** Waits for the lock. @returns `undefined` when time ran out */
  take(options: WaitOptions & SpinOptions): Taken | undefined {
    return (
      this.#takeUnmarked() ??
      claimBlocking(this.words, this.at, new MutexClaim(this, this.#mine, true), this.#spin, options)
    );
  }

  /** As `take`, without blocking. */
  async takeAsync(options: WaitAsyncOptions): Promise<Taken | undefined> {
    throwIfAborted(options);
    return this.#takeUnmarked() ?? claimAsync(this.words, this.at, new MutexClaim(this, this.#mine, false), options);
  }

  /** The common case: nobody has it and nobody waits. */
  #takeUnmarked(): Taken | undefined {
    // pairs with the compare-exchange in release(): what the last holder wrote is there
    return moveWord(this.words, this.at, FREE, this.#mine) ? 'locked' : undefined;
  }

  /** Takes the lock if it is free and carries none of the marks `unless`; it will carry the marks `adding` then. */
  takeMarked(unless: number, adding: number): Taken | undefined {
    for (;;) {
      const seen = this.read();
      if (seen >= RADIX || (seen & unless) !== 0) return undefined;
      const contended = (seen & CONTENDED) | adding;
      if (moveWord(this.words, this.at, seen, this.#mine + contended))
        return (seen & DIED) === 0 ? 'locked' : 'owner-died';
    }
  }

  /** @throws {CorruptError} if this owner does not hold it */
  release(): void {
    // pairs with the compare-exchange in tryTake(): publishes what the holder wrote
    if (moveWord(this.words, this.at, this.#mine, FREE)) return;
    const seen = this.read();
    if (holderOf(seen) !== holderOf(this.#mine))
      throw new CorruptError(`${NAME}: word ${this.at} was taken from its holder, and holds ${seen}`);
    // `and`, not a store: the marks that waiters set until this moment stay.
    const marks = this.words.fetchAndNumber(this.at, FLAGS) & FLAGS; // pairs with wait() in claimBlocking(): the word changes before the wake
    if (this.words.notify(this.at, 1) === 0) moveWord(this.words, this.at, marks, FREE);
  }

  /** Frees the lock of a dead owner; whether it held it. Wakes everybody: the wake of one may have died with it. */
  abandon(packedOwner: number): boolean {
    let held = false;
    for (let seen = this.read(); holderOf(seen) === packedOwner && !held; seen = this.read())
      held = moveWord(this.words, this.at, seen, DIED + CONTENDED);
    this.words.notify(this.at);
    return held;
  }

  /** Who holds it, a moment ago. */
  holder(): Owner | undefined {
    const holder = holderOf(this.read());
    return holder === 0 ? undefined : unpackOwner(holder);
  }

  read(): number {
    const seen = this.words.loadNumber(this.at);
    if (seen >= STATES) throw new CorruptError(`${NAME}: word ${this.at} holds ${seen}, which names no owner`);
    return seen;
  }
}

class MutexClaim implements Claim<Taken> {
  expected = FREE;
  longest = Number.POSITIVE_INFINITY;
  readonly #word: MutexWord;
  readonly #mine: number;
  /** Whether this thread would wait for itself if it held the lock already. */
  readonly #blocking: boolean;
  readonly #begin: number = performance.now();
  #parked = false;
  #starving = false;

  constructor(word: MutexWord, mine: number, blocking: boolean) {
    this.#word = word;
    this.#mine = mine;
    this.#blocking = blocking;
  }

  look(): Taken | undefined {
    return this.#parked ? this.#word.takeMarked(0, CONTENDED) : this.#word.takeMarked(STARVING, 0);
  }

  announce(): Taken | undefined {
    const { words, at } = this.#word;
    for (;;) {
      const taken = this.look();
      if (taken !== undefined) return taken;
      const seen = this.#word.read();
      const flags = seen & FLAGS;
      if (seen < RADIX) {
        if ((flags & STARVING) === 0) continue; // let go in between
        this.expected = seen;
        this.longest = STARVING_MILLISECONDS;
        return undefined;
      }
      if (this.#blocking && holderOf(seen) === holderOf(this.#mine))
        throw new DeadlockError(`${NAME}: this thread holds the lock at word ${at} and would wait for itself`);
      const marked = seen - flags + (flags | CONTENDED | (this.#starving ? STARVING : 0));
      if (marked !== seen && !moveWord(words, at, seen, marked)) continue;
      this.expected = marked;
      this.longest = Number.POSITIVE_INFINITY;
      return undefined;
    }
  }

  awake(): void {
    this.#parked = true;
    this.#starving = performance.now() - this.#begin > STARVING_MILLISECONDS;
  }
}

function holderOf(state: number): number {
  return Math.floor(state / RADIX);
}
