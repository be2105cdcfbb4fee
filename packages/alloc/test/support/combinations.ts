/**
 * Every reuse policy with every storage, by name: what is laid once, and how a thread opens it. Nothing of a program that uses
 * segments depends on which it is.
 */
import {
  counted,
  EpochReuse,
  FreeList,
  Heap,
  type HeapStrategy,
  MAGAZINES_WORDS,
  Protocol,
  ring,
  ringSize,
  StaticAllocator,
  StaticStorage,
  type StaticStorageOptions,
} from '@pool/alloc';
import { type Address, manual, type Pool, type ReusePolicy, Segments, type Storage } from '@pool/core';

export const POLICIES = ['manual', 'counted', 'ring', 'epoch'] as const;
/** Of all three families. The protocol is not checked: that the table hands a segment's room to whoever ends it is no party's turn. */
export const STORAGES = ['static', 'named places', 'protocol', 'free list', 'buddy', 'slabs', 'general'] as const;

export interface Combination {
  readonly policy: (typeof POLICIES)[number];
  readonly storage: (typeof STORAGES)[number];
}

export const COMBINATIONS: readonly Combination[] = POLICIES.flatMap((policy) =>
  STORAGES.map((storage) => ({ policy, storage })),
);

/** Segments that there can be at once, and how many bytes the largest has. */
export interface Room {
  readonly segments: number;
  readonly largest: number;
  readonly owners: number;
}

/** What the threads open, as plain data. */
export interface Laid extends Combination {
  readonly room: Room;
  readonly policyAt: Address;
  readonly storageAt: Address;
}

const RING_PLACES = 4;

export function lay(pool: Pool, { policy, storage }: Combination, room: Room): Laid {
  return { policy, storage, room, policyAt: layPolicy(pool, policy, room), storageAt: layStorage(pool, storage, room) };
}

function layPolicy(pool: Pool, policy: Combination['policy'], { segments, owners }: Room): Address {
  if (policy === 'ring') return pool.reserve(ringSize(RING_PLACES));
  if (policy === 'epoch') return pool.reserve(EpochReuse.size({ segments, owners }));
  return 0 as Address;
}

function layStorage(pool: Pool, storage: Combination['storage'], room: Room): Address {
  const { segments, largest, owners } = room;
  const words = Math.ceil(largest / 8);
  if (storage === 'static') return pool.reserve(StaticStorage.size(segments, largest));
  const sizes = placesOf(room);
  if (storage === 'named places')
    return StaticAllocator.create(pool, pool.reserve(StaticAllocator.size(sizes)), sizes, pool.owner).handle.base;
  if (storage === 'protocol')
    return Protocol.create(pool, pool.reserve(Protocol.size({ sizes })), { sizes }, pool.owner).handle.base;
  if (storage === 'free list') {
    const options = { blocks: segments, blockWords: words, owners };
    return FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner).handle;
  }
  // What is free in a thread's magazines is there for that thread only.
  const options = { strategy: storage satisfies HeapStrategy, words: 2 ** 16 + owners * MAGAZINES_WORDS };
  return Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner).handle;
}

export interface Opened {
  readonly segments: Segments;
  readonly storage: Storage;
  readonly reuse: ReusePolicy;
}

/** Opens what is laid on this thread. */
export function open(pool: Pool, laid: Laid): Opened {
  const [storage, reuse] = [openStorage(pool, laid), openPolicy(pool, laid)];
  return { segments: new Segments(pool, { storage, reuse }), storage, reuse };
}

function openPolicy(pool: Pool, { policy, policyAt, room }: Laid): ReusePolicy {
  if (policy === 'counted') return counted({ owners: room.owners });
  if (policy === 'ring') return ring({ base: policyAt, places: RING_PLACES });
  if (policy === 'epoch') return new EpochReuse(pool, { base: policyAt, ...room });
  return manual();
}

/** A place for each segment's entry, in words. */
function placesOf({ segments, largest }: Room): number[] {
  return new Array<number>(segments).fill(Math.ceil(largest / 8));
}

function openStorage(pool: Pool, { storage, storageAt, room }: Laid): Storage {
  const blocks: StaticStorageOptions = { base: storageAt, blocks: room.segments, blockBytes: room.largest };
  if (storage === 'static') return new StaticStorage(blocks);
  const places = { base: storageAt, sizes: placesOf(room) };
  if (storage === 'named places') return StaticAllocator.attach(pool, places, pool.owner);
  if (storage === 'protocol') return Protocol.attach(pool, { ...places, checked: false }, pool.owner);
  if (storage === 'free list') return FreeList.attach(pool, storageAt, pool.owner);
  return Heap.attach(pool, storageAt, pool.owner);
}
