/**
 * One word, sent once. Whoever is to send takes the sending end first, by name: so a receiver that waits is told when the
 * sender gives up or dies, instead of waiting for ever. All that may happen goes by compare-exchange of one state word, so of
 * several that send, receive or give up at once, one prevails.
 *
 * As Rust's oneshot channels (tokio::sync::oneshot), with the ends' owners in shared words.
 *
 *   open --take--> held (sender) --send--> full --receive--> taken
 *     |              |     '--disconnect, or the sender's death--> disconnected
 *     '--------------'--close, or the receiver's death--> closed
 *
 *   magic     what attach looks for
 *   state     { sender: 48, phase: 3 }; the sender's name stands while it holds the end. Written by compare-exchange
 *   receiver  who receives, 0 if nobody has said so; written by compare-exchange
 *   value     written by the sender while held, read by receivers while full
 *   event     event count: changes when the state does                                       see waiting/event-count.ts
 *   waiters   receivers that are parked, or about to
 *
 * Progress: everything but `receive` is lock-free, and no loop goes round more than once for each step of another thread.
 */
import {
  type Address,
  CorruptError,
  type Layout,
  layout,
  type Owner,
  type Placed,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
  word,
} from '@pool/core';
import {
  assertStands,
  deadOwner,
  magicWord,
  moveWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { EventCount } from '../waiting/event-count.ts';
import type { SpinOptions } from '../waiting/strategy.ts';

type OneShotField = 'magic' | 'state' | 'receiver' | 'value' | 'event' | 'waiters';

/** The one-shot's words. They share a line on purpose: each is written once or twice in its life. */
export const ONE_SHOT: Layout<OneShotField> = layout('one-shot', {
  magic: word,
  state: word,
  receiver: word,
  value: word,
  event: word,
  waiters: word,
});

export const ONE_SHOT_MAGIC: bigint = magicWord('shot', 1);
const NAME = 'one-shot';

/** The phases as they stand in the state word, for programs. */
export const ONE_SHOT_PHASES = { open: 0, held: 1, full: 2, taken: 3, disconnected: 4, closed: 5 } as const;
const {
  open: OPEN,
  held: HELD,
  full: FULL,
  taken: TAKEN,
  disconnected: DISCONNECTED,
  closed: CLOSED,
} = ONE_SHOT_PHASES;
const RADIX = 8;
const STATES = 2 ** 51;

/** `taken`: another thread has the sending end, or has sent already. `closed`: nobody will receive it. */
export type OneShotSendResult = 'ok' | 'taken' | 'closed';
/** The word, or why there is none: `disconnected`: nobody will send; `taken`: it was received already; `closed`: this end was closed. */
export type OneShotEnd = 'disconnected' | 'taken' | 'closed';
export type OneShotTryReceiveResult = bigint | 'empty' | OneShotEnd;
export type OneShotReceiveResult = bigint | 'timed-out' | OneShotEnd;

export class OneShot implements Recoverable<Recovered | undefined> {
  /** Where it stands: what other threads attach with. */
  readonly base: Address;
  readonly #words: Words;
  readonly #at: Placed<OneShotField>;
  readonly #owner: number;
  readonly #events: EventCount;

  private constructor(words: OwnedWords, base: Address, options: OwnerOptions | undefined) {
    this.base = base;
    this.#words = words;
    this.#at = ONE_SHOT.at(base);
    this.#owner = packedOwner(words, options, NAME);
    this.#events = new EventCount(words, this.#at.event, this.#at.waiters);
  }

  /** How many words to reserve. */
  static size(): number {
    return ONE_SHOT.size();
  }

  /** Lays an open one-shot into words that are the caller's own. @throws {ValueError} if nobody says who the owner is */
  static create(words: OwnedWords, base: Address, options?: OwnerOptions): OneShot {
    const shot = new OneShot(words, base, options);
    const { magic, ...fields } = shot.#at;
    for (const at of Object.values<Address>(fields)) words.storeNumber(at, 0);
    words.store(magic, ONE_SHOT_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return shot;
  }

  /** The one-shot that stands at `base`. @throws {AttachError} if none does @throws {ValueError} as `create` */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): OneShot {
    assertStands(words, base, ONE_SHOT.at(base).magic, ONE_SHOT_MAGIC, NAME);
    return new OneShot(words, base, options);
  }

  /** Takes the sending end in this owner's name: from here on its death tells the receiver. `false`: somebody else has it. */
  claimSender(): boolean {
    const state = this.#read();
    return state === this.#held || (state === OPEN && this.#move(OPEN, this.#held));
  }

  /** Takes the receiving end in this owner's name: from here on its death tells the sender. `false`: somebody else has it. */
  claimReceiver(): boolean {
    const { receiver } = this.#at;
    if (this.#words.loadNumber(receiver) === this.#owner) return true;
    return moveWord(this.#words, receiver, 0, this.#owner);
  }

  /**
   * Sends, once. Never waits; after any answer but `ok` the value is still the caller's.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the words do not hold together
   */
  send(value: bigint): OneShotSendResult {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    if (!this.claimSender()) return phaseOf(this.#read()) === CLOSED ? 'closed' : 'taken';
    this.#words.store(this.#at.value, value);
    // Compare-exchange, not store: the receiver may have closed meanwhile. Pairs with load(state) in tryReceive(): publishes the value.
    if (!this.#move(this.#held, FULL)) return 'closed';
    this.#events.signalAll();
    return 'ok';
  }

  /** Gives up the sending end, if this owner has it or nobody: whoever waits is told `disconnected`. Returns whether it did. */
  disconnect(): boolean {
    const given = this.#move(this.#held, DISCONNECTED) || this.#move(OPEN, DISCONNECTED);
    if (given) this.#events.signalAll();
    return given;
  }

  /** Says that nobody will receive: a later `send` answers `closed`. What was sent before can still be received. */
  close(): void {
    for (let state = this.#read(); phaseOf(state) <= HELD && !this.#move(state, CLOSED); ) state = this.#read();
    this.#events.signalAll();
  }

  /** Receives if it was sent. Never waits. @throws {CorruptError} if the words do not hold together */
  tryReceive(): OneShotTryReceiveResult {
    const phase = phaseOf(this.#read()); // pairs with the compare-exchange in send(): the value is there
    if (phase <= HELD) return 'empty';
    if (phase !== FULL) return ENDS[phase] as OneShotEnd;
    const value = this.#words.load(this.#at.value);
    return this.#move(FULL, TAKEN) ? value : 'taken'; // of several receivers one has it
  }

  /** Receives, waiting for the word or the end. @throws {MustNotBlockError} on a thread that must not block */
  receive(options?: WaitOptions & SpinOptions): OneShotReceiveResult {
    return this.#events.wait(() => unlessEmpty(this.tryReceive()), options) ?? 'timed-out';
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options?: WaitAsyncOptions): Promise<OneShotReceiveResult> {
    return (await this.#events.waitAsync(() => unlessEmpty(this.tryReceive()), options)) ?? 'timed-out';
  }

  /** What a dead owner had here: the sending end is `disconnected` now, the receiving one `closed`. What was sent stays. */
  recover(owner: Owner): Recovered | undefined {
    const dead = deadOwner(owner);
    const found: string[] = [];
    if (this.#move(dead * RADIX + HELD, DISCONNECTED)) found.push('sender');
    if (this.#words.loadNumber(this.#at.receiver) === dead) {
      this.close(); // before the name is wiped out: whoever recovers may die at it, too
      if (moveWord(this.#words, this.#at.receiver, dead, 0)) found.push('receiver');
    }
    this.#events.signalAll(); // the wake of one that waits may have died with the thread it reached
    return found.length === 0
      ? undefined
      : { kind: NAME, base: this.base, found: found.join(', '), count: found.length };
  }

  get #held(): number {
    return this.#owner * RADIX + HELD;
  }

  #read(): number {
    const state = this.#words.loadNumber(this.#at.state);
    const phase = phaseOf(state);
    if (state >= STATES || phase > CLOSED || (phase === HELD) !== state >= RADIX)
      throw new CorruptError(`${NAME}: word ${this.#at.state} holds ${state}, which is none of its states`);
    return state;
  }

  #move(from: number, to: number): boolean {
    return moveWord(this.#words, this.#at.state, from, to);
  }
}

const ENDS: Readonly<Record<number, OneShotEnd>> = {
  [TAKEN]: 'taken',
  [DISCONNECTED]: 'disconnected',
  [CLOSED]: 'closed',
};

function phaseOf(state: number): number {
  return state % RADIX;
}

function unlessEmpty(result: OneShotTryReceiveResult): Exclude<OneShotTryReceiveResult, 'empty'> | undefined {
  return result === 'empty' ? undefined : result;
}
