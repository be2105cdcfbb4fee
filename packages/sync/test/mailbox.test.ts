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
import { MAILBOX, Mailbox, type MailboxOptions } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';

const WRITER: Owner = { id: 1 as OwnerId, generation: 7 };
const OTHER: Owner = { id: 2 as OwnerId, generation: 9 };

function mailboxOf(options: MailboxOptions = {}) {
  const { width = 1 } = options;
  const pool = Pool.create({ words: 1024, segments: 0 });
  const base = pool.reserve(Mailbox.size(width));
  Mailbox.create(pool, base, options);
  return {
    pool,
    base,
    writer: Mailbox.attach(pool, base, { owner: WRITER }),
    reader: Mailbox.attach(pool, base, { owner: OTHER }),
    into: new BigUint64Array(width),
  };
}
const message = (...words: (bigint | number)[]) => BigUint64Array.from(words, BigInt);

/** Three words that belong together: a torn message does not pass `whole`. */
const triple = (value: number) => message(value, value * 3, value * 5);
const whole = ([a, b, c]: BigUint64Array) => b === (a as bigint) * 3n && c === (a as bigint) * 5n;

describe('a mailbox', () => {
  it('gives what was written last, once to each reader', () => {
    const { pool, base, writer, reader, into } = mailboxOf();
    expect([reader.tryRead(into), reader.peek(into)]).toEqual(['empty', 'empty']);
    for (const value of [1, 2, 3, 4, 5, 6]) expect(writer.write(message(value))).toBe('ok');
    expect([reader.tryRead(into), into[0], reader.tryRead(into)]).toEqual(['ok', 6n, 'empty']);
    const late = Mailbox.attach(pool, base, { owner: OTHER });
    into[0] = 0n;
    expect([late.tryRead(into), into[0]]).toEqual(['ok', 6n]);
    into[0] = 0n;
    expect([late.tryRead(into), late.peek(into), into[0]]).toEqual(['empty', 'ok', 6n]);
  });

  it.each([0n, 2n ** 31n - 3n, 2n ** 32n - 3n, 2n ** 48n - 3n, 2n ** 53n - 3n, 2n ** 64n - 3n])(
    'is the same when it has carried %d messages',
    (start) => {
      const { writer, reader, into } = mailboxOf({ start });
      expect(reader.tryRead(into)).toBe('empty');
      for (let value = 0; value < 9; value++) {
        writer.write(message(value));
        expect([reader.tryRead(into), into[0], reader.tryRead(into)]).toEqual(['ok', BigInt(value), 'empty']);
      }
    },
  );

  it('has one writer at a time', () => {
    const { writer, reader, into } = mailboxOf();
    expect([writer.write(message(1)), reader.write(message(2)), reader.claim()]).toEqual(['ok', 'taken', false]);
    reader.release(); // not its to release
    expect(reader.claim()).toBe(false);
    writer.release();
    expect([reader.write(message(3)), writer.write(message(4))]).toEqual(['ok', 'taken']);
    expect([reader.peek(into), into[0]]).toEqual(['ok', 3n]);
  });

  it('keeps its message when it is closed, and then ends', async () => {
    const { writer, reader, into } = mailboxOf();
    writer.write(message(1));
    reader.close();
    reader.close();
    expect(writer.write(message(2))).toBe('closed');
    expect([reader.read(into), into[0], reader.read(into), await reader.readAsync(into)]).toEqual([
      'ok',
      1n,
      'closed',
      'closed',
    ]);
  });

  it('wakes all that wait', async () => {
    const { pool, base, writer, into } = mailboxOf();
    const readers = Array.from({ length: 4 }, () => Mailbox.attach(pool, base));
    const read = Promise.all(readers.map((reader) => reader.readAsync(into)));
    writer.write(message(1));
    expect(await read).toEqual(['ok', 'ok', 'ok', 'ok']);
    const ended = Promise.all(readers.map((reader) => reader.readAsync(into)));
    writer.close();
    expect(await ended).toEqual(['closed', 'closed', 'closed', 'closed']);
  });

  it('gives up after its time, and when it is aborted, without taking anything', async () => {
    const { writer, reader, into } = mailboxOf();
    expect([reader.read(into, { timeout: 1 }), await reader.readAsync(into, { timeout: 1 })]).toEqual([
      'timed-out',
      'timed-out',
    ]);
    const controller = new AbortController();
    const waiting = reader.readAsync(into, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    writer.write(message(1));
    expect(reader.read(into)).toBe('ok');
  });

  it('loses no wake-up when a message falls between the last look and the park', () => {
    const { pool, base, writer, into } = mailboxOf();
    const { words } = record(pool, { before: (name) => void (name === 'wait' && writer.write(message(4))) });
    expect(Mailbox.attach(words, base, { owner: OTHER }).read(into, { timeout: 60_000, strategy: 'park' })).toBe('ok');
  });

  it.each([0, 1, 2, 3])(
    'is never torn, whatever comes between any two operations of a reader: messages, and %d words of the next',
    (part) => {
      for (let burst = 0; burst <= 9; burst++) {
        for (let pause = 0; pause < 12; pause++) {
          const { pool, base, writer, into } = mailboxOf({ width: 3 });
          writer.write(triple(1));
          let stores = 0;
          const stopping = record(pool, {
            before: (name) => {
              if (name === 'store' && stores++ === part) throw new Error('stops here');
              if (name === 'compareExchangeNumber' && part === 3) throw new Error('stops here');
            },
          });
          const slow = Mailbox.attach(stopping.words, base, { owner: WRITER });
          let operations = 0;
          const { words } = record(pool, {
            before: () => {
              if (operations++ !== pause) return;
              for (let value = 0; value < burst; value++) writer.write(triple(100 + value));
              expect(() => slow.write(triple(200))).toThrow('stops here');
            },
          });
          expect(Mailbox.attach(words, base, { owner: OTHER }).tryRead(into)).toBe('ok');
          expect(whole(into), `a burst of ${burst} before operation ${pause}: ${into}`).toBe(true);
        }
      }
    },
  );

  it('is never torn, wherever the writer stops between two words, and another one goes on', () => {
    for (let stop = 0; stop < 8; stop++) {
      const { pool, base, writer, reader, into } = mailboxOf({ width: 3 });
      writer.write(triple(1));
      let stores = 0;
      const { words } = record(pool, {
        before: (name) => {
          if ((name === 'store' || name === 'compareExchangeNumber') && stores++ === stop) throw new Error('dies here');
        },
      });
      const victim = Mailbox.attach(words, base, { owner: WRITER });
      try {
        for (const value of [2, 3]) victim.write(triple(value));
      } catch (error) {
        expect(error).toEqual(new Error('dies here'));
      }
      expect([reader.peek(into), whole(into)]).toEqual(['ok', true]);
      const before = into[0] as bigint;
      expect(reader.write(triple(9))).toBe('taken');
      expect(reader.recover(OTHER)).toBeUndefined();
      expect(reader.recover(WRITER)).toEqual({ kind: 'mailbox', base, found: 'writer', count: 1 });
      expect(reader.recover(WRITER)).toBeUndefined();
      expect([reader.peek(into), into[0]]).toEqual(['ok', before]);
      expect([reader.write(triple(9)), reader.peek(into), whole(into), into[0]]).toEqual(['ok', 'ok', true, 9n]);
    }
  });
});

describe('a mailbox, between any two steps of its writer', () => {
  it('has a message before it is closed, or not at all', () => {
    const answers = new Set<string>();
    betweenSteps(
      () => Pool.create({ words: 1024, segments: 0 }),
      ({ words, arm }) => {
        const base = words.reserve(Mailbox.size());
        const writer = Mailbox.create(words, base, { owner: WRITER });
        const reader = Mailbox.attach(words, base, { owner: OTHER });
        arm(() => reader.close());
        const answer = writer.write(message(7));
        arm(() => {});
        answers.add(answer);
        expect(reader.peek(new BigUint64Array(1))).toBe(answer === 'ok' ? 'ok' : 'empty');
      },
    );
    expect(answers).toEqual(new Set(['ok', 'closed']));
  });
});

describe('the words of a mailbox', () => {
  it('keeps what different threads write on different lines', () => {
    const { width, writer, latest, event, waiters, slots } = MAILBOX.offsets;
    const lines = [width, writer, latest, event, waiters, slots].map((offset) => Math.floor(offset / LINE_WORDS));
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('publishes the words before their number, and that before it looks for waiters', () => {
    const { pool, base, writer } = mailboxOf({ width: 2 });
    writer.claim();
    const { words, sequence } = record(pool);
    const { latest, slots, waiters } = MAILBOX.at(base);
    const recorded = Mailbox.attach(words, base, { owner: WRITER });
    recorded.claim();
    const before = sequence().length;
    recorded.write(message(8, 9));
    expect(sequence().slice(before)).toEqual([
      `loadNumber(${latest})`,
      `store(${slots}, 8)`,
      `store(${slots + 1}, 9)`,
      `compareExchangeNumber(${latest}, 0, 6)`,
      `fetchAddNumber(${waiters}, 0)`,
    ]);
  });

  it('refuses what is no mailbox, or none that can be, and messages of another width', () => {
    const { pool, base, writer } = mailboxOf({ width: 2 });
    expect(() => Mailbox.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 2n ** 15n, 2n ** 17n, 2n ** 64n - 1n]) {
      pool.store(MAILBOX.at(base).width, nonsense);
      expect(() => Mailbox.attach(pool, base)).toThrow(AttachError);
    }
    expect(() => writer.write(message(1))).toThrow(ValueError);
    expect(() => writer.peek(new BigUint64Array(3))).toThrow(ValueError); // though there is none
    writer.write(message(1, 2));
    expect(() => writer.peek(new BigUint64Array(3))).toThrow(ValueError);
    for (const width of [0, 1.5, 2 ** 17]) expect(() => Mailbox.size(width)).toThrow(ValueError);
  });

  it('says Corrupt, or an ordinary answer, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['latest', 'writer', 'event', 'waiters'] as const;
    let corrupt = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...spots), word), { maxLength: 4 }), (writes) => {
        const { pool, base, writer, reader, into } = mailboxOf();
        for (const [spot, value] of writes) pool.store(MAILBOX.at(base)[spot], value);
        for (const operation of [
          () => reader.tryRead(into),
          () => writer.write(into),
          () => reader.peek(into),
          () => reader.recover(WRITER),
          () => reader.close(),
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
    expect(corrupt).toBeGreaterThan(100);
  });
});
