/** What the threads of the locks' stress tests do. Imports the built packages, as every worker file does. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Address, type Owner, Pool, type PoolHandle } from '@pool/core';
import { Mutex, RwLock, Semaphore, type WaitStrategy } from '@pool/sync';
import type { Completed } from '../support/linearizability.ts';

export interface LockTask {
  readonly name: keyof typeof TASKS;
  readonly pool: PoolHandle;
  /** Where the object stands. */
  readonly at: Address;
  /** Words for what the task does, zeros at first; the last one is set when the threads are to end. */
  readonly data: Address;
  readonly thread: number;
  readonly count: number;
  readonly strategy?: WaitStrategy;
}

/** Words of `data`, and the one of them that ends everything. */
const DATA_WORDS = 32;
const STOP = DATA_WORDS - 1;
/** From here on: how many turns each thread had. */
const TURNS = 16;

type Do = (pool: Pool, task: LockTask, word: (index: number) => Address) => unknown;

/** Two plain words that are equal whenever nobody holds the lock; a death may leave the first one ahead by one. */
function step(pool: Pool, first: Address, second: Address, repair: boolean): void {
  let [a, b] = [pool.loadPlainNumber(first), pool.loadPlainNumber(second)];
  if (repair && a === b + 1) {
    b += 1;
    pool.storePlainNumber(second, b);
  }
  if (a !== b) throw new Error(`the lock let somebody in: ${a} and ${b}`);
  a += 1;
  pool.storePlainNumber(first, a);
  pool.storePlainNumber(second, b + 1);
}

/** Counts under the lock `count` times, or until told to stop; gives back how often, and how many deaths it was told of. */
const mutexCount: Do = (pool, { at, count, thread, strategy }, word) => {
  const mutex = Mutex.attach(pool, at);
  let deaths = 0;
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    const token = mutex.lock(strategy ? { strategy } : {});
    if (token.ownerDied) deaths += 1;
    step(pool, word(0), word(1), token.ownerDied);
    token.unlock();
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return { turns, deaths };
};

/** The same from an event loop, from several tasks at once. */
const mutexCountAsync: Do = async (pool, { at, count }, word) => {
  const mutex = Mutex.attach(pool, at);
  const task = async (): Promise<void> => {
    for (let turn = 0; turn < count; turn++) {
      const token = await mutex.lockAsync();
      step(pool, word(0), word(1), false);
      token.unlock();
    }
  };
  await Promise.all([task(), task(), task()]);
};

/** Locks with and without waiting, and notes when and with what result. */
const mutexHistory: Do = (pool, { at, count, thread }, word) => {
  const mutex = Mutex.attach(pool, at);
  const notes = new Notes(pool, word(0), thread);
  for (let turn = 0; turn < count; turn++) {
    const patient = (turn + thread) % 3 > 0;
    const token = patient
      ? notes.note({ name: 'lock' }, () => mutex.lock())
      : notes.note(
          { name: 'tryLock' },
          () => mutex.tryLock(),
          (taken) => taken !== undefined,
        );
    if (token) notes.note({ name: 'unlock' }, () => token.unlock());
  }
  return notes.history;
};

/** Counts who is inside, a few permits at a time, until told to stop or `count` times; nobody may see more inside than there are permits. */
const semaphoreCount: Do = (pool, { at, count, thread }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    const weight = 1 + ((turns + thread) % permits);
    semaphore.acquire(weight);
    const inside = pool.fetchAddNumber(word(0), weight) + weight;
    if (inside > permits) throw new Error(`${inside} are inside, and there are ${permits} permits`);
    pool.fetchSubNumber(word(0), weight);
    semaphore.release(weight);
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return turns;
};

/** The same without looking who is inside, for a death leaves that wrong. */
const semaphoreVictim: Do = (pool, { at, thread, count }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  for (let turn = 0; turn < count && pool.loadNumber(word(STOP)) === 0; turn++) {
    const weight = 1 + ((turn + thread) % permits);
    semaphore.acquire(weight);
    semaphore.release(weight);
    pool.storeNumber(word(TURNS + thread), turn + 1);
  }
};

/** Acquires with and without waiting, and notes when and with what result. */
const semaphoreHistory: Do = (pool, { at, count, thread }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  const notes = new Notes(pool, word(0), thread);
  for (let turn = 0; turn < count; turn++) {
    const argument = 1 + ((turn * 7 + thread) % permits);
    const patient = (turn + thread) % 3 > 0;
    const acquired = patient
      ? notes.note({ name: 'acquire', argument }, () => semaphore.acquire(argument) === 'ok')
      : notes.note(
          { name: 'tryAcquire', argument },
          () => semaphore.tryAcquire(argument),
          (result) => result,
        );
    if (acquired) notes.note({ name: 'release', argument }, () => semaphore.release(argument));
  }
  return notes.history;
};

/** Writes two words that are always equal, every so often, and reads them in between; gives back how often it had its turn. */
const rwLock: Do = (pool, { at, count, thread }, word) => {
  const lock = RwLock.attach(pool, at);
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    // The first thread only writes, so that it can starve.
    if (thread === 0 || (turns + thread) % 8 === 0) {
      const token = lock.write();
      step(pool, word(0), word(1), token.ownerDied);
      if (turns % 2) token.downgrade();
      token.unlock();
    } else {
      const token = lock.read();
      const [a, b] = [pool.loadPlainNumber(word(0)), pool.loadPlainNumber(word(1))];
      if (a !== b && !token.ownerDied) throw new Error(`a reader saw a writer's half: ${a} and ${b}`);
      token.unlock();
    }
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return turns;
};

/** A thread's part of a history; the clock is a word that all threads count up. */
class Notes {
  readonly history: Completed[] = [];
  readonly #pool: Pool;
  readonly #clock: Address;
  readonly #thread: number;

  constructor(pool: Pool, clock: Address, thread: number) {
    this.#pool = pool;
    this.#clock = clock;
    this.#thread = thread;
  }

  note<T>(
    operation: { readonly name: string; readonly argument?: number },
    perform: () => T,
    resultOf?: (answer: T) => boolean | number | string,
  ): T {
    const called = this.#pool.fetchAddNumber(this.#clock, 1);
    const answer = perform();
    const returned = this.#pool.fetchAddNumber(this.#clock, 1);
    const result = resultOf ? { result: resultOf(answer) } : {};
    this.history.push({ thread: this.#thread, ...operation, ...result, called, returned });
    return answer;
  }
}

const TASKS = {
  mutexCount,
  mutexCountAsync,
  mutexHistory,
  semaphoreCount,
  semaphoreVictim,
  semaphoreHistory,
  rwLock,
} as const;

const task = workerData as LockTask;
const pool = Pool.attach(task.pool);
parentPort?.postMessage({ owner: pool.owner satisfies Owner });
const answer = await TASKS[task.name](pool, task, (index) => (task.data + index) as Address);
pool.detach();
parentPort?.postMessage({ answer });
