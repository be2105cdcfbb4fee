/**
 * Handing over from hand to hand: a send succeeds when a receiver takes it, and nothing is kept in between. One word says how far
 * the one hand-over that is under way has got (rendezvous-slot.ts); whoever comes first leaves an offer or a wish there and
 * waits, and whoever comes second finds it. Those who come third wait for the word. A select leaves less than a plain send or
 * receive does: see rendezvous-select.ts.
 *
 * Kept from crossbeam's zero-capacity channels: a `try` succeeds only if the other side is waiting.
 */
import { type Address, LINE_WORDS, type Owner, roundUp, type Words } from '@pool/core';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';
import type { Format, Packed } from './format.ts';
import { SelectedReceive, SelectedSend } from './rendezvous-select.ts';
import {
  ASKED,
  canBeAwaited,
  FILLED,
  FILLING,
  IDLE,
  isClosed,
  isFree,
  nameIn,
  nameInSlot,
  OFFERED,
  RendezvousSlot,
  SEVERAL,
  standingOf,
  stateOf,
  TAKING,
  turnOf,
  WANTED,
} from './rendezvous-slot.ts';
import type { Trace } from './selection.ts';
import type { LeftMessages, Transport } from './transport.ts';

export class RendezvousTransport implements Transport {
  readonly length = 0;
  readonly #slot: RendezvousSlot;

  constructor(words: Words, base: Address, format: Format<never>, owner: Owner) {
    this.#slot = new RendezvousSlot(words, base, format, owner);
  }

  static size(payloadWords: number): number {
    return LINE_WORDS + roundUp(payloadWords, LINE_WORDS);
  }

  init(start: bigint): void {
    this.#slot.init(start);
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    const slot = this.#slot;
    for (;;) {
      const seen = slot.read();
      if (isClosed(seen)) return 'closed';
      if (stateOf(seen) !== WANTED) return 'full';
      const claimed = slot.fill(seen);
      if (claimed === undefined) continue;
      slot.store(packed);
      if (slot.finish(claimed, FILLED)) return 'ok'; // pairs with read() in the receiver: the message is there
      slot.takeBack(claimed); // whoever wished for it has gone; or this thread was taken for dead, and this does nothing
      return 'full';
    }
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    const slot = this.#slot;
    for (;;) {
      const seen = slot.read();
      const state = stateOf(seen);
      if (state !== OFFERED && state !== FILLED) return isFree(seen) && isClosed(seen) ? 'closed' : 'empty';
      if (state === OFFERED && isClosed(seen)) return 'empty'; // its sender is about to take it back
      const claimed = slot.claim(seen, TAKING); // pairs with finish() in the sender: the message is there
      if (claimed === undefined) continue;
      try {
        return slot.fetch();
      } finally {
        slot.finish(claimed, IDLE); // pairs with read() in the next sender: the message was read out
      }
    }
  }

  sending(packed: Packed): Awaited<'ok' | 'closed'> {
    const slot = this.#slot;
    let offer: number | undefined;
    return {
      attempt: () => {
        if (offer !== undefined) {
          const seen = slot.read();
          if (standingOf(seen) !== offer) return 'ok';
          return isClosed(seen) && slot.endTurn(seen) ? 'closed' : undefined;
        }
        const sent = this.trySend(packed);
        if (sent !== 'full') return sent;
        const seen = slot.read();
        if (isFree(seen) && !isClosed(seen)) offer = slot.offer(seen, packed);
        return undefined;
      },
      park: () =>
        slot.park((seen) => {
          if (offer !== undefined) return standingOf(seen) === offer && !isClosed(seen);
          return !isFree(seen) && stateOf(seen) !== WANTED && !isClosed(seen);
        }),
      withdraw: () => {
        while (offer !== undefined) {
          const seen = slot.read();
          if (standingOf(seen) !== offer) return 'ok';
          if (!slot.endTurn(seen)) continue;
          offer = undefined;
          if (isClosed(seen)) return 'closed';
        }
        return undefined;
      },
    };
  }

  receiving(): Awaited<Packed | 'closed'> {
    const slot = this.#slot;
    let wish: number | undefined;
    return {
      attempt: () => {
        const received = this.tryReceive();
        if (received !== 'empty') return received;
        const seen = slot.read();
        if (wish !== undefined && turnOf(seen) !== turnOf(wish)) wish = undefined;
        if (wish !== undefined)
          return isClosed(seen) && stateOf(seen) === WANTED && slot.endTurn(seen) ? 'closed' : undefined;
        if (isFree(seen) && !isClosed(seen)) wish = slot.claim(seen, WANTED);
        return undefined;
      },
      park: () =>
        slot.park((seen) => {
          if (stateOf(seen) === WANTED && wish !== undefined && turnOf(seen) === turnOf(wish)) return !isClosed(seen);
          return !isFree(seen) && canBeAwaited(seen);
        }),
      withdraw: () => {
        while (wish !== undefined) {
          const seen = slot.read();
          if (turnOf(seen) !== turnOf(wish)) return undefined;
          const state = stateOf(seen);
          if (state === FILLED) {
            const received = this.tryReceive();
            if (received !== 'empty') return received;
          } else if (state === WANTED) {
            if (slot.endTurn(seen)) return undefined;
          } else if (state !== FILLING || slot.disown(seen)) return undefined; // or another receiver is taking it
        }
        return undefined;
      },
    };
  }

  selectSend(traces: Trace[], packed: Packed, attempt: () => 'ok' | 'closed' | undefined): SelectedSend {
    return new SelectedSend(this.#slot, traces, packed, attempt);
  }

  selectReceive<R extends {}>(traces: Trace[], attempt: () => R | undefined): SelectedReceive<R> {
    return new SelectedReceive(this.#slot, traces, attempt);
  }

  parkSender(): ParkingSpot | undefined {
    return this.#slot.park((seen) => stateOf(seen) !== WANTED && !isClosed(seen));
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#slot.park((seen) => canBeAwaited(seen) && !(isFree(seen) && isClosed(seen)));
  }

  close(): void {
    this.#slot.close();
  }

  recover(owner: Owner): LeftMessages {
    const slot = this.#slot;
    const name = nameInSlot(owner);
    for (;;) {
      const seen = slot.read();
      const state = stateOf(seen);
      const isOfSeveral = state === ASKED && nameIn(seen) === SEVERAL; // the dead one may be among them: the others ask again
      // A filled slot is in nobody's name: the next receiver has it.
      if (state === IDLE || state === FILLED || !(nameIn(seen) === name || isOfSeveral)) {
        slot.wake(); // the dead one may have moved the slot on, and not come to wake who waits for that
        return { skipped: 0, undelivered: [] };
      }
      const undelivered = state === TAKING ? [slot.fetch()] : [];
      if (!slot.endTurn(seen)) continue;
      slot.wake();
      return { skipped: state === TAKING || state === ASKED ? 0 : 1, undelivered };
    }
  }
}
