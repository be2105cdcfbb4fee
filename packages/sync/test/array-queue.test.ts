import {
  type Address,
  AttachError,
  CorruptError,
  LINE_WORDS,
  type Owner,
  type OwnerId,
  Pool,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARRAY_QUEUE, ArrayQueue } from '../src/index.ts';
import { PATIENCE } from './support/moments.ts';
import { describeQueue } from './support/queue-conformance.ts';

let last = 0 as Address;

for (const lanes of [0, 4])
  describeQueue({
    name: `an array queue with ${lanes} lanes`,
    leavesClaims: lanes === 0,
    bounded: true,
    open(pool, capacity, start = 0n) {
      last = pool.reserve(ArrayQueue.size({ capacity, lanes }));
      return ArrayQueue.create(pool, last, { capacity, lanes, start });
    },
    again: (pool, owner) => ArrayQueue.attach(pool, last, { owner }),
  });

function queueOf(capacity: number, lanes?: number) {
  const options = { capacity, ...(lanes !== undefined && { lanes }) };
  const pool = Pool.create({ words: ArrayQueue.size(options), segments: 0 });
  const base = pool.reserve(ArrayQueue.size(options));
  return { pool, base, queue: ArrayQueue.create(pool, base, options) };
}

const ofLane = (lane: number): number => 8 + lane * 16;
/** From a cell to its value in lane 0, and from lane to lane, where there are up to 16 cells: they and a line between. */
const COLUMN = 2 * LINE_WORDS;

describe('the words of an array queue', () => {
  it('keeps its hints and its cells on different lines', () => {
    const { sendHint, takeHint, cells } = ARRAY_QUEUE.offsets;
    expect([takeHint - sendHint, cells - takeHint].every((distance) => distance >= LINE_WORDS)).toBe(true);
  });

  it('names the claimer in the step that claims, and publishes a word after it was written', () => {
    const { pool, base } = queueOf(4, 0);
    const { words, sequence } = record(pool);
    const { cells } = ARRAY_QUEUE.at(base);
    const queue = ArrayQueue.attach(words, base, { owner: { id: 3 as OwnerId, generation: 1 } });
    let begin = sequence().length;
    queue.trySendNumber(9);
    const name = (2 ** 16 + 3) * 16;
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${cells})`,
      `compareExchangeNumber(${cells}, 0, ${name + 4})`,
      `storeNumber(${cells + COLUMN}, 9)`,
      `compareExchangeNumber(${cells}, ${name + 4}, 8)`,
    ]);
    begin = sequence().length;
    queue.tryReceiveNumber();
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${cells})`,
      `load(${cells + COLUMN})`,
      `compareExchangeNumber(${cells}, 8, ${2 ** 24})`,
    ]);
  });

  it('takes and publishes in one step in a lane of its own, after the word was written there', () => {
    const { pool, base, queue: other } = queueOf(4, 2);
    const { words, sequence } = record(pool);
    const { cells } = ARRAY_QUEUE.at(base);
    other.trySend(1n); // has lane 1 from here on
    const queue = ArrayQueue.attach(words, base, { owner: { id: 3 as OwnerId, generation: 1 } });
    queue.trySend(2n); // has lane 2
    let begin = sequence().length;
    queue.trySendNumber(9);
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${cells + 2})`,
      `storeNumber(${cells + 2 + 3 * COLUMN}, 9)`,
      `compareExchangeNumber(${cells + 2}, 0, ${ofLane(2)})`,
    ]);
    begin = sequence().length;
    expect([queue.tryReceiveNumber(), queue.tryReceiveNumber()]).toEqual([1, 2]);
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${cells})`,
      `load(${cells + 2 * COLUMN})`,
      `compareExchangeNumber(${cells}, ${ofLane(1)}, ${2 ** 24})`,
      `loadNumber(${cells + 1})`,
      `load(${cells + 1 + 3 * COLUMN})`,
      `compareExchangeNumber(${cells + 1}, ${ofLane(2)}, ${2 ** 24})`,
    ]);
  });

  it('has lanes for the first senders, and for others when those were recovered', () => {
    const { pool, base, queue } = queueOf(8, 2);
    const owners = [3, 4, 5, 6].map((id) => ({ id: id as OwnerId, generation: 1 }));
    const [first, second, third, fourth] = owners.map((owner) => ArrayQueue.attach(pool, base, { owner }));
    const { cells, owners: held } = ARRAY_QUEUE.at(base);
    const lanes = (): number[] =>
      Array.from({ length: 8 }, (_, cell) => ((pool.loadNumber((cells + cell) as Address) % 2 ** 24) - 8) / 16);
    for (const sender of [first, second, third, first]) sender?.trySend(7n);
    expect(lanes().slice(0, 4)).toEqual([1, 2, 0, 1]);
    for (const owner of [owners[0], owners[0], owners[2]]) expect(queue.recover(owner as Owner)).toBeUndefined();
    expect(pool.load(held)).toBe(0n);
    fourth?.trySend(8n);
    expect(lanes().slice(0, 5)).toEqual([1, 2, 0, 1, 1]);
    ArrayQueue.attach(pool, base, { owner: owners[3] as Owner }).trySend(9n); // the same thread
    expect(lanes().slice(0, 6)).toEqual([1, 2, 0, 1, 1, 1]);
    expect(Array.from({ length: 6 }, () => queue.tryReceive())).toEqual([7n, 7n, 7n, 7n, 8n, 9n]);
  });

  it('has the lanes of those that had a row before its owner, and asks again for one that has become free', () => {
    const { pool, base, queue } = queueOf(1024, 1);
    const owner = (id: number, generation: number): Owner => ({ id: id as OwnerId, generation });
    const sender = (id: number, generation: number): ArrayQueue =>
      ArrayQueue.attach(pool, base, { owner: owner(id, generation) });
    const held = (): number => pool.loadNumber(ARRAY_QUEUE.at(base).owners);
    sender(3, 1).trySend(1n);
    expect(held()).toBe(2 ** 16 + 3);
    sender(4, 1).trySend(2n);
    expect(held()).toBe(2 ** 16 + 3);
    sender(3, 2).trySend(3n);
    expect(held()).toBe(2 * 2 ** 16 + 3);
    const late = sender(5, 1);
    late.trySend(4n);
    queue.recover(owner(3, 1)); // is not there any more
    expect(held()).toBe(2 * 2 ** 16 + 3);
    queue.recover(owner(3, 2));
    for (let value = 5n; value < 300n; value++) late.trySend(value);
    expect(held()).toBe(2 ** 16 + 5);
    for (let value = 1n; value < 300n; value++) expect(queue.tryReceive()).toBe(value);
  });

  it('wakes a receiver whose cell is marked as the last one while it is answered', async () => {
    const { pool, base, queue } = queueOf(2, 0);
    const spot = queue.parkReceiver();
    const asleep = pool.waitAsync(spot?.at as Address, BigInt(spot?.expected as number), { timeout: PATIENCE });
    const { words } = record(pool, {
      before(name) {
        if (name !== 'storeNumber') return;
        queue.trySend(2n);
        queue.close();
      },
    });
    ArrayQueue.attach(words, base, { owner: { id: 3 as OwnerId, generation: 1 } }).trySendNumber(1);
    expect(await asleep).toBe('ok');
    expect([queue.tryReceive(), queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 2n, 'closed']);
  });

  it('loses no word to another sender that takes the cell it was about to take', () => {
    for (const lanes of [0, 1, 2]) {
      const { pool, base, queue } = queueOf(4, lanes);
      let armed = true;
      const { words } = record(pool, {
        before(name, [at, , next]) {
          if (!armed || name !== 'compareExchangeNumber' || at !== ARRAY_QUEUE.at(base).cells) return;
          expect(next).toBeGreaterThan(0);
          armed = false;
          queue.trySend(1n);
        },
      });
      const late = ArrayQueue.attach(words, base, { owner: { id: 3 as OwnerId, generation: 1 } });
      expect(late.trySend(2n)).toBe('ok');
      expect([armed, queue.tryReceive(), queue.tryReceive(), queue.tryReceive()]).toEqual([false, 1n, 2n, 'empty']);
    }
  });

  it('leaves to others what a receiver has read when it dies', () => {
    const { pool, base, queue } = queueOf(4);
    const owner = { id: 3 as OwnerId, generation: 1 };
    const { words } = record(pool, {
      before(name, [at, expected]) {
        if (name === 'compareExchangeNumber' && at === ARRAY_QUEUE.at(base).cells && expected === ofLane(1))
          throw new Error('dies here');
      },
    });
    queue.trySend(5n);
    expect(() => ArrayQueue.attach(words, base, { owner }).tryReceive()).toThrow('dies here');
    expect(queue.recover(owner)).toBeUndefined();
    expect(queue.tryReceive()).toBe(5n);
  });

  it('keeps a word that another receiver takes between the look and the claim from being received twice', () => {
    const { pool, base, queue } = queueOf(2);
    let armed = true;
    const { words } = record(pool, {
      before(name, [at, expected]) {
        if (!armed || name !== 'compareExchangeNumber') return;
        if (at !== ARRAY_QUEUE.at(base).cells || expected !== ofLane(1)) return;
        armed = false;
        expect(queue.tryReceive()).toBe(1n);
        expect(queue.tryReceive()).toBe(2n);
        expect(queue.trySend(3n)).toBe('ok'); // the same cell, a lap later
      },
    });
    queue.trySend(1n);
    queue.trySend(2n);
    expect(ArrayQueue.attach(words, base).tryReceive()).toBe(3n);
    expect(armed).toBe(false);
  });

  it('waits for a batch of room for a moment, then for any room', () => {
    const capacity = 32;
    const { pool, base, queue } = queueOf(capacity);
    const { cells } = ARRAY_QUEUE.at(base);
    for (let value = 0n; value < capacity; value++) queue.trySend(value);
    let parks = 0;
    const { words, operations } = record(pool, {
      before(name) {
        if (name === 'wait' && ++parks === 2) queue.tryReceive();
      },
    });
    const sender = ArrayQueue.attach(words, base);
    expect(sender.send(99n, { strategy: 'park', timeout: 60_000 })).toBe('ok');
    const waits = operations.filter(({ name }) => name === 'wait');
    const limits = waits.map(({ operands: [, , options] }) => (options as { timeout: number }).timeout);
    expect(waits.map(({ operands: [at] }) => at)).toEqual([cells + 3, cells]); // the fourth cell is free when four are
    expect(limits[0]).toBeLessThanOrEqual(1);
    expect(limits[1]).toBeGreaterThan(1);
  });

  it('lets senders that wait at once wait for different batches', () => {
    const capacity = 32;
    const { pool, base, queue } = queueOf(capacity);
    const { cells } = ARRAY_QUEUE.at(base);
    for (let value = 0n; value < capacity; value++) queue.trySend(value);
    const waits: unknown[] = [];
    const { words } = record(pool, {
      before(name, [at]) {
        if (name !== 'wait') return;
        waits.push(at);
        if (waits.length === 1)
          expect(ArrayQueue.attach(words, base).send(1n, { strategy: 'park', timeout: 0 })).toBe('timed-out');
      },
    });
    expect(ArrayQueue.attach(words, base).send(1n, { strategy: 'park', timeout: 0 })).toBe('timed-out');
    expect(waits).toEqual([cells + 3, cells + 7]);
  });

  it('refuses to attach where no queue stands, or one that cannot be', () => {
    const { pool, base } = queueOf(2, 0);
    expect(() => ArrayQueue.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 1n, 3n, 2n ** 22n, 2n ** 40n, 2n ** 64n - 1n]) {
      pool.store(ARRAY_QUEUE.at(base).capacity, nonsense);
      expect(() => ArrayQueue.attach(pool, base)).toThrow(AttachError);
    }
    pool.store(ARRAY_QUEUE.at(base).capacity, 2n);
    for (const nonsense of [16n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store(ARRAY_QUEUE.at(base).lanes, nonsense);
      expect(() => ArrayQueue.attach(pool, base)).toThrow(AttachError);
    }
    expect(() => ArrayQueue.size({ capacity: 3 })).toThrow(ValueError);
    for (const lanes of [-1, 0.5, 16, '2' as unknown as number])
      expect(() => ArrayQueue.size({ capacity: 4, lanes })).toThrow(ValueError);
  });

  it('says Corrupt, and ends, whatever a hostile program writes into it', () => {
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: 40n }),
      fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    let corrupt = 0;
    const write = fc.tuple(fc.constantFrom('sendHint', 'takeHint', 'cells', 'owners'), fc.nat(7), word);
    fc.assert(
      fc.property(fc.array(write, { maxLength: 8 }), (writes) => {
        const { pool, base, queue } = queueOf(4);
        for (const [spot, offset, value] of writes)
          pool.store((ARRAY_QUEUE.at(base)[spot] + (spot.endsWith('Hint') ? 0 : offset)) as Address, value);
        for (const operation of [
          () => queue.trySend(1n),
          () => queue.tryReceive(),
          () => queue.receive({ timeout: 0, spins: 1 }),
          () => queue.send(1n, { timeout: 0, spins: 1 }),
          () => queue.length,
          () => queue.closed,
          () => queue.recover({ id: 3 as OwnerId, generation: 1 }),
          () => queue.close(),
        ]) {
          try {
            operation();
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(corrupt).toBeGreaterThan(100);
  });
});
