/**
 * The cases of a select in a rendezvous; see selection.ts for why they leave what they leave. One that would receive leaves an
 * ask in the idle slot. One that would send makes its offer where it finds somebody else's ask. Offers and wishes of plain
 * sends and receives are taken and filled as ever: an ask is in nobody's way.
 *
 * There is room for one ask, and a select does not answer its own; so whoever finds the ask of another makes it one of
 * several, which everybody answers. Whoever left the ask as it stands ends the turn when it leaves, or recovery does when it
 * has died, and those who stay ask again.
 */

import type { Address, Words } from '@pool/core';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { Packed } from './format.ts';
import {
  ASKED,
  canBeAwaited,
  IDLE,
  isClosed,
  nameIn,
  type RendezvousSlot,
  SEVERAL,
  standingOf,
  stateOf,
  WANTED,
} from './rendezvous-slot.ts';
import type { OpenCase, Trace } from './selection.ts';

abstract class RendezvousCase implements Trace {
  readonly words: Words;
  readonly at: Address;
  /** How this one's offer or ask stands in the slot, if it does. */
  standing: number | undefined;
  protected readonly slot: RendezvousSlot;
  readonly #traces: readonly Trace[];

  /** @param traces of all cases of the select; this one adds its own */
  constructor(slot: RendezvousSlot, traces: Trace[]) {
    this.slot = slot;
    this.words = slot.words;
    this.at = slot.at;
    this.#traces = traces;
    traces.push(this);
  }

  /** Whether a case of the same select has left this: a select does not meet itself. */
  protected isOwn(seen: number): boolean {
    const standing = standingOf(seen);
    return this.#traces.some((one) => one.standing === standing && one.at === this.at && one.words === this.words);
  }

  protected isOwnAsk(seen: number): boolean {
    return stateOf(seen) === ASKED && nameIn(seen) !== SEVERAL && this.isOwn(seen);
  }
}

export class SelectedSend extends RendezvousCase implements OpenCase<'ok' | 'closed'> {
  readonly #packed: Packed;
  readonly #trySend: () => 'ok' | 'closed' | undefined;

  constructor(slot: RendezvousSlot, traces: Trace[], packed: Packed, trySend: () => 'ok' | 'closed' | undefined) {
    super(slot, traces);
    this.#packed = packed;
    this.#trySend = trySend;
  }

  attempt(): 'ok' | 'closed' | undefined {
    if (this.standing === undefined) return this.#trySend();
    const seen = this.slot.read();
    if (standingOf(seen) === this.standing) return isClosed(seen) ? this.withdraw() : undefined;
    this.standing = undefined;
    return 'ok';
  }

  isAsked(): boolean {
    const seen = this.slot.read();
    return stateOf(seen) === ASKED && !isClosed(seen) && !this.isOwnAsk(seen);
  }

  announce(mayOffer: boolean): boolean {
    const seen = this.slot.read();
    if (mayOffer && stateOf(seen) === ASKED && !isClosed(seen) && !this.isOwnAsk(seen))
      this.standing = this.slot.offer(seen, this.#packed);
    return mayOffer && this.standing !== undefined;
  }

  park(): ParkingSpot | undefined {
    return this.slot.park((seen) => {
      if (isClosed(seen)) return false;
      if (this.standing !== undefined) return standingOf(seen) === this.standing;
      return stateOf(seen) === ASKED ? this.isOwnAsk(seen) : stateOf(seen) !== WANTED;
    });
  }

  withdraw(): 'ok' | 'closed' | undefined {
    const { slot, standing } = this;
    this.standing = undefined;
    while (standing !== undefined) {
      const seen = slot.read();
      if (standingOf(seen) !== standing) return 'ok';
      if (slot.endTurn(seen)) return isClosed(seen) ? 'closed' : undefined;
    }
    return undefined;
  }
}

export class SelectedReceive<R extends {}> extends RendezvousCase implements OpenCase<R> {
  readonly attempt: () => R | undefined;

  constructor(slot: RendezvousSlot, traces: Trace[], tryReceive: () => R | undefined) {
    super(slot, traces);
    this.attempt = tryReceive;
  }

  announce(): false {
    const seen = this.slot.read();
    if (isClosed(seen) || !(stateOf(seen) === IDLE || this.#isOfAnother(seen))) return false;
    const asked = stateOf(seen) === IDLE ? this.slot.claim(seen, ASKED) : this.slot.askToo(seen);
    this.standing = asked === undefined ? undefined : standingOf(asked);
    return false;
  }

  park(): ParkingSpot | undefined {
    return this.slot.park((seen) => {
      if (stateOf(seen) === ASKED) return !isClosed(seen) && !this.#isOfAnother(seen);
      if (this.isOwn(seen)) return !isClosed(seen);
      return stateOf(seen) !== IDLE && canBeAwaited(seen);
    });
  }

  withdraw(): undefined {
    const { slot, standing } = this;
    this.standing = undefined;
    while (standing !== undefined) {
      const seen = slot.read();
      if (standingOf(seen) !== standing || slot.endTurn(seen)) return;
    }
  }

  /** Whether this is the ask of one other: its own select would not answer it. */
  #isOfAnother(seen: number): boolean {
    return stateOf(seen) === ASKED && nameIn(seen) !== SEVERAL && !this.isOwn(seen);
  }
}
