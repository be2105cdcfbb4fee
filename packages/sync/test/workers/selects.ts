/** A thread that does everything by `select`: sends its values over whichever channel somebody asks in, and receives meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import * as sync from '@pool/sync';

export interface SelectTask {
  readonly pool: PoolHandle;
  readonly senders: readonly sync.EndHandle[];
  readonly receivers: readonly sync.EndHandle[];
  /** The values it sends: `first`, `first + 1`, ... */
  readonly first: number;
  readonly count: number;
  /** A word a value: how often it was delivered, and whether its sender was told that it is sent. */
  readonly delivered: Address;
  readonly acknowledged: Address;
  /** In the event loop, or blocked. */
  readonly how: 'async' | 'spin-then-park' | 'park';
}

const { how, first, count, ...task } = workerData as SelectTask;
const pool = Pool.attach(task.pool);
const senders = task.senders.map((handle) => sync.attachSender(pool, handle));
let receivers = task.receivers.map((handle) => sync.attachReceiver(pool, handle));
parentPort?.postMessage({ owner: pool.owner });

let value = first;
let received = 0;
while (receivers.length > 0) {
  const sending = value < first + count ? senders.map((sender) => sender.sending(BigInt(value))) : [];
  const cases = [...sending, ...receivers.map((receiver) => receiver.receiving())];
  const chosen = how === 'async' ? await sync.selectAsync(cases) : sync.select(cases, { strategy: how });
  if (chosen === 'timed-out' || chosen.result === 'closed') throw new Error(`value ${value}: ${chosen}`);
  const { index, result } = chosen;
  if (result === 'ok') {
    pool.storeNumber((task.acknowledged + value) as Address, 1);
    value += 1;
    if (value === first + count) for (const sender of senders) sender.close();
  } else if (result.status === 'ok') {
    pool.fetchAddNumber((task.delivered + Number(result.value)) as Address, 1);
    received += 1;
  } else {
    const ended = index - sending.length;
    receivers[ended]?.close();
    receivers = receivers.filter((_, at) => at !== ended);
  }
}
pool.detach();
parentPort?.postMessage({ answer: received });
