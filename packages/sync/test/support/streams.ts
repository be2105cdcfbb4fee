/** Senders and receivers on threads of their own, and what must come of them. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Address, Owner, Pool, PoolHandle } from '@pool/core';
import { expect } from 'vitest';
import type { EndHandle } from '../../src/index.ts';
import type { StreamKind, StreamTask } from '../workers/streams.ts';
import type { Completed } from './linearizability.ts';

export const LONG: boolean = process.env.POOL_LONG !== undefined;
/** What a worker sends at most before it is terminated. */
const PER_VICTIM = 20_000;

export interface Stage {
  readonly pool: Pool;
  readonly base: Address;
  readonly storage?: Address;
  /** A clone of a channel's end, handed over. */
  handle?(role: StreamTask['role']): EndHandle;
  /** Ends the stream for receivers, once all senders are done. */
  close(): void;
  recover(owner: Owner): unknown;
}

export interface Troupe {
  readonly kind: StreamKind;
  readonly senders: number;
  readonly receivers: number;
  readonly perSender: number;
  readonly park?: boolean;
  readonly ordered?: boolean;
}

/** Threads that are at work: one that fails leaves the others waiting for it. */
const running = new Set<Worker>();

async function dismiss(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.terminate()));
}

function start(
  stage: Stage,
  plain: StreamTask,
): { worker: Worker; owner: Promise<Owner>; received: Promise<number[]>; history: Promise<Completed[]> } {
  const handle = stage.handle?.(plain.role);
  const { storage } = stage;
  const task: StreamTask = { ...plain, ...(handle && { handle }), ...(storage && { storage }) };
  const worker = new Worker(new URL('../workers/streams.ts', import.meta.url), { workerData: task });
  running.add(worker);
  worker.once('exit', () => running.delete(worker));
  const owner = Promise.withResolvers<Owner>();
  const received = Promise.withResolvers<number[]>();
  const history = Promise.withResolvers<Completed[]>();
  worker.on('message', (message: { owner: Owner } | { received: number[]; history: Completed[] }) => {
    if ('owner' in message) owner.resolve(message.owner);
    else {
      received.resolve(message.received);
      history.resolve(message.history);
    }
  });
  for (const promise of [owner, received, history]) {
    worker.on('error', promise.reject);
    promise.promise.catch(() => {}); // a victim's answer is nobody's
  }
  return { worker, owner: owner.promise, received: received.promise, history: history.promise };
}

function logsFor(stage: Stage, values: number): Pick<StreamTask, 'pool' | 'base' | 'delivered' | 'acknowledged'> {
  const { pool, base } = stage;
  const handle: PoolHandle = pool.handle;
  return { pool: handle, base, delivered: pool.reserve(values), acknowledged: pool.reserve(values) };
}

/** Everything arrives once, each sender's values in order at each receiver, and then it ends. */
export async function play(stage: Stage, troupe: Troupe): Promise<void> {
  await perform(stage, troupe).finally(dismiss);
}

async function perform(stage: Stage, troupe: Troupe): Promise<void> {
  const { kind, senders, receivers, perSender, park = false, ordered = true } = troupe;
  const common = { ...logsFor(stage, senders * perSender), kind, count: perSender, park };
  const sending = Array.from({ length: senders }, (_, index) =>
    start(stage, { ...common, role: 'sender', first: index * perSender }),
  );
  const receiving = Array.from({ length: receivers }, () => start(stage, { ...common, role: 'receiver', first: 0 }));
  // A receiver that fails must not leave its senders waiting.
  await Promise.race([Promise.all(sending.map((sender) => sender.received)), ...receiving.map(failure)]);
  stage.close();
  const parts = await Promise.all(receiving.map((receiver) => receiver.received));
  expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: senders * perSender }, (_, value) => value));
  if (!ordered) return;
  for (const part of parts) {
    const last = new Map<number, number>();
    for (const value of part) {
      const sender = Math.floor(value / perSender);
      expect(value).toBeGreaterThan(last.get(sender) ?? -1);
      last.set(sender, value);
    }
  }
}

/**
 * Terminates one thread after the other at random moments, senders and receivers in turn, beside one of each that live on.
 * After recovery those go on, nothing is delivered twice, and nothing acknowledged is lost but what a dead receiver had in its hands.
 */
export async function massacre(stage: Stage, kind: StreamKind, deaths: number): Promise<void> {
  await strike(stage, kind, deaths).finally(dismiss);
}

async function strike(stage: Stage, kind: StreamKind, deaths: number): Promise<void> {
  const common = { ...logsFor(stage, (deaths + 1) * PER_VICTIM), kind, count: PER_VICTIM, park: false };
  const { pool } = stage;
  const survivor = start(stage, { ...common, role: 'receiver', first: 0 });
  let receiversKilled = 0;
  for (let death = 0; death < deaths; death++) {
    const role = death % 2 === 1 ? 'receiver' : 'sender';
    const { worker, owner } = start(stage, { ...common, role, first: death * PER_VICTIM });
    // A receiver has something to receive while another sender is at work.
    const partner =
      role === 'receiver' ? start(stage, { ...common, role: 'sender', first: death * PER_VICTIM }) : undefined;
    const victim = await owner;
    await partner?.owner;
    const moment = performance.now() + ((death * 7) % 31) / 10;
    while (performance.now() < moment) {} // finer than a timer
    const gone = once(worker, 'exit');
    await worker.terminate();
    await gone;
    pool.owners.markDead(victim);
    stage.recover(victim);
    expect(stage.recover(victim)).toSatisfy((found) => found === undefined || (Array.isArray(found) && !found.length));
    pool.owners.bury(victim);
    if (role === 'receiver') receiversKilled += 1;
    await partner?.received;
  }
  const last = start(stage, { ...common, role: 'sender', first: deaths * PER_VICTIM });
  await last.received;
  stage.close();
  await survivor.received;
  let lost = 0;
  for (let value = 0; value < (deaths + 1) * PER_VICTIM; value++) {
    const times = pool.loadNumber((common.delivered + value) as Address);
    expect(times).toBeLessThanOrEqual(1);
    if (times === 0 && pool.loadNumber((common.acknowledged + value) as Address) === 1) lost += 1;
  }
  expect(lost).toBeLessThanOrEqual(receiversKilled);
}

/** Rejects when the thread fails; never resolves. */
async function failure({ received }: { readonly received: Promise<number[]> }): Promise<never> {
  await received;
  return new Promise(() => {});
}

/** What so many threads did and were answered, each sending and receiving by turns. */
export async function historyOf(stage: Stage, kind: StreamKind, threads: number, turns: number): Promise<Completed[]> {
  const common = { ...logsFor(stage, threads * turns), kind, count: turns, park: false, role: 'both' } as const;
  const acting = Array.from({ length: threads }, (_, thread) => start(stage, { ...common, first: thread * turns }));
  await Promise.all(acting.map(({ owner }) => owner));
  stage.pool.storeNumber(common.acknowledged, 1);
  return (await Promise.all(acting.map(({ history }) => history)).finally(dismiss)).flat();
}
