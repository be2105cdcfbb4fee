/** What the threads of the stress tests of one-shots, mailboxes, broadcasts and rings of records do. Imports the built packages. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { Broadcast, Mailbox, OneShot, type RecordSendResult, RecordsRing } from '@pool/sync';
import type { Completed } from '../support/linearizability.ts';
import { MISSED, TOGETHER } from '../tasks/message.ts';
import { meet } from '../tasks/task.ts';

export interface MessageTask {
  readonly name: keyof typeof TASKS;
  readonly pool: PoolHandle;
  /** Where the object stands, or the first of several. */
  readonly at: Address;
  /** 64 words, zeros at first, by which a test learns how far a thread came. */
  readonly notes: Address;
  readonly thread: number;
  readonly count: number;
}

type Do = (pool: Pool, task: MessageTask) => unknown;
const WIDTH = 3;

/** Words that belong together: half of them and half of others do not pass. */
const messageOf = (value: number): BigUint64Array =>
  BigUint64Array.of(BigInt(value), BigInt(value * 3), BigInt(value * 5));

function valueIn(message: BigUint64Array): number {
  const [a, b, c] = message as unknown as [bigint, bigint, bigint];
  if (b !== a * 3n || c !== a * 5n) throw new Error(`half of one message, half of another: ${message}`);
  return Number(a);
}

/** A record says who sent it and which it is, and each of its bytes follows from that. */
function recordOf(thread: number, value: number): Uint8Array {
  const record = new Uint8Array(8 + ((value * 37) % 120));
  new DataView(record.buffer).setUint32(0, value);
  record[4] = thread;
  return record.fill((value + thread) & 255, 5);
}

function readRecord(record: Uint8Array): { thread: number; value: number } {
  const value = new DataView(record.buffer, record.byteOffset, record.length).getUint32(0);
  const thread = record[4] as number;
  const expected = recordOf(thread, value);
  if (record.length !== expected.length || record.some((byte, index) => byte !== expected[index]))
    throw new Error(`record ${value} of thread ${thread} is not as it was sent: ${record}`);
  return { thread, value };
}

const oneShotSend: Do = (pool, { at, count, thread, notes }) => {
  let sent = 0;
  for (let index = 0; index < count; index++) {
    const shot = OneShot.attach(pool, (at + index * OneShot.size()) as Address);
    if (!shot.claimSender()) continue;
    if (shot.send(BigInt(index)) === 'ok') sent += 1;
    pool.storeNumber((notes + thread) as Address, index + 1);
  }
  return sent;
};

const oneShotReceive: Do = (pool, { at, count }) => {
  let received = 0;
  for (let index = 0; index < count; index++) {
    const value = OneShot.attach(pool, (at + index * OneShot.size()) as Address).receive();
    if (value === BigInt(index)) received += 1;
    else if (value !== 'taken') throw new Error(`one-shot ${index} gave ${value}`);
  }
  return received;
};

/** The same in its own name, which its death ends; notes how many it had. */
const oneShotTake: Do = (pool, { at, count, thread, notes }) => {
  for (let index = 0; index < count; index++) {
    const shot = OneShot.attach(pool, (at + index * OneShot.size()) as Address);
    if (!shot.claimReceiver()) throw new Error(`one-shot ${index} has a receiver`);
    const value = shot.receive();
    if (value !== BigInt(index)) throw new Error(`one-shot ${index} gave ${value}`);
    pool.storeNumber((notes + thread) as Address, index + 1);
  }
};

/** Goes on from the last message; `count` messages. Notes the last one that was accepted. */
const mailboxWrite: Do = (pool, { at, count, thread, notes }) => {
  const mailbox = Mailbox.attach(pool, at);
  const last = new BigUint64Array(WIDTH);
  const first = mailbox.peek(last) === 'ok' ? valueIn(last) + 1 : 1;
  for (let value = first; value < first + count; value++) {
    if (mailbox.write(messageOf(value)) !== 'ok') throw new Error(`the mailbox refused message ${value}`);
    pool.storeNumber((notes + thread) as Address, value);
  }
};

/** Notes the last message it has read. */
const mailboxRead: Do = (pool, { at, thread, notes }) => {
  const mailbox = Mailbox.attach(pool, at);
  const into = new BigUint64Array(WIDTH);
  let last = 0;
  let reads = 0;
  while (mailbox.read(into) === 'ok') {
    const value = valueIn(into);
    if (value <= last) throw new Error(`message ${value} after ${last}`);
    last = value;
    reads += 1;
    pool.storeNumber((notes + thread) as Address, value);
  }
  return { last, reads };
};

const PARTIES = 4;

/** Thread 0 writes, the others look; each operation with the moments of its call and its return, on a clock in the first note. */
const mailboxHistory: Do = (pool, { at, notes, thread, count }) => {
  const mailbox = Mailbox.attach(pool, at);
  const message = new BigUint64Array(WIDTH);
  const history: Completed[] = [];
  const now = (): number => pool.fetchAddNumber(notes, 1);
  meet(pool, (notes + 1) as Address, PARTIES);
  for (let turn = 1; turn <= count; turn++) {
    const called = now();
    if (thread === 0) {
      mailbox.write(messageOf(turn));
      history.push({ thread, name: 'write', argument: turn, called, returned: now() });
    } else {
      const result = mailbox.peek(message) === 'ok' ? valueIn(message) : 0;
      history.push({ thread, name: 'read', result, called, returned: now() });
    }
  }
  return history;
};

/** Notes how many messages were accepted. */
const broadcastSend: Do = (pool, { at, count, thread, notes }) => {
  const broadcast = Broadcast.attach(pool, at);
  for (let value = broadcast.position; value < count; value++) {
    if (broadcast.trySend(messageOf(value)) !== 'ok') throw new Error(`the broadcast refused message ${value}`);
    pool.storeNumber((notes + thread) as Address, value + 1);
  }
};

const broadcastReceive: Do = (pool, { at }) => {
  const broadcast = Broadcast.attach(pool, at);
  const receiver = broadcast.receiver(0);
  const into = new BigUint64Array(WIDTH);
  let next = 0;
  let lost = 0;
  for (;;) {
    const answer = receiver.receive(into);
    if (answer === 'closed') return { next, lost };
    if (answer === 'ok') {
      if (valueIn(into) !== next) throw new Error(`message ${valueIn(into)} in the place of ${next}`);
      next += 1;
    } else {
      next += answer as number;
      lost += answer as number;
    }
  }
};

/** Sends its records, and notes how many were accepted. */
const recordsSend: Do = (pool, { at, count, thread, notes }) => {
  const ring = RecordsRing.attach(pool, at);
  for (let value = 0; value < count; value++) {
    if (ring.send(recordOf(thread, value)) !== 'ok') return value;
    pool.storeNumber((notes + thread) as Address, value + 1);
  }
  return count;
};

/** The same, up to so many in one call. */
const recordsSendMany: Do = (pool, { at, count, thread, notes }) => {
  const ring = RecordsRing.attach(pool, at);
  for (let value = 0; value < count; ) {
    const length = Math.min(1 + (value % TOGETHER), count - value);
    const { sent, result } = ring.sendMany(Array.from({ length }, (_, index) => recordOf(thread, value + index)));
    value += sent;
    pool.storeNumber((notes + thread) as Address, value);
    if (result !== 'ok') return value;
  }
  return count;
};

/** The same, gathered; what counts as accepted is what was flushed, up to so many at a time. */
const recordsSendGathered: Do = (pool, { at, count, thread, notes }) => {
  const sender = RecordsRing.attach(pool, at).bufferedSender();
  for (let value = 0; value < count; ) {
    const end = Math.min(value + 1 + (value % TOGETHER), count);
    let result: RecordSendResult = 'ok';
    while (value < end && result === 'ok') {
      result = sender.send(recordOf(thread, value));
      if (result === 'ok') value += 1;
    }
    if (result === 'ok') result = sender.flush();
    if (result !== 'ok') return value - sender.takeBack().length;
    pool.storeNumber((notes + thread) as Address, value);
  }
  return count;
};

/** Notes, for each sender, the record that comes next; fails at one that comes twice, or out of order. */
const recordsReceive: Do = (pool, { at, notes, thread }) => {
  const ring = RecordsRing.attach(pool, at);
  const gaps = new Map<number, number>();
  const visit = (record: Uint8Array): void => {
    const { thread: sender, value } = readRecord(record);
    const next = (notes + sender) as Address;
    const expected = pool.loadNumber(next);
    if (value < expected) throw new Error(`record ${value} of thread ${sender} came again, before ${expected}`);
    gaps.set(sender, (gaps.get(sender) ?? 0) + value - expected);
    pool.fetchAddNumber((notes + MISSED) as Address, value - expected);
    pool.storeNumber(next, value + 1);
  };
  for (let turn = 0; ; turn++) {
    if (turn % 2 === thread % 2) {
      const record = ring.receive();
      if (record === 'closed') break;
      visit(record as Uint8Array);
    } else if (ring.drain(visit) === 'closed') break;
  }
  return [...gaps];
};

const TASKS = {
  oneShotSend,
  oneShotReceive,
  oneShotTake,
  mailboxWrite,
  mailboxRead,
  mailboxHistory,
  broadcastSend,
  broadcastReceive,
  recordsSend,
  recordsSendMany,
  recordsSendGathered,
  recordsReceive,
} as const;

const task = workerData as MessageTask;
const pool = Pool.attach(task.pool);
parentPort?.postMessage({ owner: pool.owner });
const answer = TASKS[task.name](pool, task);
pool.detach();
parentPort?.postMessage({ answer });
