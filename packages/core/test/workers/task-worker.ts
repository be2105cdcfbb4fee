/** What the threads of the stress tests do. Imports the built package, as every worker file does. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  type Address,
  type Engine,
  type Handle,
  HOST_DOMAIN,
  IndexSet,
  type Owner,
  Pool,
  type PoolHandle,
  SegmentError,
  Segments,
} from '@pool/core';
import { BlockStorage } from '../support/block-storage.ts';
import { PATIENCE, Rendezvous } from './rendezvous.ts';

export interface Task {
  readonly name: keyof typeof TASKS;
  readonly pool: PoolHandle;
  readonly engine?: Engine;
  /** A line for the threads to meet on, and the words after it for what the task does. */
  readonly at: Address;
  readonly parties: number;
  /** Which of the parties this one is. */
  readonly party: number;
  readonly rounds: number;
  readonly count: number;
  /** Whom `endOnce` signs as; the same for both, so that both may publish. */
  readonly owner?: Owner;
}

type Do = (pool: Pool, meet: () => void, task: Task, data: Address) => unknown;

const LINE = 16;

/** A word a round: `count` additions of 1 to each, in both forms. */
const add: Do = (pool, meet, { rounds, count }, data) => {
  for (let round = 0; round < rounds; round++) {
    const at = (data + round) as Address;
    meet();
    if (round % 2) for (let index = 0; index < count; index++) pool.fetchAddNumber(at, 1);
    else for (let index = 0; index < count; index++) pool.fetchAdd(at, 1n);
  }
};

/** Reserves, so that the memory grows, and signs every word; all the while counts together, and looks after what it signed before. */
const grow: Do = (pool, meet, { rounds, count, party }, data) => {
  const regions: Address[] = [];
  const sign = (at: number): bigint => (BigInt(party) << 32n) | BigInt(at);
  meet();
  for (let round = 0; round < rounds; round++) {
    const region = pool.reserve(count);
    regions.push(region);
    for (let at: number = region; at < region + count; at++) {
      if (pool.load(at as Address) !== 0n) throw new Error(`word ${at} was not free`);
      pool.store(at as Address, sign(at));
    }
    pool.fetchAddNumber(data, 1);
    for (const kept of regions)
      for (const at of [kept, kept + count - 1])
        if (pool.loadNumber(at as Address) !== Number(sign(at))) throw new Error(`word ${at} was lost`);
  }
  return regions;
};

/** One party grows the memory and hands over an address at the very end; the other uses it the moment it sees it. */
const handOver: Do = (pool, meet, { rounds, party }, data) => {
  const answer = (data + LINE) as Address;
  const pageWords = 8192;
  meet();
  for (let round = 1; round <= rounds; round++) {
    if (party === 0) {
      const region = pool.reserve(pageWords);
      pool.storeNumber(data, region + pageWords - 1);
      while (pool.loadNumber(answer) !== round) pool.pause();
    } else {
      let at = 0;
      while (at === 0) at = pool.loadNumber(data);
      pool.storeNumber(at as Address, round);
      if (pool.loadNumber(at as Address) !== round) throw new Error(`word ${at} was lost`);
      pool.storeNumber(data, 0);
      pool.storeNumber(answer, round);
    }
  }
};

/** Attaches, counts, grows and leaves, again and again. */
const comeAndGo: Do = (pool, meet, { rounds, pool: handle }, data) => {
  meet();
  for (let round = 0; round < rounds; round++) {
    const again = Pool.attach(handle);
    again.fetchAddNumber(data, 1);
    again.tryGrow(1);
    again.fetchAdd(data, 1n);
    again.detach();
  }
  return pool.loadNumber(data);
};

/** The two of them take turns, and each parks until the other has had its own. */
const takeTurns: Do = (pool, meet, { rounds, party }, data) => {
  const mine = BigInt(party);
  const theirs = BigInt(1 - party);
  meet();
  for (let round = 0; round < rounds; round++) {
    while (pool.load(data) !== mine)
      if (pool.wait(data, theirs, { timeout: PATIENCE }) === 'timed-out')
        throw new Error(`wake lost in round ${round}`);
    pool.store(data, theirs);
    pool.notify(data, 1);
  }
};

/** Both publish the one draft, then both retire the one segment: the outcomes of each, 'ok' or the fault. */
const endOnce: Do = (pool, meet, { rounds, party, owner }, data) => {
  const storage = new BlockStorage((data + LINE) as Address, 4, LINE);
  const segments = new Segments(pool, { storage });
  const access = segments.access({ domains: 'all', ...(owner ? { owner } : {}) });
  const attempt = (operation: () => void): string => {
    try {
      operation();
      return 'ok';
    } catch (error) {
      if (error instanceof SegmentError) return error.fault;
      throw error;
    }
  };
  const outcomes: string[][] = [];
  for (let round = 0; round < rounds; round++) {
    if (party === 0) pool.store(data, access.draft(8, HOST_DOMAIN));
    meet();
    const handle = pool.load(data) as Handle;
    const published = attempt(() => access.publish(handle));
    meet();
    const retired = attempt(() => access.retire(handle));
    meet();
    outcomes.push([published, retired]);
  }
  return outcomes;
};

/** Drafts, fills, publishes, reads and retires `rounds` segments of one table; nobody else's bytes may show. Counts the times there was none. */
const churn: Do = (pool, meet, { rounds, party, count }, data) => {
  const segments = new Segments(pool, { storage: new BlockStorage(data, count, LINE) });
  const expected = new Uint8Array(LINE * 8).fill(party + 1);
  let refused = 0;
  meet();
  for (let served = 0; served < rounds; ) {
    const draft = segments.draft(expected.length);
    if (draft === undefined) {
      refused++; // the others have them all: an ordinary result
      pool.pause();
      continue;
    }
    draft.set(expected);
    const handle = draft.publish();
    const view = segments.acquire(handle);
    for (let offset = 0; offset < expected.length; offset++)
      if (view.getUint8(offset) !== party + 1) throw new Error(`byte ${offset} is another thread's`);
    view.release();
    segments.retire(handle);
    served++;
  }
  return refused;
};

/** Takes and gives back indices of one set; what one has taken nobody else has. Counts the times there was none. */
const takeIndices: Do = (pool, meet, { rounds, party, count }, data) => {
  const set = new IndexSet(pool, data, count);
  const holders = (data + IndexSet.size(count)) as Address;
  let empty = 0;
  const held: number[] = [];
  const giveBack = (): void => {
    for (const index of held.splice(0)) {
      pool.storeNumber((holders + index) as Address, 0);
      set.add(index);
    }
  };
  meet();
  for (let round = 0; round < rounds; round++) {
    const index = set.take((round * 7 * (party + 1)) % count);
    if (index < 0) empty++;
    else {
      const before = pool.exchangeNumber((holders + index) as Address, party + 1);
      if (before !== 0) throw new Error(`index ${index} was taken by ${before - 1} and by ${party}`);
      held.push(index);
    }
    if (held.length < (round % 5) + 1 && index >= 0) continue;
    giveBack();
  }
  giveBack();
  return empty;
};

const TASKS = { add, grow, handOver, comeAndGo, takeTurns, endOnce, churn, takeIndices } as const;

const task = workerData as Task;
const pool = Pool.attach(task.pool, task.engine ? { engine: task.engine } : {});
const rendezvous = new Rendezvous(pool, task.at, task.parties);
const answer = TASKS[task.name](pool, () => rendezvous.meet(), task, (task.at + LINE) as Address);
pool.detach();
parentPort?.postMessage(answer);
