import { FreeList } from '@pool/alloc';
import { type Address, type Owner, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import {
  attachReceiver,
  attachSender,
  Barrier,
  channel,
  channelSize,
  Latch,
  Mutex,
  Once,
  type Recovered,
  ResetEvent,
  RwLock,
  recover,
  Semaphore,
  SpscRing,
  WaitGroup,
} from '../src/index.ts';
import { everyDeath } from './support/death.ts';

const OWNERS = 5;

/** One of each, in one range of words. */
function objectsAt(pool: Pool, base: Address, how: 'create' | 'attach') {
  let next: number = base;
  const place = (size: number): Address => {
    next += size;
    return (next - size) as Address;
  };
  const at = [
    place(Mutex.size()),
    place(Semaphore.size(OWNERS)),
    place(RwLock.size(OWNERS)),
    place(WaitGroup.size(OWNERS)),
    place(Barrier.size(2)),
    place(Once.size()),
    place(Latch.size()),
    place(ResetEvent.size()),
  ] as const;
  const made = how === 'create';
  const [mutex, semaphore, rwLock, waitGroup, barrier, once, latch, event] = [
    made ? Mutex.create(pool, at[0]) : Mutex.attach(pool, at[0]),
    made ? Semaphore.create(pool, at[1], 3) : Semaphore.attach(pool, at[1]),
    made ? RwLock.create(pool, at[2]) : RwLock.attach(pool, at[2]),
    made ? WaitGroup.create(pool, at[3]) : WaitGroup.attach(pool, at[3]),
    made ? Barrier.create(pool, at[4], 2) : Barrier.attach(pool, at[4]),
    made ? Once.create(pool, at[5]) : Once.attach(pool, at[5]),
    made ? Latch.create(pool, at[6], 1) : Latch.attach(pool, at[6]),
    made ? ResetEvent.create(pool, at[7], { reset: 'manual' }) : ResetEvent.attach(pool, at[7]),
  ] as const;
  return { mutex, semaphore, rwLock, waitGroup, barrier, once, latch, event };
}

/** Has something of everything that can be had; a call is left in the middle. */
function holdEverything({ mutex, semaphore, rwLock, waitGroup, barrier, once }: ReturnType<typeof objectsAt>): void {
  mutex.lock();
  semaphore.acquire(2);
  rwLock.read();
  waitGroup.add(4);
  barrier.join();
  once.callAsync(() => new Promise(() => {}));
}

const WORDS = 1024;
const EVERYTHING = [
  ['mutex', 'lock', 1],
  ['semaphore', 'permits', 2],
  ['rw lock', 'read lock', 1],
  ['wait group', 'tasks', 4],
  ['barrier', 'party', 1],
  ['once', 'call', 1],
];

describe('recovery of a dead owner', () => {
  it('finds all that it had, once, and frees its row', async () => {
    const pool = Pool.create({ words: WORDS, owners: OWNERS, segments: 0 });
    const victim = Pool.attach(pool.handle);
    const base = pool.reserve(WORDS / 2);
    const objects = objectsAt(pool, base, 'create');
    holdEverything(objectsAt(victim, base, 'attach'));
    await Promise.resolve(); // the call has begun
    const dead = victim.owner;
    const found = recover(pool, Object.values(objects), dead);
    expect(found.map((one) => one && [one.kind, one.found, one.count])).toEqual(EVERYTHING);
    expect(pool.owners.read(dead.id).status).toBe('free');
    expect(recover(pool, Object.values(objects), dead)).toEqual([]);
    for (const object of Object.values(objects)) expect(object.recover(dead)).toBeUndefined();
  });

  it('lists each thing by itself, of whatever objects, and numbers of a storage that are not 0', () => {
    const pool = Pool.create({ words: 8192, owners: OWNERS, segments: 0 });
    const victim = Pool.attach(pool.handle);
    const dead = victim.owner;
    const options = { capacity: 2 };
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
    const base = pool.reserve(SpscRing.size(options));
    const ring = SpscRing.create(pool, base, options);
    const mutex = Mutex.create(pool, pool.reserve(Mutex.size()));
    const blocks = { blocks: 4, blockWords: 16, owners: OWNERS };
    const list = FreeList.create(pool, pool.reserve(FreeList.size(blocks)), blocks, pool.owner);
    attachSender(victim, tx.handOver());
    attachReceiver(victim, rx.handOver());
    SpscRing.attach(victim, base).sender();
    Mutex.attach(victim, mutex.base).lock();
    FreeList.attach(victim, list.handle, dead).allocate(16);
    const found = recover(pool, [tx, mutex, ring, list], dead);
    const names = found.map((one: Recovered | number) => (typeof one === 'number' ? one : one.found));
    expect(names).toEqual(['sender clones', 'receiver clones', 'lock', 'sender', 1]);
    expect(recover(pool, [tx, mutex, ring, list], dead)).toEqual([]);
  });

  it('finds nothing of the living, nor of a successor in the same row', () => {
    const pool = Pool.create({ words: WORDS, owners: 2, segments: 0 });
    const base = pool.reserve(Mutex.size());
    const mutex = Mutex.create(pool, base);
    const first = Pool.attach(pool.handle);
    const dead: Owner = first.owner;
    Mutex.attach(first, base).lock();
    recover(pool, [mutex], dead);
    const second = Pool.attach(pool.handle);
    expect(second.owner).toEqual({ id: dead.id, generation: dead.generation + 1 });
    mutex.lock().unlock();
    Mutex.attach(second, base).lock();
    expect(recover(pool, [mutex], dead)).toEqual([]);
    expect(mutex.holder).toEqual(second.owner);
    expect(pool.owners.isLive(second.owner)).toBe(true);
  });

  it('finds what a thread forgot that left in good order', () => {
    const pool = Pool.create({ words: WORDS, owners: 2, segments: 0 });
    const base = pool.reserve(Mutex.size());
    const mutex = Mutex.create(pool, base);
    const other = Pool.attach(pool.handle);
    Mutex.attach(other, base).lock();
    other.detach();
    expect(recover(pool, [mutex], other.owner)).toEqual([{ kind: 'mutex', base, found: 'lock', count: 1 }]);
    expect(mutex.lock().ownerDied).toBe(true);
  });

  it('is finished by somebody else if who recovers dies, at whatever operation', () => {
    everyDeath((pool) => {
      const victim = Pool.attach(pool.handle);
      const base = pool.reserve(WORDS / 4);
      const [mutex, semaphore] = [Mutex.create(pool, base), Semaphore.create(pool, (base + 16) as Address, 3)];
      Mutex.attach(victim, base).lock();
      Semaphore.attach(victim, (base + 16) as Address).acquire(2);
      const dead = victim.owner;
      return {
        act: (words) =>
          void recover(words, [Mutex.attach(words, base), Semaphore.attach(words, (base + 16) as Address)], dead),
        check() {
          recover(pool, [mutex, semaphore], dead);
          expect(pool.owners.read(dead.id).status).toBe('free');
          expect([mutex.holder, semaphore.available]).toEqual([undefined, 3]);
          expect(mutex.lock().ownerDied).toBe(true);
          victim.detach();
        },
      };
    });
  });

  it('is shared by several that do it at once: each thing is found by one of them', () => {
    // The second recovery takes place in the middle of the first, before each of its operations in turn.
    for (let moment = 0, between = true; between; moment++) {
      between = false;
      const pool = Pool.create({ words: WORDS, owners: OWNERS, segments: 0 });
      const victim = Pool.attach(pool.handle);
      const base = pool.reserve(Semaphore.size(OWNERS));
      const semaphore = Semaphore.create(pool, base, 3);
      Semaphore.attach(victim, base).acquire(2);
      const dead = victim.owner;
      let second = 0;
      const other = Pool.attach(pool.handle);
      let operations = 0;
      const { words } = record(other, {
        before() {
          if (operations++ !== moment) return;
          between = true;
          second = recover(pool, [semaphore], dead).reduce((sum, { count }) => sum + count, 0);
        },
      });
      const first = Semaphore.attach(words, base).recover(dead)?.count ?? 0;
      if (!between) recover(pool, [semaphore], dead);
      expect([first + second, semaphore.available]).toEqual([2, 3]);
    }
  });
});
