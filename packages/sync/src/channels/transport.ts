/** What a channel moves its messages with: they are packed already, and nothing here waits. */
import { type Address, LINE_WORDS, type Owner, packOwner, roundUp, type Words } from '@pool/core';
import { nameOf } from '../queues/cell.ts';
import type { CellPlace } from '../queues/cell-search.ts';
import {
  type Cells,
  NO_CELL,
  SENT,
  STREAM_ENDED,
  type WordCells,
  type WordReceiver,
  type WordSender,
} from '../queues/cells.ts';
import type { Lanes } from '../queues/lanes.ts';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';
import type { Format, Packed, WordFormat } from './format.ts';
import type { OpenCase, Trace } from './selection.ts';

export type Side = 'sender' | 'receiver';

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
abstract class CellsTransport<C extends Cells> {
  protected readonly cells: C;

  constructor(cells: C) {
    this.cells = cells;
  }

  get length(): number {
    return this.cells.length;
  }

  parkSender(): ParkingSpot | undefined {
    return this.cells.parkSender();
  }

  parkSenderForMore(): ParkingSpot | undefined {
    return this.cells.parkSenderForMore?.();
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.cells.parkReceiver();
  }

  close(): void {
    this.cells.close();
  }
}

/** Messages of several words in cells, written between claim and publication, and read between taking and release. */
export class CellTransport extends CellsTransport<Cells> implements Transport {
  readonly #words: Words;
  readonly #format: Format<never>;

  constructor(words: Words, cells: Cells, format: Format<never>) {
    super(cells);
    this.#words = words;
    this.#format = format;
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    const cell = this.cells.claim();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'full';
    this.#format.store(this.#words, (cell + 1) as Address, packed);
    this.cells.publish(cell);
    return 'ok';
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    const cell = this.cells.take();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'empty';
    try {
      return this.#format.fetch(this.#words, (cell + 1) as Address);
    } finally {
      this.cells.release(cell);
    }
  }

  recover(owner: Owner): LeftMessages {
    return this.cells.recover(nameOf(owner), (cell) => this.#format.fetch(this.#words, (cell + 1) as Address));
  }
}

/** Words in cells with lanes; see ../queues/lanes.ts. Each goes in by one step and out by one. */
export class WordTransport extends CellsTransport<WordCells> implements Transport {
  readonly #sender: WordSender;
  readonly #receiver: WordReceiver;
  readonly #lanes: Lanes;
  readonly #asNumbers: boolean;

  constructor(cells: WordCells, lanes: Lanes, format: WordFormat<never>) {
    super(cells);
    this.#sender = cells.sender;
    this.#receiver = cells.receiver;
    this.#lanes = lanes;
    this.#asNumbers = format.ofWords === 'numbers';
  }

  trySend(packed: Packed): 'ok' | 'full' | 'closed' {
    const sent = this.#asNumbers ? this.#sender.sendDouble(packed as number) : this.#sender.sendWord(packed as bigint);
    if (sent === SENT) return 'ok';
    return sent === STREAM_ENDED ? 'closed' : 'full';
  }

  tryReceive(): Packed | 'empty' | 'closed' {
    return this.#asNumbers ? this.#receiver.receiveDouble() : this.#receiver.receiveWord();
  }

  /** A word that was being received is still there, for the next receiver. */
  recover(owner: Owner): LeftMessages {
    const { skipped } = this.cells.recover(nameOf(owner), () => undefined);
    this.#lanes.recover(packOwner(owner));
    return { skipped, undelivered: [] };
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

/** @param cellWords of all its cells */
export function ringWords(cellWords: number): number {
  return 2 * LINE_WORDS + roundUp(cellWords, LINE_WORDS);
}

/** A result, if it is not the one that means to wait. */
export function unless<R extends Packed | string, W extends R>(result: R, wanting: W): Exclude<R, W> | undefined {
  return result === wanting ? undefined : (result as Exclude<R, W>);
}
