/** A sender or a receiver of some queue on a thread of its own. Imports the built packages, as every worker file does. */
import { parentPort, workerData } from 'node:worker_threads';
import { FreeList } from '@pool/alloc';
import { type Address, Pool } from '@pool/core';
import * as sync from '@pool/sync';
import type { Completed } from '../support/linearizability.ts';
import { STOPPED, type StreamTask } from '../tasks/stream.ts';

interface Stream {
  trySend(value: bigint): string;
  tryReceive(): bigint | string;
  send(value: bigint): string;
  receive(): bigint | string;
  close?(): void;
}

const task = workerData as StreamTask;
const pool = Pool.attach(task.pool);
const options = task.park ? ({ strategy: 'park' } as const) : {};

function ofWords(queue: sync.ArrayQueue | sync.SegmentedQueue | sync.WordQueue): Stream {
  return {
    trySend: (value) => queue.trySend(value),
    tryReceive: () => queue.tryReceive(),
    send: (value) => queue.send(value, options),
    receive: () => queue.receive(options),
  };
}

function open(): Stream {
  switch (task.kind) {
    case 'array queue': {
      const queue = sync.ArrayQueue.attach(pool, task.base);
      return ofWords(queue);
    }
    case 'word queue': {
      const queue = sync.WordQueue.attach(pool, task.base);
      return ofWords(queue);
    }
    case 'segmented queue': {
      if (task.storage === undefined) throw new Error('a segmented queue needs a storage');
      const storage = FreeList.attach(pool, task.storage, pool.owner);
      const queue = sync.SegmentedQueue.attach(pool, task.base, storage);
      return ofWords(queue);
    }
    case 'channel': {
      if (task.handle === undefined) throw new Error('a channel is reached by a handle');
      const attaching = task.storage === undefined ? {} : { storage: FreeList.attach(pool, task.storage, pool.owner) };
      const end =
        task.role === 'sender'
          ? { sender: sync.attachSender(pool, task.handle, attaching) }
          : { receiver: sync.attachReceiver(pool, task.handle, attaching) };
      return {
        trySend: (value) => end.sender?.trySend(value) ?? 'no sender',
        tryReceive: () => 'no receiver',
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
        trySend: (value) => end.sender?.trySend(value) ?? 'no sender',
        tryReceive: () => end.receiver?.tryReceive() ?? 'no receiver',
        send: (value) => end.sender?.send(value, options) ?? 'no sender',
        receive: () => end.receiver?.receive(options) ?? 'no receiver',
      };
    }
    case 'treiber stack': {
      const stack = sync.TreiberStack.attach(pool, task.base);
      const END = 2n ** 53n;
      return {
        trySend: (value) => stack.tryPush(value),
        tryReceive: () => stack.tryPop(),
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

/** Waits until so many values may be sent; `false` when no more are wanted. */
function isWanted(sent: number): boolean {
  if (task.gate === undefined) return true;
  for (;;) {
    const open = pool.loadNumber(task.gate);
    if (open === STOPPED || sent < open) return open !== STOPPED;
    pool.wait(task.gate, BigInt(open));
  }
}

const stream = open();
parentPort?.postMessage({ owner: pool.owner });
const received: number[] = [];
const history: Completed[] = [];
if (task.role === 'both') {
  const thread = task.first / task.count;
  const clock = task.delivered;
  while (pool.loadNumber(task.acknowledged) === 0) pool.pause(); // until all are there
  const [sending, receiving] = task.kind === 'treiber stack' ? ['push', 'pop'] : ['send', 'receive'];
  const note = (name: string, perform: () => bigint | string, argument?: number): void => {
    const called = pool.fetchAddNumber(clock, 1);
    const answer = perform();
    const returned = pool.fetchAddNumber(clock, 1);
    if (answer === 'full' || (answer === 'empty' && name !== 'pop')) return;
    const result = typeof answer === 'bigint' ? Number(answer) : answer;
    history.push({ thread, name, ...(argument !== undefined && { argument }), result, called, returned });
  };
  for (let value = task.first; value < task.first + task.count; value++) {
    note(sending as string, () => stream.trySend(BigInt(value)), value);
    note(receiving as string, () => stream.tryReceive());
  }
} else if (task.role === 'sender') {
  for (let value = task.first; value < task.first + task.count && isWanted(value - task.first); value++) {
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
parentPort?.postMessage({ answer: { received, history } });
