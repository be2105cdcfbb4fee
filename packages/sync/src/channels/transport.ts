/** What a channel moves its messages with: they are packed already, and nothing here waits. */
import { type Address, LINE_WORDS, type Owner, roundUp, type Words } from '@pool/core';
import { nameOf } from '../queues/cell.ts';
import { CellRing, NO_CELL, STREAM_ENDED } from '../queues/cell-ring.ts';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';
import type { Format } from './format.ts';

export type Side = 'sender' | 'receiver';
export type Packed = bigint | Uint8Array;

/** What a dead thread left in a transport. */
export interface LeftMessages {
  readonly skipped: number;
  readonly undelivered: readonly Packed[];
}

export interface Transport {
  /** Messages that it holds without a receiver. */
  readonly length: number;
  trySend(packed: Packed): 'ok' | 'full' | 'closed';
  tryReceive(): Packed | 'empty' | 'closed';
  parkSender(): ParkingSpot | undefined;
  parkReceiver(): ParkingSpot | undefined;
  /** How to wait for a send or a receive, where that is more than trying again. */
  sending?(packed: Packed): Awaited<'ok' | 'closed'>;
  receiving?(): Awaited<Packed | 'closed'>;
  /** Nothing can be sent from now on; what is there can be received, then it ends. `side` says who has left. */
  close(side: Side): void;
  /** This thread's end of the channel goes to another thread. */
  leave?(side: Side): void;
  recover(owner: Owner): LeftMessages;
}

/** Cells in a ring; see ../queues/cell-ring.ts. */
export class CellTransport implements Transport {
  readonly #words: Words;
  readonly #ring: CellRing;
  readonly #format: Format<never>;

  constructor(words: Words, base: Address, capacity: number, format: Format<never>, owner: Owner) {
    this.#words = words;
    this.#format = format;
    const place = {
      sendHint: base,
      takeHint: (base + LINE_WORDS) as Address,
      cells: (base + 2 * LINE_WORDS) as Address,
    };
    this.#ring = new CellRing(words, place, capacity, 1 + format.payloadWords, nameOf(owner));
  }

  static size(capacity: number, payloadWords: number): number {
    return 2 * LINE_WORDS + roundUp(capacity * (1 + payloadWords), LINE_WORDS);
  }

  init(start: bigint): void {
    this.#ring.init(start);
  }

  get length(): number {
    return this.#ring.length;
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    const cell = this.#ring.claim();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'full';
    this.#format.store(this.#words, (cell + 1) as Address, packed);
    this.#ring.publish(cell);
    return 'ok';
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    const cell = this.#ring.take();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'empty';
    try {
      return this.#format.fetch(this.#words, (cell + 1) as Address);
    } finally {
      this.#ring.release(cell);
    }
  }

  parkSender(): ParkingSpot | undefined {
    return this.#ring.parkSender();
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#ring.parkReceiver();
  }

  close(): void {
    this.#ring.close();
  }

  recover(owner: Owner): LeftMessages {
    return this.#ring.recover(nameOf(owner), (cell) => this.#format.fetch(this.#words, (cell + 1) as Address));
  }
}
