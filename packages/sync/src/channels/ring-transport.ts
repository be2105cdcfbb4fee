/** A ring of words between one sender and one receiver; see ../queues/spsc-ring.ts. */
import type { Address, Owner } from '@pool/core';
import type { OwnedWords } from '../internal/standing.ts';
import { EndTakenError } from '../queues/end.ts';
import type { SpscReceiver } from '../queues/spsc-receiver.ts';
import { SpscRing, type SpscRingOptions } from '../queues/spsc-ring.ts';
import type { SpscSender } from '../queues/spsc-sender.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { Packed, WordFormat } from './format.ts';
import type { LeftMessages, Side, Transport } from './transport.ts';

export class RingTransport implements Transport {
  readonly #ring: SpscRing;
  readonly #format: WordFormat<never>;
  readonly #owner: Owner;
  #sender: SpscSender | undefined;
  #receiver: SpscReceiver | undefined;

  private constructor(ring: SpscRing, format: WordFormat<never>, owner: Owner) {
    this.#ring = ring;
    this.#format = format;
    this.#owner = owner;
  }

  static size(options: SpscRingOptions): number {
    return SpscRing.size(options);
  }

  static create(
    words: OwnedWords,
    base: Address,
    options: SpscRingOptions,
    format: WordFormat<never>,
    owner: Owner,
  ): RingTransport {
    return new RingTransport(SpscRing.create(words, base, options), format, owner);
  }

  static attach(words: OwnedWords, base: Address, format: WordFormat<never>, owner: Owner): RingTransport {
    return new RingTransport(SpscRing.attach(words, base), format, owner);
  }

  get length(): number {
    return this.#ring.length;
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    return this.#sending().trySend(this.#format.wordOf(packed));
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    const received = this.#receiving().tryReceive();
    return typeof received === 'bigint' ? this.#format.packedIn(received) : received;
  }

  parkSender(): ParkingSpot | undefined {
    return this.#sending().park();
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#receiving().park();
  }

  close(side: Side): void {
    this.#end(side)?.close();
    try {
      // It may stand vacant: never used, or left by one who died with it on the way.
      (side === 'sender'
        ? this.#ring.sender({ owner: this.#owner })
        : this.#ring.receiver({ owner: this.#owner })
      ).close();
    } catch (error) {
      if (!(error instanceof EndTakenError)) throw error; // taken: by who closed it, or is about to
    }
  }

  /** The end's object is kept: a select that is pending there must not take the end back from its successor. */
  leave(side: Side): void {
    this.#end(side)?.leave();
  }

  recover(owner: Owner): LeftMessages {
    this.#ring.recover(owner);
    return { skipped: 0, undelivered: [] };
  }

  #end(side: Side): SpscSender | SpscReceiver | undefined {
    return side === 'sender' ? this.#sender : this.#receiver;
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
