/** What a channel moves its messages with: they are packed already, and nothing here waits. */
import { type Address, LINE_WORDS, type Owner, roundUp, type Words } from '@pool/core';
import { nameOf } from '../queues/cell.ts';
import type { CellPlace } from '../queues/cell-search.ts';
import { type Cells, NO_CELL, STREAM_ENDED } from '../queues/cells.ts';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';
import type { Format } from './format.ts';
import type { OpenCase, Trace } from './selection.ts';

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
  parkSenderForMore?(): ParkingSpot | undefined;
  parkReceiver(): ParkingSpot | undefined;
  /** How to wait for a send or a receive, where that is more than trying again. */
  sending?(packed: Packed): Awaited<'ok' | 'closed'>;
  receiving?(): Awaited<Packed | 'closed'>;
  /** Cases of a select, where they leave something for others to find. `attempt` is to try, and leave nothing. */
  selectSend?(traces: Trace[], packed: Packed, attempt: () => 'ok' | 'closed' | undefined): OpenCase<'ok' | 'closed'>;
  selectReceive?<R extends {}>(traces: Trace[], attempt: () => R | undefined): OpenCase<R>;
  /** Nothing can be sent from now on; what is there can be received, then it ends. `side` says who has left. */
  close(side: Side): void;
  /** This thread's end of the channel goes to another thread. */
  leave?(side: Side): void;
  recover(owner: Owner): LeftMessages;
}

/** Cells of a ring, or of segments; see ../queues/cell-ring.ts and ../queues/segmented-cells.ts. */
export class CellTransport implements Transport {
  readonly #words: Words;
  readonly #cells: Cells;
  readonly #format: Format<never>;

  constructor(words: Words, cells: Cells, format: Format<never>) {
    this.#words = words;
    this.#cells = cells;
    this.#format = format;
  }

  get length(): number {
    return this.#cells.length;
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    const cell = this.#cells.claim();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'full';
    this.#format.store(this.#words, (cell + 1) as Address, packed);
    this.#cells.publish(cell);
    return 'ok';
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    const cell = this.#cells.take();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'empty';
    try {
      return this.#format.fetch(this.#words, (cell + 1) as Address);
    } finally {
      this.#cells.release(cell);
    }
  }

  parkSender(): ParkingSpot | undefined {
    return this.#cells.parkSender();
  }

  parkSenderForMore(): ParkingSpot | undefined {
    return this.#cells.parkSenderForMore?.();
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.#cells.parkReceiver();
  }

  close(): void {
    this.#cells.close();
  }

  recover(owner: Owner): LeftMessages {
    return this.#cells.recover(nameOf(owner), (cell) => this.#format.fetch(this.#words, (cell + 1) as Address));
  }
}

/** Where the cells of a bounded channel stand. */
export function ringPlace(base: Address): CellPlace {
  return {
    sendHint: base,
    takeHint: (base + LINE_WORDS) as Address,
    cells: (base + 2 * LINE_WORDS) as Address,
  };
}

export function ringWords(capacity: number, cellWords: number): number {
  return 2 * LINE_WORDS + roundUp(capacity * cellWords, LINE_WORDS);
}
