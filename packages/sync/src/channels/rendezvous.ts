/**
 * Handing over from hand to hand: a send succeeds when a receiver takes it, and nothing is kept in between. One word says how far
 * the one hand-over that is under way has got; whoever comes first leaves an offer or a wish there and waits, and whoever
 * comes second finds it. Those who come third wait for the word.
 *
 *   slot   { turn: 28, generation: 4, id: 16, state: 3, closed: 1, waiting: 1 }; written by compare-exchange only
 *
 *   idle --> offering (sender) --> offered (sender) --> taking (receiver) --> idle, next turn
 *     '----> wanted (receiver) --> filling (sender) --> filled -------------^
 *
 * An offer and a wish can be withdrawn, which ends the turn; so can a dead owner's be, by whoever recovers it. A filled slot is
 * taken by whichever receiver comes: should the one that wished for it be gone, the message is not.
 *
 * Kept from crossbeam's zero-capacity channels: a `try` succeeds only if the other side is waiting.
 */
import { type Address, CorruptError, LINE_WORDS, type Owner, roundUp, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { nameOf } from '../queues/cell.ts';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';
import type { Format } from './format.ts';
import type { LeftMessages, Packed, Transport } from './transport.ts';

const STATE_UNIT = 4;
const STATE_MASK: number = 7 * STATE_UNIT;
const IDLE = 0;
const OFFERING: number = STATE_UNIT;
const OFFERED: number = 2 * STATE_UNIT;
const TAKING: number = 3 * STATE_UNIT;
const WANTED: number = 4 * STATE_UNIT;
const FILLING: number = 5 * STATE_UNIT;
const FILLED: number = 6 * STATE_UNIT;
const CLOSED = 2;
const WAITING = 1;
const TURN: number = 2 ** 25;
const TURNS: number = 2 ** 28;
const NAME = 'rendezvous';

export class RendezvousTransport implements Transport {
  readonly length = 0;
  readonly #words: Words;
  readonly #slot: Address;
  readonly #message: Address;
  readonly #format: Format<never>;
  /** This thread's name, where it stands in the slot. */
  readonly #me: number;

  constructor(words: Words, base: Address, format: Format<never>, owner: Owner) {
    this.#words = words;
    this.#slot = base;
    this.#message = (base + LINE_WORDS) as Address;
    this.#format = format;
    this.#me = nameOf(owner) * 2;
  }

  static size(payloadWords: number): number {
    return LINE_WORDS + roundUp(payloadWords, LINE_WORDS);
  }

  init(start: bigint): void {
    this.#words.storeNumber(this.#slot, Number(BigInt.asUintN(64, start) % BigInt(TURNS)) * TURN + IDLE);
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    for (;;) {
      const seen = this.#read();
      if (isClosed(seen)) return 'closed';
      if (stateOf(seen) !== WANTED) return 'full';
      const claimed = this.#change(seen, FILLING, this.#me);
      if (claimed === undefined) continue;
      this.#format.store(this.#words, this.#message, packed);
      // Fails if this thread was taken for dead: then nobody has got it.
      return this.#finish(claimed, FILLED) ? 'ok' : 'full';
    }
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    for (;;) {
      const seen = this.#read();
      const state = stateOf(seen);
      if (state !== OFFERED && state !== FILLED) return state === IDLE && isClosed(seen) ? 'closed' : 'empty';
      if (state === OFFERED && isClosed(seen)) return 'empty'; // its sender is about to take it back
      const claimed = this.#change(seen, TAKING, this.#me); // pairs with #finish() in the sender: the message is there
      if (claimed === undefined) continue;
      try {
        return this.#format.fetch(this.#words, this.#message);
      } finally {
        this.#finish(claimed, IDLE); // pairs with load(slot) in the next sender: the message was read out
      }
    }
  }

  sending(packed: Packed): Awaited<'ok' | 'closed'> {
    let offer: number | undefined;
    return {
      attempt: () => {
        if (offer !== undefined) {
          const seen = this.#read();
          if (standingOf(seen) !== standingOf(offer)) return 'ok';
          return isClosed(seen) && this.#endTurn(seen) ? 'closed' : undefined;
        }
        const sent = this.trySend(packed);
        if (sent !== 'full') return sent;
        const seen = this.#read();
        if (stateOf(seen) !== IDLE || isClosed(seen)) return undefined;
        const claimed = this.#change(seen, OFFERING, this.#me);
        if (claimed === undefined) return undefined;
        this.#format.store(this.#words, this.#message, packed);
        if (this.#finish(claimed, OFFERED)) offer = standingOf(claimed) - OFFERING + OFFERED;
        return undefined;
      },
      park: () =>
        this.#park((seen) => {
          if (offer !== undefined) return standingOf(seen) === standingOf(offer) && !isClosed(seen);
          return stateOf(seen) !== IDLE && stateOf(seen) !== WANTED && !isClosed(seen);
        }),
      withdraw: () => {
        while (offer !== undefined) {
          const seen = this.#read();
          if (standingOf(seen) !== standingOf(offer)) return 'ok';
          if (this.#endTurn(seen)) return isClosed(seen) ? 'closed' : undefined;
        }
        return undefined;
      },
    };
  }

  receiving(): Awaited<Packed | 'closed'> {
    let wish: number | undefined;
    return {
      attempt: () => {
        const received = this.tryReceive();
        if (received !== 'empty') return received;
        const seen = this.#read();
        if (wish !== undefined && turnOf(seen) !== turnOf(wish)) wish = undefined;
        if (wish !== undefined)
          return isClosed(seen) && stateOf(seen) === WANTED && this.#endTurn(seen) ? 'closed' : undefined;
        if (stateOf(seen) !== IDLE || isClosed(seen)) return undefined;
        wish = this.#change(seen, WANTED, this.#me);
        return undefined;
      },
      park: () =>
        this.#park((seen) => {
          if (stateOf(seen) === WANTED && wish !== undefined && turnOf(seen) === turnOf(wish)) return !isClosed(seen);
          return stateOf(seen) !== IDLE && canBeAwaited(seen);
        }),
      withdraw: () => {
        while (wish !== undefined) {
          const seen = this.#read();
          if (turnOf(seen) !== turnOf(wish)) return undefined;
          if (stateOf(seen) === WANTED ? this.#endTurn(seen) : stateOf(seen) === FILLING) return undefined; // who fills it leaves it to the next
          const received = this.tryReceive();
          if (received !== 'empty') return received;
        }
        return undefined;
      },
    };
  }

  parkSender(): ParkingSpot | undefined {
    return this.#park((seen) => stateOf(seen) !== WANTED && !isClosed(seen));
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#park((seen) => canBeAwaited(seen) && !(stateOf(seen) === IDLE && isClosed(seen)));
  }

  close(): void {
    for (;;) {
      const seen = this.#read();
      if (isClosed(seen)) return;
      if (this.#move(seen, seen - (seen & WAITING) + CLOSED)) return;
    }
  }

  recover(owner: Owner): LeftMessages {
    const name = nameOf(owner) * 2;
    for (;;) {
      const seen = this.#read();
      const state = stateOf(seen);
      // A filled slot is in nobody's name: the next receiver has it.
      if (state === IDLE || state === FILLED || nameIn(seen) !== name) return { skipped: 0, undelivered: [] };
      const undelivered = state === TAKING ? [this.#format.fetch(this.#words, this.#message)] : [];
      if (this.#endTurn(seen)) return { skipped: undelivered.length === 0 ? 1 : 0, undelivered };
    }
  }

  #read(): number {
    const seen = this.#words.loadNumber(this.#slot);
    if (stateOf(seen) > FILLED) throw new CorruptError(`${NAME}: the slot holds ${seen}, which no thread leaves there`);
    return seen;
  }

  /** Moves the slot to another state of the same turn, in somebody's name; what it then holds, or `undefined` if it had changed. */
  #change(seen: number, state: number, name: number): number | undefined {
    const next = turnOf(seen) * TURN + name + state + (seen & CLOSED);
    return this.#move(seen, next) ? next : undefined;
  }

  /** Moves on what this thread has to itself, whatever marks it has got meanwhile. */
  #finish(claimed: number, state: number): boolean {
    for (;;) {
      const seen = this.#read();
      if (standingOf(seen) !== standingOf(claimed)) return false;
      if (state === IDLE ? this.#endTurn(seen) : this.#change(seen, state, nameIn(seen)) !== undefined) return true;
    }
  }

  #endTurn(seen: number): boolean {
    const turn = turnOf(seen) + 1;
    return this.#move(seen, (turn < TURNS ? turn : 0) * TURN + IDLE + (seen & CLOSED));
  }

  /** Changes the slot, and wakes whoever is parked on it. */
  #move(seen: number, next: number): boolean {
    if (!moveWord(this.#words, this.#slot, seen, next)) return false;
    if ((seen & WAITING) !== 0) this.#words.notify(this.#slot);
    return true;
  }

  #park(isWorthWaiting: (seen: number) => boolean): ParkingSpot | undefined {
    const seen = this.#read();
    if (!isWorthWaiting(seen)) return undefined;
    const expected = (seen & WAITING) === 0 ? seen + WAITING : seen;
    if (expected !== seen && !moveWord(this.#words, this.#slot, seen, expected)) return undefined;
    return { at: this.#slot, expected };
  }
}

function stateOf(slot: number): number {
  return slot & STATE_MASK;
}

function turnOf(slot: number): number {
  return Math.floor(slot / TURN);
}

function nameIn(slot: number): number {
  return slot & (TURN - 1) & ~(STATE_MASK | CLOSED | WAITING);
}

/** Whether a receiver finds nothing there now. An offer in a closed channel is about to be withdrawn. */
function canBeAwaited(slot: number): boolean {
  return stateOf(slot) !== FILLED && (stateOf(slot) !== OFFERED || isClosed(slot));
}

/** All but the marks. */
function standingOf(slot: number): number {
  return slot - (slot & (CLOSED | WAITING));
}

function isClosed(slot: number): boolean {
  return (slot & CLOSED) !== 0;
}
