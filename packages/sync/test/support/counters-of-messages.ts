import type { Pool } from '@pool/core';
import * as sync from '../../src/index.ts';
import { AT_ONCE, again, bellOf, type Counter, eventOf, PATIENCE, part, TIMES, woken } from './counters.ts';

function recordsRing(pool: Pool, start = 0n) {
  const base = pool.reserve(sync.RecordsRing.size(256));
  const ring = sync.RecordsRing.create(pool, base, { capacity: 256, start });
  const record = (turn: number, length = 50): Uint8Array => new Uint8Array(length).fill(turn);
  const act = async (turn: number) => [
    ring.trySend(record(turn)),
    ring.trySend(record(turn, 100)),
    ring.trySend(record(turn)),
    await woken(ring.sendAsync(record(9), PATIENCE), () => ring.tryReceive()),
    ring.tryReceive(),
    ring.tryDrain(() => {}),
    await woken(ring.receiveAsync(PATIENCE), () => ring.trySend(record(turn, 3))),
    ring.used,
  ];
  return { at: sync.RECORDS_RING.at(base), act };
}

const message = (turn: number): BigUint64Array => BigUint64Array.of(BigInt(turn), BigInt(turn * 3));

function mailbox(pool: Pool, start = 0n) {
  const base = pool.reserve(sync.Mailbox.size(2));
  const box = sync.Mailbox.create(pool, base, { width: 2, start });
  const into = message(0);
  const act = async (turn: number) => [
    box.write(message(turn)),
    box.write(message(turn + 1)),
    box.tryRead(into),
    box.tryRead(into),
    [...into],
    await woken(box.readAsync(into, PATIENCE), () => box.write(message(turn + 2))),
    box.peek(into),
    [...into],
  ];
  return { at: sync.MAILBOX.at(base), act };
}

function broadcast(pool: Pool, start = 0n) {
  const base = pool.reserve(sync.Broadcast.size(4, 2));
  const news = sync.Broadcast.create(pool, base, { capacity: 4, width: 2, start });
  const receiver = news.receiver();
  const into = message(0);
  const act = async (turn: number) => [
    TIMES.map((next) => news.trySend(message(turn * 10 + next))), // more than there is room for
    receiver.tryReceive(into),
    receiver.tryReceive(into),
    [...into],
    [receiver.tryReceive(into), receiver.tryReceive(into), receiver.tryReceive(into)],
    await woken(receiver.receiveAsync(into, PATIENCE), () => news.trySend(message(turn))),
    [...into],
  ];
  return { at: sync.BROADCAST.at(base), act };
}

const sequences: readonly Counter[] = [
  {
    name: 'records ring, positions',
    bits: 48,
    open(pool, start) {
      const { at, act } = recordsRing(pool, start);
      return { read: () => pool.load(at.tail), act: () => again(act) };
    },
  },
  {
    name: 'mailbox, messages',
    bits: 48,
    open(pool, start) {
      const { at, act } = mailbox(pool, start);
      return { read: part(pool, at.latest, 48, 4n).read, act: () => again(act) };
    },
  },
  {
    name: 'broadcast, messages',
    bits: 48,
    open(pool, start) {
      const { at, act } = broadcast(pool, start);
      return { read: part(pool, at.sent, 48, 4n).read, act: () => again(act) };
    },
  },
];

const messageEvents: readonly Counter[] = [
  bellOf('records ring, items', (pool) => {
    const { at, act } = recordsRing(pool);
    return { bell: at.items, act };
  }),
  bellOf('records ring, room', (pool) => {
    const { at, act } = recordsRing(pool);
    return { bell: at.room, act };
  }),
  eventOf('mailbox', (pool) => {
    const { at, act } = mailbox(pool);
    return { event: at.event, act };
  }),
  eventOf('broadcast', (pool) => {
    const { at, act } = broadcast(pool);
    return { event: at.event, act };
  }),
];

const oneShotEvent = eventOf('one-shot', (pool) => {
  const base = pool.reserve(sync.OneShot.size());
  const shot = sync.OneShot.create(pool, base);
  return {
    event: sync.ONE_SHOT.at(base).event,
    act: (turn) => woken(shot.receiveAsync(turn === 1 ? PATIENCE : AT_ONCE), () => shot.send(BigInt(turn))),
  };
});

export const OF_MESSAGES: readonly Counter[] = [...sequences, ...messageEvents, oneShotEvent];
