/** What is constant about a channel, and what moves its messages accordingly. */
import { type Address, LINE_WORDS, MOST_LANES, type Owner, roundUp, type Storage, ValueError } from '@pool/core';
import type { OwnedWords } from '../internal/standing.ts';
import { nameOf } from '../queues/cell.ts';
import { type CellGrid, LARGEST_CELL_COUNT, laneGrid, laneGridWords, messageGrid } from '../queues/cell-grid.ts';
import { CellRing } from '../queues/cell-ring.ts';
import type { WordCells } from '../queues/cells.ts';
import { checkLanes, Lanes } from '../queues/lanes.ts';
import { type SegmentedShape, SegmentList } from '../queues/segment-list.ts';
import { SegmentedCells } from '../queues/segmented-cells.ts';
import { isShape } from '../queues/segmented-queue.ts';
import { type Format, isOfWords } from './format.ts';
import { RendezvousTransport } from './rendezvous.ts';
import { RingTransport } from './ring-transport.ts';
import { CellTransport, ringPlace, ringWords, type Side, type Transport, WordTransport } from './transport.ts';

/** How many threads may send and receive: one each, several senders, or several of both. */
export type ChannelKind = 'spsc' | 'mpsc' | 'mpmc';

export const KINDS: readonly ChannelKind[] = ['spsc', 'mpsc', 'mpmc'];
const LARGEST_MESSAGE = 2 ** 24;
const LARGEST_CLONE_COUNT = 2 ** 16;
/** Words that say who has which lane. */
const LANE_OWNERS: number = roundUp(MOST_LANES, LINE_WORDS);

/** What is constant about a channel. */
export interface ChannelShape {
  readonly kind: ChannelKind;
  /** A power of two of 2..2^22; 0: a rendezvous; infinity: as much as the storage has. */
  readonly capacity: number;
  /** Of a channel without bound: cells of a segment, and how many segments there can be. Else 0. */
  readonly segmentCells: number;
  readonly segments: number;
  /** The most bytes of a message; 0 where messages are words. */
  readonly messageBytes: number;
  /** How many clones each end can have. */
  readonly clones: number;
  /** How many senders of words have a lane. 0 where there is one sender, or no cells. */
  readonly lanes: number;
}

export function checkShape(shape: ChannelShape): ChannelShape {
  const { kind, capacity, messageBytes, clones } = shape;
  const power =
    Number.isInteger(capacity) && capacity >= 2 && capacity <= LARGEST_CELL_COUNT && (capacity & (capacity - 1)) === 0;
  if (!KINDS.includes(kind)) throw new ValueError(kind, '`kind` is spsc, mpsc or mpmc');
  if (capacity === Number.POSITIVE_INFINITY) {
    if (!isShape(shape))
      throw new ValueError(
        shape.segmentCells,
        '`segmentCells` is a power of two from 2 on, and there are 2 `segments` or more',
      );
  } else if (!(capacity === 0 || power)) {
    throw new ValueError(capacity, `\`capacity\` is 0, a power of two of 2..${LARGEST_CELL_COUNT}, or infinite`);
  }
  if (!Number.isInteger(messageBytes) || messageBytes < 0 || messageBytes > LARGEST_MESSAGE)
    throw new ValueError(messageBytes, `\`messageBytes\` is an integer of 1..${LARGEST_MESSAGE}`);
  if (!Number.isInteger(clones) || clones < 1 || clones > LARGEST_CLONE_COUNT)
    throw new ValueError(clones, `\`clones\` is an integer of 1..${LARGEST_CLONE_COUNT}`);
  checkLanes(shape.lanes);
  return shape;
}

/** How a thread opens a channel. */
export interface Opening {
  readonly format: Format<never>;
  readonly owner: Owner;
  /** Where the room of a channel without bound comes from. */
  readonly storage: Storage | undefined;
  /** The first position of one that is being made; none: it is there already. */
  readonly start?: bigint;
}

export function transportSize(shape: ChannelShape, payloadWords: number): number {
  const { kind, capacity, messageBytes } = shape;
  const owners = messageBytes === 0 ? LANE_OWNERS : 0;
  if (capacity === Number.POSITIVE_INFINITY) return owners + SegmentList.size(shape.segments);
  if (capacity === 0) return RendezvousTransport.size(payloadWords);
  if (kind === 'spsc' && messageBytes === 0) return RingTransport.size({ capacity });
  return owners + ringWords(cellWords(shape, capacity, payloadWords));
}

/** Words of a segment of a channel without bound. */
export function segmentWords(shape: ChannelShape, payloadWords: number): number {
  return SegmentList.segmentSize(segmentedShape(shape, payloadWords));
}

function segmentedShape(shape: ChannelShape, payloadWords: number): SegmentedShape {
  const { segmentCells, segments } = shape;
  return { segmentCells, segments, ringWords: cellWords(shape, segmentCells, payloadWords) };
}

/** Words of so many cells, and their messages. */
function cellWords({ messageBytes, lanes }: ChannelShape, cells: number, payloadWords: number): number {
  return messageBytes === 0 ? laneGridWords(cells, lanes) : cells * (1 + payloadWords);
}

export function openTransport(words: OwnedWords, base: Address, shape: ChannelShape, opening: Opening): Transport {
  const { kind, capacity } = shape;
  const { format, owner, start } = opening;
  if (capacity === 0) {
    const transport = new RendezvousTransport(words, base, format, owner);
    if (start !== undefined) transport.init(start);
    return transport;
  }
  if (!isOfWords(format)) {
    const cells = openCells(words, base, shape, opening, messageGrid(format.payloadWords));
    return new CellTransport(words, cells, format);
  }
  if (kind === 'spsc' && capacity !== Number.POSITIVE_INFINITY)
    return start === undefined
      ? RingTransport.attach(words, base, format, owner)
      : RingTransport.create(words, base, { capacity, start }, format, owner);
  const lanes = new Lanes(words, base, shape.lanes, { owner });
  if (start !== undefined) lanes.init();
  const cells = (base + LANE_OWNERS) as Address;
  const grid = laneGrid(shape.segmentCells || capacity, lanes);
  return new WordTransport(openCells(words, cells, shape, opening, grid), lanes, format);
}

function openCells(
  words: OwnedWords,
  base: Address,
  shape: ChannelShape,
  { format, owner, storage, start }: Opening,
  grid: CellGrid,
): WordCells {
  const { capacity } = shape;
  if (capacity === Number.POSITIVE_INFINITY) {
    if (storage === undefined)
      throw new ValueError(capacity, 'a channel without bound takes its room from a `storage`');
    const open = start === undefined ? SegmentedCells.attach : SegmentedCells.create;
    return open(words, base, segmentedShape(shape, format.payloadWords), storage, owner, grid);
  }
  const ring = new CellRing(words, ringPlace(base), capacity, grid, nameOf(owner));
  if (start === undefined) ring.attach();
  else ring.init(start);
  return ring;
}

/** Whether an end of this kind may have several clones. */
export function isClonable(kind: ChannelKind, side: Side): boolean {
  return kind === 'mpmc' || (kind === 'mpsc' && side === 'sender');
}
