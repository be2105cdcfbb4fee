/** A thread of the locks' stress tests. Imports the built packages, as every worker file does. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Address, type Owner, Pool } from '@pool/core';
import { barrier } from '../tasks/barrier.ts';
import { channelHistory } from '../tasks/channel.ts';
import { condition } from '../tasks/condition.ts';
import { crowdAtLock, crowdOfMessages } from '../tasks/crowd.ts';
import { latch, latchPassed } from '../tasks/latch.ts';
import { mutexCount, mutexCountAsync, mutexHistory } from '../tasks/mutex.ts';
import { once } from '../tasks/once.ts';
import { parker, parkerTurns } from '../tasks/parker.ts';
import { autoEvent, eventGate } from '../tasks/reset-event.ts';
import { rwLock } from '../tasks/rw-lock.ts';
import { impatient, waitAtEach } from '../tasks/scenarios.ts';
import { semaphoreCount, semaphoreHistory, semaphoreVictim } from '../tasks/semaphore.ts';
import type { LockTask } from '../tasks/task.ts';
import { waitGroup } from '../tasks/wait-group.ts';

const TASKS = {
  autoEvent,
  barrier,
  channelHistory,
  condition,
  crowdAtLock,
  crowdOfMessages,
  eventGate,
  impatient,
  latch,
  latchPassed,
  mutexCount,
  mutexCountAsync,
  mutexHistory,
  once,
  parker,
  parkerTurns,
  rwLock,
  semaphoreCount,
  semaphoreHistory,
  semaphoreVictim,
  waitAtEach,
  waitGroup,
} as const;
export type TaskName = keyof typeof TASKS;

const task = workerData as LockTask;
const pool = Pool.attach(task.pool);
parentPort?.postMessage({ owner: pool.owner satisfies Owner });
const answer = await TASKS[task.name](pool, task, (index) => (task.data + index) as Address);
pool.detach();
parentPort?.postMessage({ answer });
