/** A ring of words between one sender and one receiver; see ../queues/spsc-ring.ts. */
import type { Address, Owner } from '@pool/core';
import type { OwnedWords } from '../internal/standing.ts';
import { EndTakenError } from '../queues/end.ts';
import type { SpscReceiver } from '../queues/spsc-receiver.ts';
import { SpscRing, type SpscRingOptions } from '../queues/spsc-ring.ts';
import type { SpscSender } from '../queues/spsc-sender.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { LeftMessages, Packed, Side, Transport } from './transport.ts';

export class RingTransport implements Transport {
  readonly #ring: SpscRing;
  readonly #owner: Owner;
  #sender: SpscSender | undefined;
  #receiver: SpscReceiver | undefined;

  private constructor(ring: SpscRing, owner: Owner) {
    this.#ring = ring;
    this.#owner = owner;
  }

  static size(options: SpscRingOptions): number {
    return SpscRing.size(options);
  }

  static create(words: OwnedWords, base: Address, options: SpscRingOptions, owner: Owner): RingTransport {
    return new RingTransport(SpscRing.create(words, base, options), owner);
  }

  static attach(words: OwnedWords, base: Address, owner: Owner): RingTransport {
    return new RingTransport(SpscRing.attach(words, base), owner);
  }

  get length(): number {
    return this.#ring.length;
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    return this.#sending().trySend(packed as bigint);
  }

  tryReceive(): bigint | 'empty' | 'closed' {
    return this.#receiving().tryReceive();
  }

  parkSender(): ParkingSpot | undefined {
    return this.#sending().park();
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#receiving().park();
  }

  close(side: Side): void {
    try {
      (side === 'sender' ? this.#sending() : this.#receiving()).close();
    } catch (error) {
      if (!(error instanceof EndTakenError)) throw error; // taken: by who closed it, or is about to
    }
  }

  leave(side: Side): void {
    (side === 'sender' ? this.#sender : this.#receiver)?.leave();
    if (side === 'sender') this.#sender = undefined;
    else this.#receiver = undefined;
  }

  recover(owner: Owner): LeftMessages {
    this.#ring.recover(owner);
    return { skipped: 0, undelivered: [] };
  }

  /** The ends are taken when they are first used: whoever made the channel keeps neither from those it is for. */
  #sending(): SpscSender {
    this.#sender ??= this.#ring.sender({ owner: this.#owner });
    return this.#sender;
  }

  #receiving(): SpscReceiver {
    this.#receiver ??= this.#ring.receiver({ owner: this.#owner });
    return this.#receiver;
  }
}
