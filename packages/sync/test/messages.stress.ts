import type { Address } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import { Broadcast, Mailbox, OneShot, RecordsRing, recover } from '../src/index.ts';
import { assertLinearizable, type Completed, type SequentialModel } from './support/linearizability.ts';
import { Scene } from './support/message-threads.ts';
import { DEATHS, GOES_ON, PATIENCE, rounds } from './support/threads.ts';
import { MISSED, TOGETHER } from './tasks/message.ts';

const WIDTH = 3;
/** More than a victim gets done in its life. */
const ENDLESS = 2 ** 31;

/** What a mailbox would be if there were one thread; 0: nothing was written. */
const REGISTER: SequentialModel<number> = {
  initial: 0,
  apply: (latest, { name, argument, result }) => (name === 'write' ? argument : result === latest ? latest : undefined),
};

describe('one-shots between threads', () => {
  const shots = (count: number) => {
    const scene = new Scene(count * OneShot.size());
    const all = Array.from({ length: count }, (_, index) =>
      OneShot.create(scene.pool, (scene.at + index * OneShot.size()) as Address),
    );
    return { scene, all };
  };

  it('stampede: two send, two receive, and each word arrives once', async () => {
    const count = rounds(8_000, 2_000);
    const { scene } = shots(count);
    const receivers = [0, 1].map(() => scene.start<number>('oneShotReceive', count));
    const senders = [0, 1].map((thread) => scene.start<number>('oneShotSend', count, thread));
    const answers = await Promise.all([...senders, ...receivers].map(({ answer }) => answer));
    const [a, b, c, d] = answers as [number, number, number, number];
    expect([a + b, c + d]).toEqual([count, count]);
  });

  it(
    'a receiver is told of each death, and gets whatever was sent',
    async () => {
      let disconnected = 0;
      for (let death = 0; death < DEATHS; death++) {
        const count = 2_000;
        const { scene, all } = shots(count);
        const victim = await scene.kill(death, 'oneShotSend', count);
        const found = recover(scene.pool, all, victim).filter((one) => one !== undefined);
        expect(recover(scene.pool, all, victim)).toEqual([]);
        const acknowledged = scene.note(0);
        const answers = all.map((shot) => shot.tryReceive());
        const sent = answers.filter((answer) => typeof answer === 'bigint').length;
        expect(answers.slice(0, sent)).toEqual(Array.from({ length: sent }, (_, index) => BigInt(index)));
        expect(sent).toBeGreaterThanOrEqual(acknowledged);
        expect(answers.slice(sent)).toEqual([
          ...(found.length > 0 ? ['disconnected'] : []),
          ...Array(count - sent - found.length).fill('empty'),
        ]);
        disconnected += found.length;
      }
      expect(disconnected).toBeLessThanOrEqual(DEATHS);
    },
    PATIENCE,
  );

  it(
    'a sender goes on past a dead receiver, and all but what that had in its hands can be received',
    async () => {
      const count = 2_000;
      for (let death = 0; death < DEATHS; death++) {
        const { scene, all } = shots(count);
        const sender = scene.start<number>('oneShotSend', count);
        const victim = await scene.kill(death, 'oneShotTake', count, 1);
        recover(scene.pool, all, victim);
        expect(recover(scene.pool, all, victim)).toEqual([]);
        const sent = await sender.answer;
        const received = scene.note(1);
        const answers = all.map((shot) => shot.tryReceive());
        expect(answers.slice(0, received)).toEqual(Array(received).fill('taken'));
        const [next, ...rest] = answers.slice(received);
        // It may have died waiting, and then nobody waits any more; or with the word in its hands, or before it waited.
        expect(['closed', 'taken', BigInt(received), undefined]).toContain(next);
        expect(rest).toEqual(Array.from(rest, (_, index) => BigInt(received + 1 + index)));
        expect(sent).toBe(next === 'closed' ? count - 1 : count);
      }
    },
    PATIENCE,
  );
});

describe('a mailbox between threads', () => {
  const mailbox = () => {
    const scene = new Scene(Mailbox.size(WIDTH));
    return { scene, mailbox: Mailbox.create(scene.pool, scene.at, { width: WIDTH }) };
  };

  it('is linearizable', async () => {
    const seen = new Set<unknown>();
    for (let round = 0; round < rounds(40, 4); round++) {
      const { scene } = mailbox();
      const threads = [0, 1, 2, 3].map((thread) => scene.start<Completed[]>('mailboxHistory', 1000, thread));
      const history = (await Promise.all(threads.map(({ answer }) => answer))).flat();
      assertLinearizable(history, REGISTER);
      for (const { name, result } of history) if (name === 'read') seen.add(result);
    }
    expect(seen.size, 'readers and the writer ran side by side').toBeGreaterThan(2);
  });

  it('three readers see whole messages, each later than the one before, and the last one', async () => {
    const { scene, mailbox: box } = mailbox();
    const readers = [0, 1, 2].map(() => scene.start<{ last: number; reads: number }>('mailboxRead'));
    await Promise.all(readers.map(({ owner }) => owner));
    const count = rounds(2_000_000, 100_000);
    await scene.start('mailboxWrite', count).answer;
    box.close();
    for (const { last, reads } of await Promise.all(readers.map(({ answer }) => answer))) {
      expect(last).toBe(count);
      expect(reads).toBeGreaterThan(0);
    }
  });

  it(
    "outlives its writers and readers: the others see whole messages only, and go on with the next writer's",
    async () => {
      const { scene, mailbox: box } = mailbox();
      const living = [1, 2];
      const readers = living.map((thread) => scene.start<{ last: number }>('mailboxRead', 0, thread));
      await Promise.all(readers.map(({ owner }) => owner));
      const last = new BigUint64Array(WIDTH);
      let deaths = 0;
      for (let death = 0; death < DEATHS; death++) {
        const victim = await (death % 2 === 0
          ? scene.kill(death, 'mailboxWrite', ENDLESS)
          : scene.kill(death, 'mailboxRead', 0, 3));
        deaths += recover(scene.pool, [box], victim).length;
        expect(recover(scene.pool, [box], victim)).toEqual([]);
        const latest = box.peek(last) === 'ok' ? Number(last[0]) : 0;
        expect(latest).toBeGreaterThanOrEqual(scene.note(0)); // what was acknowledged is there
        const next = BigInt(latest + 1); // from this thread, until the next writer comes
        expect(box.write(BigUint64Array.of(next, next * 3n, next * 5n))).toBe('ok');
        box.release();
        await vi.waitUntil(() => living.every((thread) => scene.note(thread) === latest + 1), GOES_ON);
      }
      box.close();
      expect(box.peek(last)).toBe('ok');
      for (const { answer } of readers) expect((await answer).last).toBe(Number(last[0]));
      expect(deaths).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});

describe('a broadcast between threads', () => {
  it.each([2, 64, 4096])(
    'three receivers with %d slots get each message whole, or know how many they lost',
    async (capacity) => {
      const scene = new Scene(Broadcast.size(capacity, WIDTH));
      const broadcast = Broadcast.create(scene.pool, scene.at, { capacity, width: WIDTH });
      const receivers = [0, 1, 2].map(() => scene.start<{ next: number; lost: number }>('broadcastReceive'));
      await Promise.all(receivers.map(({ owner }) => owner));
      const count = rounds(2_000_000, 50_000);
      await scene.start('broadcastSend', count).answer;
      broadcast.close();
      for (const { next, lost } of await Promise.all(receivers.map(({ answer }) => answer))) {
        expect(next).toBe(count);
        expect(lost).toBeLessThan(count);
      }
    },
  );

  it(
    "its sender's death ends it for everybody, after what was sent; a receiver's death is nobody's business",
    async () => {
      for (let death = 0; death < DEATHS; death++) {
        const scene = new Scene(Broadcast.size(16, WIDTH));
        const broadcast = Broadcast.create(scene.pool, scene.at, { capacity: 16, width: WIDTH });
        const receiver = scene.start<{ next: number; lost: number }>('broadcastReceive');
        if (death % 2 === 0) {
          const victim = await scene.kill(death, 'broadcastSend', ENDLESS);
          if (recover(scene.pool, [broadcast], victim)[0] === undefined) broadcast.close(); // it had not begun
        } else {
          const count = 20_000;
          const sender = scene.start('broadcastSend', count);
          recover(scene.pool, [broadcast], await scene.kill(death, 'broadcastReceive'));
          await sender.answer;
          expect(broadcast.position).toBe(count);
          broadcast.close();
        }
        const { next } = await receiver.answer;
        expect(next).toBe(broadcast.position);
        expect(next).toBeGreaterThanOrEqual(scene.note(0)); // what was acknowledged
      }
    },
    PATIENCE,
  );
});

describe('a ring of records between threads', () => {
  const ring = (capacity: number) => {
    const scene = new Scene(RecordsRing.size(capacity));
    return { scene, ring: RecordsRing.create(scene.pool, scene.at, { capacity }) };
  };
  /** Where the receivers note what they had of each thread; the senders note before that what was accepted. */
  const RECEIVED = 128;

  it.each([
    { name: 'spsc', senders: 1, capacity: 4096, send: 'recordsSend' },
    { name: 'mpsc', senders: 3, capacity: 65_536, send: 'recordsSend' },
    { name: 'stampede', senders: 4, capacity: 256, send: 'recordsSend' },
    { name: 'spsc in blocks', senders: 1, capacity: 65_536, send: 'recordsSendMany' },
    { name: 'mpsc in blocks', senders: 3, capacity: 4096, send: 'recordsSendMany' },
    { name: 'spsc, gathered', senders: 1, capacity: 65_536, send: 'recordsSendGathered' },
    { name: 'mpsc, gathered', senders: 3, capacity: 1024, send: 'recordsSendGathered' },
  ] as const)(
    '$name: $senders senders, $capacity bytes: every record once, whole, each sender in order',
    async ({ senders, capacity, send }) => {
      const { scene, ring: records } = ring(capacity);
      const count = rounds(300_000, 8_000);
      const receiver = scene.start<[number, number][]>('recordsReceive', 0, 0, RECEIVED);
      const sending = Array.from({ length: senders }, (_, thread) => scene.start(send, count, thread));
      await Promise.all(sending.map(({ answer }) => answer));
      records.close();
      const gaps = await receiver.answer;
      expect(gaps.sort()).toEqual(Array.from({ length: senders }, (_, thread) => [thread, 0]));
      for (let thread = 0; thread < senders; thread++) expect(scene.note(RECEIVED + thread)).toBe(count);
    },
  );

  it.each([
    { send: 'recordsSend', atOnce: 1 },
    { send: 'recordsSendMany', atOnce: TOGETHER },
    { send: 'recordsSendGathered', atOnce: TOGETHER },
  ] as const)(
    'outlives its senders: all that was accepted arrives, and nobody is held up ($send)',
    async ({ send, atOnce }) => {
      const { scene, ring: records } = ring(1024);
      const receiver = scene.start<[number, number][]>('recordsReceive', 0, 0, RECEIVED);
      const survivor = scene.start<number>(send, ENDLESS, 0);
      let skipped = 0;
      for (let death = 0; death < DEATHS; death++) {
        const thread = 1 + (death % 100);
        scene.pool.storeNumber((scene.notes + thread) as Address, 0);
        scene.pool.storeNumber((scene.notes + RECEIVED + thread) as Address, 0);
        const victim = await scene.kill(death, send, ENDLESS, thread);
        skipped += recover(scene.pool, [records], victim)[0]?.count ?? 0;
        const accepted = scene.note(thread);
        const received = (): number => scene.note(RECEIVED + thread);
        const [sent, arrived] = [scene.note(0), scene.note(RECEIVED)];
        const wentOn = (): boolean => scene.note(0) > sent + 1 && scene.note(RECEIVED) > arrived + 1;
        await vi.waitUntil(() => wentOn() && received() >= accepted, GOES_ON);
        expect(received()).toBeLessThanOrEqual(accepted + atOnce); // published, and dead before it could note that
      }
      records.close();
      expect(scene.note(RECEIVED)).toBeGreaterThan(0);
      for (const [, gap] of await receiver.answer) expect(gap).toBe(0);
      expect(scene.note(RECEIVED)).toBe(await survivor.answer);
      expect(skipped).toBeLessThanOrEqual(DEATHS);
    },
    PATIENCE,
  );

  it(
    'outlives its receivers: nothing is received twice, and each death loses at most what it had taken',
    async () => {
      const { scene, ring: records } = ring(4096);
      const sender = scene.start<number>('recordsSend', ENDLESS, 0);
      let receivers = 0;
      for (let death = 0; death < DEATHS; death++) {
        const victim = await scene.kill(death, 'recordsReceive', 0, death, RECEIVED);
        receivers += recover(scene.pool, [records], victim)[0]?.count ?? 0;
        expect(recover(scene.pool, [records], victim)).toEqual([]);
      }
      const last = scene.start<[number, number][]>('recordsReceive', 0, 0, RECEIVED);
      await last.owner;
      const before = scene.note(RECEIVED);
      await vi.waitUntil(() => scene.note(RECEIVED) > before, GOES_ON); // and there is room again
      records.close();
      await last.answer;
      expect(scene.note(RECEIVED + MISSED)).toBeLessThanOrEqual(DEATHS);
      expect(scene.note(RECEIVED)).toBe(await sender.answer);
      expect(receivers).toBeLessThanOrEqual(DEATHS);
    },
    PATIENCE,
  );
});
