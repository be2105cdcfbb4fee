/** A sender or a receiver of some queue on a thread of its own. Imports the built packages, as every worker file does. */
import { parentPort, workerData } from 'node:worker_threads';
import { FreeList } from '@pool/alloc';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import * as sync from '@pool/sync';

export interface StreamTask {
  readonly pool: PoolHandle;
  readonly base: Address;
  readonly kind: StreamKind;
  readonly role: 'sender' | 'receiver';
  /** The values a sender sends, in order: `first`, `first + 1`, ... */
  readonly first: number;
  readonly count: number;
  /** A word a value: how often it was delivered, and from `acknowledged` on, whether its sender was told that it is sent. */
  readonly delivered: Address;
  readonly acknowledged: Address;
  /** Where the free list of segments stands. */
  readonly storage?: Address;
  /** A channel's end, handed over. */
  readonly handle?: sync.EndHandle;
  /** Parks at once, so that every wait is a wake. */
  readonly park: boolean;
}

export type StreamKind = 'array queue' | 'spsc ring' | 'treiber stack' | 'segmented queue' | 'channel';

interface Stream {
  send(value: bigint): string;
  receive(): bigint | string;
  close?(): void;
}

const task = workerData as StreamTask;
const pool = Pool.attach(task.pool);
const options = task.park ? ({ strategy: 'park' } as const) : {};

function open(): Stream {
  switch (task.kind) {
    case 'array queue': {
      const queue = sync.ArrayQueue.attach(pool, task.base);
      return { send: (value) => queue.send(value, options), receive: () => queue.receive(options) };
    }
    case 'segmented queue': {
      if (task.storage === undefined) throw new Error('a segmented queue needs a storage');
      const storage = FreeList.attach(pool, task.storage, pool.owner);
      const queue = sync.SegmentedQueue.attach(pool, task.base, storage);
      return { send: (value) => queue.send(value, options), receive: () => queue.receive(options) };
    }
    case 'channel': {
      if (task.handle === undefined) throw new Error('a channel is reached by a handle');
      const attaching = task.storage === undefined ? {} : { storage: FreeList.attach(pool, task.storage, pool.owner) };
      const end =
        task.role === 'sender'
          ? { sender: sync.attachSender(pool, task.handle, attaching) }
          : { receiver: sync.attachReceiver(pool, task.handle, attaching) };
      return {
        send: (value) => end.sender?.send(value, options) ?? 'no sender',
        receive() {
          const received = end.receiver?.receive(options);
          return received?.status === 'ok' ? received.value : (received?.status ?? 'no receiver');
        },
        close: () => (end.sender ?? end.receiver)?.close(),
      };
    }
    case 'spsc ring': {
      const ring = sync.SpscRing.attach(pool, task.base);
      const end = task.role === 'sender' ? { sender: ring.sender() } : { receiver: ring.receiver() };
      return {
        send: (value) => end.sender?.send(value, options) ?? 'no sender',
        receive: () => end.receiver?.receive(options) ?? 'no receiver',
      };
    }
    case 'treiber stack': {
      const stack = sync.TreiberStack.attach(pool, task.base);
      const END = 2n ** 53n;
      return {
        send(value) {
          while (stack.tryPush(value) === 'full') pool.pause();
          return 'ok';
        },
        receive() {
          for (;;) {
            const value = stack.tryPop();
            if (value === END) stack.tryPush(END); // for the next receiver
            if (value !== 'empty') return value === END ? 'closed' : value;
            pool.pause();
          }
        },
      };
    }
  }
}

const stream = open();
parentPort?.postMessage({ owner: pool.owner });
const received: number[] = [];
if (task.role === 'sender') {
  for (let value = task.first; value < task.first + task.count; value++) {
    const sent = stream.send(BigInt(value));
    if (sent !== 'ok') throw new Error(`value ${value}: ${sent}`);
    pool.storeNumber((task.acknowledged + value) as Address, 1);
  }
} else {
  for (let value = stream.receive(); typeof value === 'bigint'; value = stream.receive()) {
    pool.fetchAddNumber((task.delivered + Number(value)) as Address, 1);
    received.push(Number(value));
  }
}
stream.close?.();
pool.detach();
parentPort?.postMessage({ received });
