/** What the threads of the contests of many senders, and of sending there and back, do. */
import type { Address, Pool, PoolHandle } from '@pool/core';
import { ArrayQueue, attachReceiver, attachSender, type EndHandle, type WaitStrategy } from '@pool/sync';

export const QUEUE_CAPACITY = 1024;
/** Tells an echo to end. */
export const END: bigint = 2n ** 63n;

export interface CrowdTask {
  readonly role: 'sender' | 'receiver' | 'echo' | 'echo-async';
  readonly pool: PoolHandle;
  /** The queue, or for an echo the one there; the one back. */
  readonly at: Address;
  readonly back: Address;
  readonly strategy: WaitStrategy | undefined;
  /** An end of a channel of numbers, instead of the queue. */
  readonly end?: EndHandle;
}

/** Sends as many numbers as it is told to, each time it is called. */
export function sender(pool: Pool, { at, end }: CrowdTask): (count: number) => number {
  if (end !== undefined) {
    const tx = attachSender<number>(pool, end);
    return (count) => {
      for (let value = 0; value < count; value++) tx.send(value);
      return 0;
    };
  }
  const queue = ArrayQueue.attach(pool, at);
  return (count) => sendAll(queue, count);
}

/** Receives as many, and adds them up. */
export function receiver(pool: Pool, { at, end }: CrowdTask): (count: number) => number {
  if (end !== undefined) {
    const rx = attachReceiver<number>(pool, end);
    return (count) => {
      let sum = 0;
      for (let received = 0; received < count; received++) {
        const next = rx.receive();
        sum += next.status === 'ok' ? next.value : Number.NaN;
      }
      return sum;
    };
  }
  const queue = ArrayQueue.attach(pool, at);
  return (count) => receiveAll(queue, count);
}

function sendAll(queue: ArrayQueue, count: number): number {
  for (let value = 0; value < count; value++) if (queue.trySendNumber(value) !== 'ok') queue.send(BigInt(value));
  return 0;
}

function receiveAll(queue: ArrayQueue, count: number): number {
  let sum = 0;
  for (let received = 0; received < count; received++) {
    const value = queue.tryReceiveNumber();
    sum += typeof value === 'number' ? value : Number(queue.receive());
  }
  return sum;
}

/** Sends back what it receives, until it is told to end. */
export function echo(pool: Pool, { at, back, strategy }: CrowdTask): void {
  const [there, home] = [ArrayQueue.attach(pool, at), ArrayQueue.attach(pool, back)];
  const options = strategy === undefined ? {} : { strategy };
  for (let value = there.receive(options); value !== END; value = there.receive(options)) home.send(value as bigint);
}

export async function echoAsync(pool: Pool, { at, back }: CrowdTask): Promise<void> {
  const [there, home] = [ArrayQueue.attach(pool, at), ArrayQueue.attach(pool, back)];
  for (let value = await there.receiveAsync(); value !== END; value = await there.receiveAsync())
    await home.sendAsync(value as bigint);
}
