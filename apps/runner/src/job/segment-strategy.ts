/**
 * The two strategies of a job's segments, by the names that a manifest gives them: where their bytes come from, and when they are
 * written again. What is laid out is plain data, which the host and every thread of the job open alike.
 */
import {
  counted,
  EpochReuse,
  FreeList,
  Heap,
  type HeapOptions,
  MAGAZINES_WORDS,
  ring,
  ringSize,
  StaticStorage,
} from '@pool/alloc';
import { type Address, manual, type Pool, type ReusePolicy, Segments, type Storage, WORD_BYTES } from '@pool/core';

export const STORAGES = ['static', 'free-list', 'buddy', 'general'] as const;

/** Where the bytes come from. */
export interface StorageSpec {
  readonly strategy: (typeof STORAGES)[number];
  /** Bytes in all, for those that share room between segments. Default: all segments at their largest, and what threads keep for themselves. */
  readonly room?: number | undefined;
}

/** When the bytes are written again. */
export type ReuseSpec =
  | { readonly policy: 'manual' }
  | { readonly policy: 'counted' }
  | { readonly policy: 'ring'; readonly places: number }
  | { readonly policy: 'epoch'; readonly limit?: number | undefined };

/** How many segments, of at most how many bytes, for how many threads. */
export interface SegmentsShape {
  readonly count: number;
  readonly bytes: number;
  readonly owners: number;
  readonly storage: StorageSpec;
  readonly reuse: ReuseSpec;
}

export interface LaidSegments extends SegmentsShape {
  readonly storageAt: Address;
  readonly reuseAt: Address;
}

/** `counted` has a bit for so many owners. */
const MOST_COUNTED = 256;

/** What is wrong with a shape, and with which of its parts. */
export interface ShapeFault {
  readonly part: 'storage' | 'reuse';
  readonly message: string;
  readonly hint?: string;
}

/** `undefined` if the segments can be laid out, and a draft of the largest be had of them. */
export function faultOf({ count, bytes, owners, storage, reuse }: SegmentsShape): ShapeFault | undefined {
  const { strategy, room } = storage;
  const blockBytes = heapBlockWords(bytes) * WORD_BYTES;
  if (room !== undefined && room < blockBytes)
    return {
      part: 'storage',
      message: `a segment of ${bytes} bytes takes a block of ${blockBytes} of a \`${strategy}\` storage, and this one has room for ${room}`,
      hint: `${blockBytes} bytes hold one of them`,
    };
  if (reuse.policy === 'ring' && reuse.places >= count)
    return {
      part: 'reuse',
      message: `a ring of ${reuse.places} segments needs more than ${reuse.places}, for what is being written; there are ${count}`,
    };
  if (reuse.policy === 'counted' && owners > MOST_COUNTED)
    return {
      part: 'reuse',
      message: `references are counted for at most ${MOST_COUNTED} threads, and this job has ${owners}; \`epoch\` has no such limit`,
    };
  return undefined;
}

/** Words that the storage takes, whole lines. */
export function storageWords(shape: SegmentsShape): number {
  const { strategy } = shape.storage;
  if (strategy === 'static') return StaticStorage.size(shape.count, shape.bytes);
  if (strategy === 'free-list') return FreeList.size(freeListOptions(shape));
  return Heap.size(heapOptions(shape));
}

/** Words that the reuse policy takes beside those in the segment table; 0 if none. */
export function reuseWords({ count, owners, reuse }: SegmentsShape): number {
  if (reuse.policy === 'ring') return ringSize(reuse.places);
  if (reuse.policy === 'epoch') return EpochReuse.size({ segments: count, owners });
  return 0;
}

/** Lays the storage, once, before any thread opens it. */
export function createStorage(pool: Pool, laid: LaidSegments): void {
  const { strategy } = laid.storage;
  if (strategy === 'free-list') FreeList.create(pool, laid.storageAt, freeListOptions(laid), pool.owner);
  else if (strategy !== 'static') Heap.create(pool, laid.storageAt, heapOptions(laid), pool.owner);
}

/** This thread's way to the segments. */
export interface OpenSegments {
  readonly segments: Segments;
  readonly storage: Storage;
  /** Gives back what this thread keeps for itself: to be called before it leaves. */
  close(): void;
}

export function openSegments(pool: Pool, laid: LaidSegments): OpenSegments {
  const storage = openStorage(pool, laid);
  return {
    segments: new Segments(pool, { storage, reuse: openReuse(pool, laid) }),
    storage,
    close() {
      if (storage instanceof Heap) storage.release();
    },
  };
}

function openStorage(pool: Pool, { storage, storageAt, count, bytes }: LaidSegments): Storage {
  if (storage.strategy === 'static') return new StaticStorage({ base: storageAt, blocks: count, blockBytes: bytes });
  if (storage.strategy === 'free-list') return FreeList.attach(pool, storageAt, pool.owner);
  return Heap.attach(pool, storageAt, pool.owner);
}

function openReuse(pool: Pool, { reuse, reuseAt, count, owners }: LaidSegments): ReusePolicy {
  switch (reuse.policy) {
    case 'manual':
      return manual();
    case 'counted':
      return counted({ owners });
    case 'ring':
      return ring({ base: reuseAt, places: reuse.places });
    case 'epoch': {
      const limit = reuse.limit === undefined ? {} : { limit: reuse.limit };
      return new EpochReuse(pool, { base: reuseAt, segments: count, owners, ...limit });
    }
  }
}

function freeListOptions({ count, bytes, owners }: SegmentsShape) {
  return { blocks: count, blockWords: wordsFor(bytes), owners };
}

function heapOptions({ count, bytes, owners, storage }: SegmentsShape): HeapOptions {
  const kept = storage.strategy === 'buddy' ? 0 : owners * MAGAZINES_WORDS;
  const words = storage.room === undefined ? count * heapBlockWords(bytes) + kept : wordsFor(storage.room);
  return { strategy: storage.strategy === 'buddy' ? 'buddy' : 'general', words };
}

/** Words of the largest block that a heap takes for one segment: buddies are as large as the next power of two. */
function heapBlockWords(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(wordsFor(bytes)));
}

function wordsFor(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES);
}
