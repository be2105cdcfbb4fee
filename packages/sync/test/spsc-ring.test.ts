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
import { EndTakenError, SPSC_RING, SpscRing, type SpscRingOptions, type SpscSender } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import { everyDeath } from './support/death.ts';

const STARTS = [0n, 2n ** 31n - 3n, 2n ** 32n - 3n, 2n ** 50n - 3n, 2n ** 53n - 3n, 2n ** 64n - 3n];
const PARK = { strategy: 'park', timeout: 5_000 } as const;

function ringOf(options: SpscRingOptions, pool: Pool = Pool.create({ words: SpscRing.size(options) })) {
  const base = pool.reserve(SpscRing.size(options));
  return { pool, base, ring: SpscRing.create(pool, base, options) };
}

describe.each(STARTS)('a ring whose counters begin at %s', (start) => {
  it.each(['each', 'batch'] as const)('behaves as an array, ack %s', (ack) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      fc.record({ kind: fc.constant('many' as const), count: fc.nat(12) }),
      fc.constant({ kind: 'receive' as const }),
      fc.record({ kind: fc.constant('drain' as const), count: fc.nat(12) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(2, 8), fc.array(step, { maxLength: 100 }), (capacity, steps) => {
        const { ring } = ringOf({ capacity, ack, start });
        const sender = ring.sender();
        const receiver = ring.receiver();
        const model: bigint[] = [];
        let next = 1n;
        for (const action of steps) {
          receiver.acknowledge(); // the model knows no batches
          if (action.kind === 'send') {
            const room = model.length < capacity;
            expect(sender.trySend(action.value)).toBe(room ? 'ok' : 'full');
            if (room) model.push(action.value);
          } else if (action.kind === 'many') {
            const source = BigUint64Array.from({ length: action.count }, () => next++);
            const fits = Math.min(capacity - model.length, action.count);
            expect(sender.trySendMany(source)).toBe(fits);
            model.push(...source.slice(0, fits));
          } else if (action.kind === 'receive') {
            expect(receiver.tryReceive()).toBe(model.shift() ?? 'empty');
          } else {
            const target = new BigUint64Array(action.count);
            const taken = model.splice(0, action.count);
            expect(receiver.tryReceiveMany(target)).toBe(taken.length);
            expect([...target.slice(0, taken.length)]).toEqual(taken);
          }
        }
        sender.close();
        for (const value of model) expect(receiver.tryReceive()).toBe(value);
        expect(receiver.tryReceive()).toBe('closed');
      }),
      { numRuns: 50 },
    );
  });
});

describe('a ring', () => {
  it('carries numbers and doubles', () => {
    const { ring } = ringOf({ capacity: 8 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    expect(sender.trySendNumber(Number.MAX_SAFE_INTEGER)).toBe('ok');
    expect(receiver.tryReceiveNumber()).toBe(Number.MAX_SAFE_INTEGER);
    expect(sender.trySendMany(Float64Array.of(0.5, -1, Number.POSITIVE_INFINITY))).toBe(3);
    const target = new Float64Array(3);
    expect(receiver.tryReceiveMany(target)).toBe(3);
    expect([...target]).toEqual([0.5, -1, Number.POSITIVE_INFINITY]);
  });

  it('leaves a word that is no number where it is', () => {
    const { ring } = ringOf({ capacity: 2 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    sender.trySend(2n ** 60n);
    expect(() => receiver.tryReceiveNumber()).toThrow(CorruptError);
    expect(receiver.tryReceive()).toBe(2n ** 60n);
  });

  it('checks a value before it sends', () => {
    const { ring } = ringOf({ capacity: 2 });
    const sender = ring.sender();
    expect(() => sender.trySend(-1n)).toThrow(ValueError);
    expect(() => sender.trySendNumber(1.5)).toThrow(ValueError);
    expect(ring.length).toBe(0);
  });

  it('tells what was taken once a quarter ring, or each time', () => {
    const told = (ack: 'each' | 'batch') => {
      const { ring } = ringOf({ capacity: 16, ack });
      const [sender, receiver] = [ring.sender(), ring.receiver()];
      sender.sendMany(BigUint64Array.from({ length: 16 }, (_, index) => BigInt(index)));
      return Array.from({ length: 6 }, () => {
        receiver.receive();
        return sender.unacknowledged;
      });
    };
    expect(told('each')).toEqual([15, 14, 13, 12, 11, 10]);
    expect(told('batch')).toEqual([16, 16, 16, 12, 12, 12]);
    const { ring } = ringOf({ capacity: 16 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    sender.send(1n);
    receiver.receive();
    expect(sender.unacknowledged).toBe(1);
    receiver.tryReceive(); // finds nothing, and tells what it has
    expect(sender.unacknowledged).toBe(0);
  });

  it('has one user an end', () => {
    const { ring } = ringOf({ capacity: 2 });
    const sender = ring.sender();
    expect(() => ring.sender()).toThrow(EndTakenError);
    sender.close();
    expect(() => ring.sender()).toThrow('is closed');
  });

  it('gives up after the time it was given', async () => {
    const { ring } = ringOf({ capacity: 2 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    expect(receiver.receive({ timeout: 1 })).toBe('timed-out');
    expect(await receiver.receiveAsync({ timeout: 1 })).toBe('timed-out');
    expect(receiver.receiveMany(new BigUint64Array(1), { timeout: 1 })).toBe('timed-out');
    const three = BigUint64Array.of(1n, 2n, 3n);
    expect(sender.sendMany(three, { timeout: 1 })).toEqual({ sent: 2, result: 'timed-out' });
    expect(sender.send(4n, { timeout: 1, strategy: 'spin' })).toBe('timed-out');
    expect(await sender.sendAsync(4n, { timeout: 1 })).toBe('timed-out');
    expect(await sender.sendManyAsync(three, { timeout: 1 })).toEqual({ sent: 0, result: 'timed-out' });
  });

  it('wakes whoever waits in the event loop, and rejects when aborted', async () => {
    const { ring } = ringOf({ capacity: 2 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    const received = receiver.receiveAsync();
    sender.trySend(7n);
    expect(await received).toBe(7n);
    const sent = sender.sendManyAsync(BigUint64Array.of(1n, 2n, 3n));
    const target = new BigUint64Array(4);
    let taken = 0;
    while (taken < 3) taken += (await receiver.receiveManyAsync(target)) as number;
    expect(await sent).toEqual({ sent: 3, result: 'ok' });
    const controller = new AbortController();
    const aborted = receiver.receiveAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    // The mark of the one that was aborted is still there: the next one is woken all the same.
    const again = receiver.receiveAsync();
    sender.trySend(8n);
    expect(await again).toBe(8n);
  });

  it('drains, then ends, when the sender closes; and refuses when the receiver does', async () => {
    const { ring } = ringOf({ capacity: 2 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    sender.send(1n);
    sender.close();
    sender.close();
    expect(sender.trySend(2n)).toBe('closed');
    expect([receiver.receive(), receiver.receive(), receiver.tryReceiveMany(new BigUint64Array(1))]).toEqual([
      1n,
      'closed',
      'closed',
    ]);
    const other = ringOf({ capacity: 2 }).ring;
    const [waiting, leaving] = [other.sender(), other.receiver()];
    waiting.sendMany(BigUint64Array.of(1n, 2n));
    const sent = waiting.sendAsync(3n);
    leaving.close();
    expect([await sent, waiting.trySend(4n), leaving.tryReceive()]).toEqual(['closed', 'closed', 'closed']);
  });

  it.each([
    ['a number', (sender: SpscSender) => sender.trySendNumber(2)],
    ['a word', (sender: SpscSender) => sender.trySend(2n)],
    ['many words', (sender: SpscSender) => sender.trySendMany(BigUint64Array.of(2n, 3n))],
  ])('refuses %s from the next on once the receiver has closed, though there is room', (_, send) => {
    const { ring } = ringOf({ capacity: 8 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    sender.send(1n);
    receiver.close();
    expect([send(sender), send(sender)]).toEqual(['closed', 'closed']);
    sender.leave();
    expect(send(ring.sender())).toBe('closed');
  });

  it('refuses from the next on once the receiver has closed, wherever it died in doing so', () => {
    const ends: string[] = [];
    everyDeath((pool) => {
      const mine = Pool.attach(pool.handle);
      const { ring, base } = ringOf({ capacity: 8 }, mine);
      const sender = ring.sender();
      sender.trySend(0n); // so it knows of room for more, and does not look at the head
      return {
        act: (words) => SpscRing.attach(words, base).receiver().close(),
        check(victim) {
          ring.recover(victim.owner);
          let closed = false;
          try {
            ring.receiver();
          } catch {
            closed = true;
          }
          ends.push(sender.trySend(1n));
          expect(ends.at(-1)).toBe(closed ? 'closed' : 'ok');
        },
      };
    });
    expect(new Set(ends)).toEqual(new Set(['ok', 'closed']));
  });

  it('wakes a receiver that waits when the sender closes', async () => {
    const { ring } = ringOf({ capacity: 2 });
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    const received = receiver.receiveAsync();
    sender.close();
    expect(await received).toBe('closed');
  });
});

describe('between any two steps', () => {
  it.each([true, false])('no receiver is left parked (by a send: %s, else by closing)', (sends) => {
    const steps = betweenSteps(
      () => Pool.create({ words: 256 }),
      ({ words, arm }) => {
        const { ring } = ringOf({ capacity: 2 }, words);
        const [sender, receiver] = [ring.sender(), ring.receiver()];
        arm(() => (sends ? sender.trySend(5n) : sender.close()));
        expect(receiver.receive(PARK)).toBe(sends ? 5n : 'closed');
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  it.each([true, false])('no sender is left parked (by a receive: %s, else by closing)', (receives) => {
    const steps = betweenSteps(
      () => Pool.create({ words: 256 }),
      ({ words, arm }) => {
        const { ring } = ringOf({ capacity: 2 }, words);
        const [sender, receiver] = [ring.sender(), ring.receiver()];
        sender.sendMany(BigUint64Array.of(1n, 2n));
        arm(() => (receives ? expect(receiver.tryReceive()).toBe(1n) : receiver.close()));
        expect(sender.send(3n, PARK)).toBe(receives ? 'ok' : 'closed');
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  it.each<[string, (sender: SpscSender) => unknown, unknown]>([
    ['a number', (sender) => sender.trySendNumber(7), 'ok'],
    ['a word', (sender) => sender.trySend(7n), 'ok'],
    ['many words', (sender) => sender.trySendMany(BigUint64Array.of(7n, 8n)), 1],
  ])('%s that a parked receiver takes before it closes counts as sent, any other as refused', (_, send, sent) => {
    const seen = new Set<unknown>();
    betweenSteps(
      () => Pool.create({ words: 256 }),
      ({ words, arm }) => {
        const { ring } = ringOf({ capacity: 8 }, words);
        const [sender, receiver] = [ring.sender(), ring.receiver()];
        receiver.park();
        let got: bigint | string | undefined;
        arm(() => {
          got = receiver.tryReceive();
          receiver.close();
        });
        const answer = send(sender);
        if (got === undefined) return;
        expect([got, answer]).toEqual(got === 7n ? [7n, sent] : ['empty', 'closed']);
        expect(sender.trySend(9n)).toBe('closed');
        seen.add(got);
      },
    );
    expect(seen).toEqual(new Set([7n, 'empty']));
  });

  it('a word that a parked receiver took counts as sent, though that one died when it had closed its end', () => {
    const pool = Pool.create({ words: 256 });
    const { ring, base } = ringOf({ capacity: 8 }, pool);
    const dying = record(pool, {
      before(name) {
        if (name === 'fetchOrNumber') throw new Error('died'); // the next step after the end is closed
      },
    });
    const receiver = SpscRing.attach(dying.words as Pool, base).receiver();
    const late = record(pool, {
      before(name) {
        if (name !== 'notify') return;
        expect(receiver.tryReceive()).toBe(7n);
        expect(() => receiver.close()).toThrow('died');
      },
    });
    const sender = SpscRing.attach(late.words as Pool, base).sender();
    receiver.park();
    expect([sender.trySend(7n), sender.trySend(8n), ring.length]).toEqual(['ok', 'closed', 0]);
  });

  it('nothing that was sent is lost by closing', () => {
    betweenSteps(
      () => Pool.create({ words: 256 }),
      ({ words, arm }) => {
        const { ring } = ringOf({ capacity: 2 }, words);
        const [sender, receiver] = [ring.sender(), ring.receiver()];
        arm(() => {
          sender.trySend(9n);
          sender.close();
        });
        const first = receiver.receive(PARK);
        expect([first, receiver.tryReceive()]).toEqual([9n, 'closed']);
      },
    );
  });
});

describe('the death of an end', () => {
  const dead: Owner = { id: 9 as OwnerId, generation: 7 };

  it('leaves the sending end to a successor, who goes on where the counters stand', () => {
    const { base, ring } = ringOf({ capacity: 4 });
    const receiver = ring.receiver();
    const sender = ring.sender({ owner: dead });
    sender.trySend(1n);
    expect(ring.recover(dead)).toEqual([{ kind: 'spsc ring', base, found: 'sender', count: 1 }]);
    expect(ring.recover(dead)).toEqual([]);
    ring.sender().trySend(2n);
    expect([receiver.tryReceive(), receiver.tryReceive(), receiver.tryReceive()]).toEqual([1n, 2n, 'empty']);
  });

  it('shows a successor nothing again that was acknowledged', () => {
    for (const ack of ['each', 'batch'] as const) {
      const { ring } = ringOf({ capacity: 8, ack });
      const sender = ring.sender();
      sender.sendMany(BigUint64Array.of(1n, 2n, 3n, 4n));
      const receiver = ring.receiver({ owner: dead });
      expect([receiver.tryReceive(), receiver.tryReceive(), receiver.tryReceive()]).toEqual([1n, 2n, 3n]);
      ring.recover(dead);
      expect(ring.receiver().tryReceive()).toBe(ack === 'each' ? 4n : 3n); // two of eight are a quarter
    }
  });
});

describe('the words of a ring', () => {
  it('keeps what different threads write on different lines', () => {
    const { tail, head, slots, receiver } = SPSC_RING.offsets;
    for (const [low, high] of [
      [receiver, tail],
      [tail, head],
      [head, slots],
    ] as const) {
      expect(high % LINE_WORDS).toBe(0);
      expect(high - low).toBeGreaterThanOrEqual(low === receiver ? 1 : LINE_WORDS);
    }
  });

  it('publishes a slot after it was written, and gives it back after it was read', () => {
    const { pool, base } = ringOf({ capacity: 4, ack: 'each' });
    const { words, sequence } = record(pool);
    const { tail, head, slots } = SPSC_RING.at(base);
    const ring = SpscRing.attach(words as Pool, base);
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    let begin = sequence().length;
    sender.trySendNumber(9);
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${head})`,
      `storePlainNumber(${slots}, 9)`,
      `exchangeNumber(${tail}, 4)`,
    ]);
    begin = sequence().length;
    sender.trySend(8n);
    sender.trySendMany(BigUint64Array.of(7n));
    expect(sequence().slice(begin)).toEqual([
      `storePlain(${slots + 1}, 8)`,
      `exchangeNumber(${tail}, 8)`,
      `copyIn(${slots + 2}, 8 bytes)`,
      `exchangeNumber(${tail}, 12)`,
    ]);
    begin = sequence().length;
    receiver.tryReceiveNumber();
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${tail})`,
      `loadPlainNumber(${slots})`,
      `exchangeNumber(${head}, 4)`,
    ]);
  });

  it('refuses to attach where no ring stands, or one that cannot be', () => {
    const { pool, base } = ringOf({ capacity: 2 });
    expect(() => SpscRing.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 1n, 3n, 2n ** 24n, 2n ** 40n, 2n ** 64n - 1n]) {
      pool.store(SPSC_RING.at(base).capacity, nonsense);
      expect(() => SpscRing.attach(pool, base)).toThrow(AttachError);
    }
    expect(() => SpscRing.size({ capacity: 3 })).toThrow(ValueError);
  });

  it('says Corrupt, and ends, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['tail', 'head', 'sender', 'receiver', 'slots'] as const;
    let corrupt = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...spots), word), { maxLength: 4 }), (writes) => {
        const { pool, base, ring } = ringOf({ capacity: 4 });
        const [sender, receiver] = [ring.sender(), ring.receiver()];
        for (const [spot, value] of writes) pool.store(SPSC_RING.at(base)[spot], value);
        for (const operation of [
          () => sender.trySend(1n),
          () => sender.send(1n, { timeout: 0, spins: 2 }),
          () => receiver.tryReceive(),
          () => receiver.receive({ timeout: 0, spins: 2 }),
          () => ring.length,
          () => sender.close(),
          () => receiver.close(),
        ]) {
          try {
            operation();
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(corrupt).toBeGreaterThan(50);
  });
});
