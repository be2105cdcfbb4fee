/** Threads whose generation is any that an owner can have: what they hold is theirs alone, and recovery finds it. */
import { type Address, type Owner, type OwnerId, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';

const OWNERS = 4;

/** Makes the object, and lets the owner hold something there; whoever made it can tell what is left. */
type Held = (pool: Pool, owner: Owner) => { readonly object: sync.Recoverable; isHeld(): boolean };

const HELD: readonly (readonly [string, Held])[] = [
  [
    'a mutex',
    (pool, owner) => {
      const object = sync.Mutex.create(pool, pool.reserve(sync.Mutex.size()));
      sync.Mutex.attach(pool, object.base, { owner }).lock();
      return { object, isHeld: () => object.holder?.generation === owner.generation };
    },
  ],
  [
    'a semaphore',
    (pool, owner) => {
      const object = sync.Semaphore.create(pool, pool.reserve(sync.Semaphore.size(OWNERS)), 3, { owners: OWNERS });
      sync.Semaphore.attach(pool, object.base, { owner }).acquire(2);
      return { object, isHeld: () => object.available === 1 };
    },
  ],
  [
    'a read-write lock',
    (pool, owner) => {
      const object = sync.RwLock.create(pool, pool.reserve(sync.RwLock.size(OWNERS)), { owners: OWNERS });
      sync.RwLock.attach(pool, object.base, { owner }).write();
      return { object, isHeld: () => object.tryRead() === undefined };
    },
  ],
  [
    'a wait group',
    (pool, owner) => {
      const object = sync.WaitGroup.create(pool, pool.reserve(sync.WaitGroup.size(OWNERS)), { owners: OWNERS });
      sync.WaitGroup.attach(pool, object.base, { owner }).add(2);
      return { object, isHeld: () => object.open === 2 };
    },
  ],
  [
    'a barrier',
    (pool, owner) => {
      const object = sync.Barrier.create(pool, pool.reserve(sync.Barrier.size(2)), 2);
      sync.Barrier.attach(pool, object.base, { owner }).join();
      return { object, isHeld: () => !object.broken };
    },
  ],
  [
    'a call',
    (pool, owner) => {
      const object = sync.Once.create(pool, pool.reserve(sync.Once.size()));
      void sync.Once.attach(pool, object.base, { owner }).callAsync(() => new Promise<bigint>(() => {}));
      return { object, isHeld: () => object.call(() => 1n, { timeout: 0, spins: 0 }) === 'timed-out' };
    },
  ],
  [
    'a one-shot',
    (pool, owner) => {
      const object = sync.OneShot.create(pool, pool.reserve(sync.OneShot.size()));
      sync.OneShot.attach(pool, object.base, { owner }).claimSender();
      return { object, isHeld: () => object.tryReceive() === 'empty' };
    },
  ],
  [
    'a mailbox',
    (pool, owner) => {
      const object = sync.Mailbox.create(pool, pool.reserve(sync.Mailbox.size()));
      sync.Mailbox.attach(pool, object.base, { owner }).claim();
      return { object, isHeld: () => !object.claim() };
    },
  ],
  [
    'a broadcast',
    (pool, owner) => {
      const object = sync.Broadcast.create(pool, pool.reserve(sync.Broadcast.size(2)), { capacity: 2 });
      sync.Broadcast.attach(pool, object.base, { owner }).claim();
      return { object, isHeld: () => !object.closed };
    },
  ],
  [
    'a ring of records',
    (pool, owner) => {
      const object = sync.RecordsRing.create(pool, pool.reserve(sync.RecordsRing.size(256)), { capacity: 256 });
      sync.RecordsRing.attach(pool, object.base, { owner }).claim();
      return { object, isHeld: () => !object.claim() };
    },
  ],
  [
    'a ring between two',
    (pool, owner) => {
      const options = { capacity: 2 };
      const at: Address = pool.reserve(sync.SpscRing.size(options));
      const object = sync.SpscRing.create(pool, at, options);
      object.sender({ owner });
      return { object, isHeld: () => pool.load(sync.SPSC_RING.at(at).sender) !== 0n };
    },
  ],
  [
    "a channel's end",
    (pool, owner) => {
      const options = { capacity: 2 };
      const [tx, object] = sync.channel(pool, pool.reserve(sync.channelSize(options)), options);
      sync.attachSender(pool, tx.handOver(), { owner });
      return { object, isHeld: () => object.tryReceive().status === 'empty' };
    },
  ],
];

describe.each(HELD)('%s', (_, hold) => {
  it.each([1, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])(
    "of an owner of generation %i is nobody else's",
    (generation) => {
      const pool = Pool.create({ words: 4096, owners: OWNERS, segments: 0 });
      const { object, isHeld } = hold(pool, { id: 3 as OwnerId, generation });
      const finds = (of: number): number =>
        [object.recover({ id: 3 as OwnerId, generation: of })].flat().filter(Boolean).length;
      expect(isHeld()).toBe(true);
      const others = [generation - 1, generation + 1, generation ^ (2 ** 16)].filter((of) => of > 0 && of < 2 ** 32);
      expect(others.map(finds)).toEqual(others.map(() => 0));
      expect(isHeld()).toBe(true);
      expect([finds(generation), finds(generation)]).toEqual([1, 0]);
      expect(isHeld()).toBe(false);
    },
  );
});
