import {
  type Address,
  AttachError,
  ExhaustedError,
  IndexSet,
  LINE_WORDS,
  type Owner,
  type OwnerId,
  Pool,
  roundUp,
  type Storage,
  ValueError,
  type Words,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEGMENTED_QUEUE, SegmentedQueue } from '../src/index.ts';
import { SegmentDirectory } from '../src/queues/segment-directory.ts';
import { betweenSteps } from './support/between-steps.ts';
import { describeQueue, drain } from './support/queue-conformance.ts';

const SHAPE = { segmentCells: 4, segments: 64 } as const;

/** What is freed is had again; `most` ranges in all. */
function storageOf(pool: Pool, most = Number.POSITIVE_INFINITY): Storage & { live: number } {
  const free: Address[] = [];
  return {
    name: 'test',
    largest: 4096,
    live: 0,
    allocate(words) {
      if (this.live === most) return undefined;
      this.live += 1;
      return free.pop() ?? pool.reserve(words);
    },
    free(at) {
      this.live -= 1;
      free.push(at);
    },
  };
}

let last = 0 as Address;

for (const lanes of [0, 4])
  describeQueue({
    name: `a segmented queue with ${lanes} lanes`,
    leavesClaims: lanes === 0,
    bounded: false,
    open(pool) {
      const shape = { ...SHAPE, lanes };
      last = pool.reserve(SegmentedQueue.size(shape));
      return SegmentedQueue.create(pool, last, storageOf(pool), shape);
    },
    again: (pool, owner) => SegmentedQueue.attach(pool, last, storageOf(pool), { owner }),
  });

function queueOf(most?: number, segments = 8) {
  const pool = Pool.create({ words: 8192, segments: 0 });
  const base = pool.reserve(SegmentedQueue.size(SHAPE));
  const storage = storageOf(pool, most);
  return { pool, base, storage, queue: SegmentedQueue.create(pool, base, storage, { ...SHAPE, segments }) };
}

/** Whether it is settled before two seconds are over: without a time-out of its own, which would look once more. */
function awoken(operation: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, 2_000, 'asleep');
  });
  return Promise.race([operation, late]).finally(() => clearTimeout(timer));
}

describe('who waits at a segmented queue whose storage is at its end', () => {
  const [OTHER, THIRD] = [3, 4].map((id): Owner => ({ id: id as OwnerId, generation: 1 })) as [Owner, Owner];
  function open(segments: number, lanes: number) {
    const pool = Pool.create({ words: 8192, segments: 0 });
    const shape = { segmentCells: 2, segments: 3, lanes };
    const base = pool.reserve(SegmentedQueue.size(shape));
    const storage = storageOf(pool, segments);
    const queue = SegmentedQueue.create(pool, base, storage, shape);
    const again = (words: Words, owner = OTHER) => SegmentedQueue.attach(words as Pool, base, storage, { owner });
    return { pool, queue, again };
  }

  it('to send, is woken though its mark goes when the cell is published', async () => {
    const { pool, queue, again } = open(1, 0);
    let sending: Promise<unknown> | undefined;
    const { words } = record(pool, {
      before(name) {
        if (name !== 'store' || sending !== undefined) return;
        queue.trySend(2n);
        sending = queue.sendAsync(3n); // marks the cell that is claimed, and not published
      },
    });
    expect(again(words).trySend(1n)).toBe('ok');
    await new Promise((resolve) => setImmediate(resolve));
    expect([queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 2n]);
    expect(await awoken(sending as Promise<unknown>)).toBe('ok');
  });

  it.each([0, 4])('to send, is woken though another has marked the list again, and gone (%i lanes)', async (lanes) => {
    const { pool, queue, again } = open(1, lanes);
    const other = again(pool, THIRD);
    let armed = true;
    const { words } = record(pool, {
      before(name) {
        if (name !== 'waitAsync' || !armed) return;
        armed = false;
        expect([queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 1n]);
        expect(other.parkSender()).toBeUndefined();
      },
    });
    while (queue.trySend(1n) === 'ok');
    expect(await awoken(again(words).sendAsync(9n))).toBe('ok');
    expect(armed).toBe(false);
  });

  it('to receive, is not parked in a segment that has left the list meanwhile', () => {
    const { pool, queue, again } = open(3, 0);
    let armed = true;
    // Puts the first segment, which it has made ready again, on the list too late: another one is there.
    const { words: late } = record(pool, {
      before(name, operands) {
        const [, from, to] = operands.map(Number) as [number, number, number];
        if (!armed || name !== 'compareExchangeNumber' || from % 2 ** 25 !== 0 || to < 2 ** 25 || to % 2 !== 0) return;
        armed = false;
        expect([queue.tryReceive(), queue.tryReceive()]).toEqual([4n, 5n]);
        expect(queue.trySend(8n)).toBe('ok');
      },
    });
    let parks = true;
    const { words } = record(pool, {
      before(name) {
        if (name !== 'compareExchangeNumber' || !parks) return;
        parks = false;
        for (const value of [1n, 2n, 3n, 4n, 5n, 6n]) expect(queue.trySend(value)).toBe('ok');
        expect([queue.tryReceive(), queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 2n, 3n]);
        expect(again(late, THIRD).trySend(7n)).toBe('ok');
      },
    });
    const receiver = again(words);
    expect([receiver.parkReceiver(), parks, armed]).toEqual([undefined, false, false]);
    expect(drain(receiver)).toEqual([6n, 8n, 7n]);
  });
});

it.each([0, 4])(
  'goes on in the segment that another thread has just put there, the last of all (%i lanes)',
  (lanes) => {
    const pool = Pool.create({ words: 8192, segments: 0 });
    const shape = { segmentCells: 2, segments: 8, lanes };
    const base = pool.reserve(SegmentedQueue.size(shape));
    const room = storageOf(pool, 2);
    const other = SegmentedQueue.create(pool, base, room, shape);
    let meanwhile = (): void => {};
    const late: Storage = {
      ...room,
      allocate(words) {
        meanwhile();
        return room.allocate(words);
      },
    };
    const queue = SegmentedQueue.attach(pool, base, late, { owner: { id: 3 as OwnerId, generation: 1 } });
    expect([queue.trySend(1n), queue.trySend(2n)]).toEqual(['ok', 'ok']);
    meanwhile = () => {
      meanwhile = () => {};
      expect(other.trySend(3n)).toBe('ok');
    };
    expect([queue.trySend(4n), queue.trySend(5n)]).toEqual(['ok', 'full']);
    expect(drain(queue)).toEqual([1n, 2n, 3n, 4n]);
  },
);

describe('segments', () => {
  it('are used again: a short backlog takes no more than one, a long one only what it needs', () => {
    const { queue, storage } = queueOf();
    for (let round = 0n; round < 100n; round++) {
      for (let value = 0n; value < 3n; value++) queue.trySend(value);
      expect(drain(queue)).toEqual([0n, 1n, 2n]);
    }
    expect(storage.live).toBe(1);
    for (let round = 0; round < 20; round++) {
      const values = Array.from({ length: 10 }, (_, index) => BigInt(round * 10 + index));
      for (const value of values) expect(queue.trySend(value)).toBe('ok');
      expect(queue.length).toBe(10);
      expect(drain(queue)).toEqual(values);
    }
    expect(storage.live).toBeLessThanOrEqual(4);
  });

  it('go back to the storage when asked', () => {
    const { queue, storage } = queueOf();
    for (let value = 0n; value < 20n; value++) queue.trySend(value);
    drain(queue);
    expect([storage.live, queue.trim(), storage.live]).toEqual([5, 4, 1]);
    for (let value = 0n; value < 20n; value++) expect(queue.trySend(value)).toBe('ok');
    expect(drain(queue)).toHaveLength(20);
  });

  it.each([
    { most: 3, segments: 8 },
    { most: 9, segments: 3 },
  ])('that are not to be had make it full, until some are free (%o)', async ({ most, segments }) => {
    const { queue } = queueOf(most, segments);
    let sent = 0n;
    while (queue.trySend(sent) === 'ok') sent += 1n;
    expect(sent).toBe(12n);
    expect(queue.send(99n, { timeout: 1 })).toBe('timed-out');
    const waiting = queue.sendAsync(99n);
    for (let value = 0n; value < 6n; value++) expect(queue.tryReceive()).toBe(value);
    expect(await waiting).toBe('ok');
    expect(drain(queue)).toEqual([6n, 7n, 8n, 9n, 10n, 11n, 99n]);
    while (queue.trySend(1n) === 'ok');
    const refused = queue.sendAsync(1n);
    queue.close();
    expect(await refused).toBe('closed');
    drain(queue);
    expect(queue.tryReceive()).toBe('closed');
  });

  it('that are not to be had leave a sender to wait for a cell', async () => {
    const { queue } = queueOf(1);
    for (let value = 0n; value < 4n; value++) expect(queue.trySend(value)).toBe('ok');
    const waiting = queue.sendAsync(4n);
    expect(queue.tryReceive()).toBe(0n);
    expect(await waiting).toBe('ok');
    expect(drain(queue)).toEqual([1n, 2n, 3n, 4n]);
  }, 5_000);

  it('that a dead receiver has left behind without saying so are for a sender that waits', async () => {
    for (let moment = 0, died = true; died; moment++) {
      const { pool, base, storage, queue } = queueOf(2, 2);
      for (let value = 0n; value < 8n; value++) expect(queue.trySend(value)).toBe('ok');
      for (let value = 0n; value < 4n; value++) expect(queue.tryReceive()).toBe(value);
      const waiting = queue.sendAsync(8n);
      let operations = 0;
      const { words } = record(pool, {
        before() {
          if (operations++ >= moment) throw new Error('this thread is dead');
        },
      });
      const dead = { id: 5 as OwnerId, generation: 1 };
      died = false;
      try {
        SegmentedQueue.attach(words as Pool, base, storage, { owner: dead }).tryReceive();
      } catch {
        died = true;
      }
      queue.recover(dead);
      const received = queue.tryReceive();
      expect(received).toBe(died && received === 4n ? 4n : 5n);
      expect(await waiting).toBe('ok');
      expect(drain(queue).at(-1)).toBe(8n);
    }
  }, 5_000);

  it('are not given away while a late receiver reads in one', () => {
    const { pool, base, storage, queue } = queueOf();
    const late = SegmentedQueue.attach(pool, base, storage, { owner: { id: 5 as OwnerId, generation: 1 } });
    for (let value = 0n; value < 8n; value++) queue.trySend(value);
    expect(late.tryReceive()).toBe(0n);
    drain(queue);
    // It has stayed at the first segment, which is spare by now, and used again before it looks.
    for (let value = 10n; value < 40n; value++) queue.trySend(value);
    expect(late.tryReceive()).toBe(10n);
    drain(queue);
    expect([late.trySend(7n), queue.tryReceive()]).toEqual(['ok', 7n]);
  });

  it('must be there for a queue to begin', () => {
    expect(() => queueOf(0)).toThrow(ExhaustedError);
    expect(() => SegmentedQueue.size({ segments: 1 })).toThrow(ValueError);
    expect(() => SegmentedQueue.size({ segmentCells: 3 })).toThrow(ValueError);
  });
});

describe('the words of a segmented queue', () => {
  it('are refused where there is no such queue', () => {
    const { pool, base, storage } = queueOf();
    expect(() => SegmentedQueue.attach(pool, 0 as Address, storage)).toThrow(AttachError);
    for (const nonsense of [0n, 3n, 2n ** 40n]) {
      pool.store(SEGMENTED_QUEUE.at(base).segmentCells, nonsense);
      expect(() => SegmentedQueue.attach(pool, base, storage)).toThrow(AttachError);
    }
  });

  it('are Corrupt, and no way without end, where one comes after itself', () => {
    const shape = { segmentCells: 2, segments: 4 } as const;
    const pool = Pool.create({ words: 4096, segments: 0 });
    const base = pool.reserve(SegmentedQueue.size(shape));
    const queue = SegmentedQueue.create(pool, base, storageOf(pool), shape);
    for (const value of [1n, 2n]) queue.trySend(value);
    const entry = (SEGMENTED_QUEUE.at(base).rest + 2 * LINE_WORDS + IndexSet.size(shape.segments)) as Address;
    const segment = pool.loadNumber(SEGMENTED_QUEUE.at(base).rest);
    pool.storeNumber((entry + 2) as Address, segment * 2); // what comes after the first one
    expect(() => queue.trySend(5n)).toThrow(/comes after itself/);
  });

  it('are Corrupt or of no consequence, whatever a hostile program writes into them', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 26n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    let corrupt = 0;
    const size = SegmentedQueue.size(SHAPE);
    const begin = SEGMENTED_QUEUE.offsets.rest;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(size - begin - 1), word), { minLength: 1, maxLength: 12 }), (writes) => {
        const { pool, base, queue } = queueOf();
        for (let value = 0n; value < 6n; value++) queue.trySend(value);
        for (const [offset, value] of writes) pool.store((base + begin + (offset % 80)) as Address, value);
        for (const operation of [
          () => queue.trySend(1n),
          () => queue.tryReceive(),
          () => queue.receive({ timeout: 0, spins: 1 }),
          () => queue.length,
          () => queue.closed,
          () => queue.recover({ id: 3 as OwnerId, generation: 1 }),
          () => queue.close(),
        ]) {
          try {
            operation();
          } catch (error) {
            expect(['CorruptError', 'AddressError']).toContain((error as Error).name);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(corrupt).toBeGreaterThan(50);
  });
});

describe.each([0, 4])('where one segment ends and the next begins, with %i lanes', (lanes) => {
  const [SLOW, OTHER, DOOMED] = [4, 5, 6] as const;
  const named = (id: number) => ({ id: id as OwnerId, generation: 1 });
  const SMALL = { segmentCells: 2, segments: 3, lanes } as const;
  const ROOM = SMALL.segmentCells * SMALL.segments;
  const pool = Pool.create({ words: 4096, segments: 0 });
  const room = pool.reserve(4096);
  const shared = () => pool;

  /** The same queue as three threads see it: one that is interrupted, and two others. */
  function threads(slowWords: Pool, filled: number) {
    let top: number = room; // each scene has the same words
    const allocate = (words: number): Address => {
      top += roundUp(words, LINE_WORDS);
      return (top - roundUp(words, LINE_WORDS)) as Address;
    };
    const base = allocate(SegmentedQueue.size(SMALL));
    const storage: Storage = { name: 'test', largest: 4096, allocate, free() {} };
    SegmentedQueue.create(slowWords, base, storage, SMALL);
    const as = (words: Pool, id: number) => SegmentedQueue.attach(words, base, storage, { owner: named(id) });
    const slow = as(slowWords, SLOW);
    const other = as(slowWords, OTHER);
    for (let value = 0; value < filled; value++) expect(other.trySend(BigInt(value))).toBe('ok');
    return { slow, other, as };
  }

  function fill(queue: SegmentedQueue): number {
    let sent = 0;
    while (queue.trySend(9n) === 'ok') sent += 1;
    return sent;
  }

  it.each([0, 1, 2, 3])('no word of a slow sender is lost, and no segment, with %i words before it', (filled) => {
    betweenSteps(shared, ({ words, arm }) => {
      const { slow, other } = threads(words, filled);
      const got: bigint[] = [];
      const sent = Array.from({ length: filled }, (_, value) => BigInt(value));
      const receive = () => {
        got.push(...drain(other));
        expect(other.tryReceive()).toBe('empty'); // and not closed
      };
      arm(() => {
        receive();
        for (const value of [10n, 11n, 12n, 13n]) if (other.trySend(value) === 'ok') sent.push(value);
        receive();
        for (const value of [14n, 15n, 16n]) if (other.trySend(value) === 'ok') sent.push(value);
      });
      expect(slow.trySend(7n)).toBe('ok');
      arm(() => {});
      receive();
      expect(got.sort()).toEqual([...sent, 7n].sort());
      expect(fill(other)).toBeGreaterThan(ROOM - SMALL.segmentCells);
    });
  });

  it.each([1, 2, 3, 4])('a slow receiver gets what was there or comes then, once, of %i words', (filled) => {
    betweenSteps(shared, ({ words, arm }) => {
      const { slow, other } = threads(words, filled);
      const got: unknown[] = [];
      const sent = Array.from({ length: filled }, (_, value) => BigInt(value));
      arm(() => {
        got.push(...drain(other));
        for (const value of [10n, 11n, 12n]) if (other.trySend(value) === 'ok') sent.push(value);
      });
      got.push(slow.tryReceive());
      arm(() => {});
      got.push(...drain(other));
      expect(got.filter((value) => value !== 'empty').sort()).toEqual(sent.sort());
    });
  });

  it('a sender that died there leaves no pointer to a segment that others use again', () => {
    let deaths = 0;
    for (let step = 0, dies = true; dies; step++) {
      dies = false;
      betweenSteps(shared, ({ words, arm }) => {
        const { slow, other, as } = threads(words, SMALL.segmentCells);
        arm(() => {
          let left = step;
          const doomed = record(words, {
            before(name) {
              if (!name.startsWith('load') && left-- === 0) throw new Error('dies here');
            },
          });
          try {
            as(doomed.words as Pool, DOOMED).trySend(8n);
          } catch (error) {
            expect((error as Error).message).toBe('dies here');
            dies = true;
            deaths += 1;
          }
          drain(other);
        });
        expect(slow.trySend(7n)).toBe('ok');
        arm(() => {});
        other.recover(named(DOOMED));
        expect(
          drain(other)
            .filter((value) => value !== 8n)
            .slice(-1),
        ).toEqual([7n]);
      });
    }
    expect(deaths).toBeGreaterThan(50);
  });
});

describe('a segment that receivers have left behind', () => {
  it('is to be had again, also when its claimer says at that moment that it is linked', () => {
    const name = 32;
    const moments = betweenSteps(
      () => Pool.create({ words: 512, segments: 0 }),
      ({ words, arm }) => {
        const directory = new SegmentDirectory(words, words.reserve(SegmentDirectory.size(2)), 2);
        directory.init();
        const segment = directory.claim(name, storageOf(words), 16) as number;
        arm(() => directory.link(segment, name));
        directory.retire(segment);
        expect(directory.hasSpare).toBe(true);
      },
    );
    expect(moments).toBeGreaterThan(1);
  });
});
