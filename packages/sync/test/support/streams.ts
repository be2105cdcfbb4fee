/** Senders and receivers on threads of their own, and what must come of them. */
import type { Address, Owner, Pool } from '@pool/core';
import { expect, vi } from 'vitest';
import type { EndHandle } from '../../src/index.ts';
import { STOPPED, type StreamKind, type StreamTask } from '../tasks/stream.ts';
import type { Completed } from './linearizability.ts';
import { DEATHS, dismiss, failure, GOES_ON, launch, type Running, terminate } from './threads.ts';

/** What a sender sends at most before it is terminated. */
const PER_VICTIM = 8_000;
/** What a sender that lives on sends beside each victim, and after its recovery. */
const BESIDE = 2_000;
const AFTER = 64;

export interface Stage {
  readonly pool: Pool;
  readonly base: Address;
  readonly storage?: Address;
  /** A clone of a channel's end, handed over. */
  handle?(role: StreamTask['role']): EndHandle;
  /** Ends the stream for receivers, once all senders are done. */
  close(): void;
  recover(owner: Owner): unknown;
  /** Takes an end, where each has one user at a time: this thread stands in for a dead one. */
  standIn?(role: Role): StandIn;
  /** Receives what is left, where it cannot be known whether a thread that waits will be told of a death. */
  rest?(): bigint | string;
}

export interface StandIn {
  trySend(value: bigint): string;
  tryReceive(): bigint | string;
  leave(): void;
}

type Role = 'sender' | 'receiver';
const ROLES: readonly Role[] = ['sender', 'receiver'];

export interface Troupe {
  readonly kind: StreamKind;
  readonly senders: number;
  readonly receivers: number;
  readonly perSender: number;
  readonly park?: boolean;
  readonly ordered?: boolean;
}

interface Streamed {
  readonly received: readonly number[];
  readonly history: readonly Completed[];
}

function start(stage: Stage, plain: StreamTask): Running<Streamed> {
  const handle = stage.handle?.(plain.role);
  const { storage } = stage;
  const task: StreamTask = { ...plain, ...(handle && { handle }), ...(storage && { storage }) };
  return launch('streams.ts', task);
}

/** What was sent and what came, value by value. */
class Log {
  readonly places: Pick<StreamTask, 'pool' | 'base' | 'delivered' | 'acknowledged'>;
  readonly #pool: Pool;
  readonly #values: number;

  constructor({ pool, base }: Stage, values: number) {
    this.places = { pool: pool.handle, base, delivered: pool.reserve(values), acknowledged: pool.reserve(values) };
    this.#pool = pool;
    this.#values = values;
  }

  /** Receives for as long as there is something. */
  drain(receive: () => bigint | string): void {
    for (let value = receive(); typeof value === 'bigint'; value = receive())
      this.#pool.fetchAddNumber((this.places.delivered + Number(value)) as Address, 1);
  }

  acknowledge(value: number): void {
    this.#pool.storeNumber((this.places.acknowledged + value) as Address, 1);
  }

  wereDelivered(from: number, to: number): boolean {
    for (let value = from; value < to; value++) if (this.#delivered(value) === 0) return false;
    return true;
  }

  /** How many values were delivered, how many times more than once, how many not that were acknowledged; and the last delivered one. */
  account(): { readonly delivered: number; readonly twice: number; readonly lost: number; readonly last: number } {
    let [delivered, twice, lost, last] = [0, 0, 0, -1];
    for (let value = 0; value < this.#values; value++) {
      const times = this.#delivered(value);
      if (times > 0) {
        delivered += 1;
        twice += times - 1;
        last = value;
      } else if (this.#pool.loadNumber((this.places.acknowledged + value) as Address) === 1) lost += 1;
    }
    return { delivered, twice, lost, last };
  }

  #delivered(value: number): number {
    return this.#pool.loadNumber((this.places.delivered + value) as Address);
  }
}

/** Everything arrives once, each sender's values in order at each receiver, and then it ends. */
export async function play(stage: Stage, troupe: Troupe): Promise<void> {
  await perform(stage, troupe).finally(dismiss);
}

async function perform(stage: Stage, troupe: Troupe): Promise<void> {
  const { kind, senders, receivers, perSender, park = false, ordered = true } = troupe;
  const common = { ...new Log(stage, senders * perSender).places, kind, count: perSender, park };
  const sending = Array.from({ length: senders }, (_, index) =>
    start(stage, { ...common, role: 'sender', first: index * perSender }),
  );
  const receiving = Array.from({ length: receivers }, () => start(stage, { ...common, role: 'receiver', first: 0 }));
  // A receiver that fails must not leave its senders waiting.
  await Promise.race([Promise.all(sending.map((sender) => sender.answer)), ...receiving.map(failure)]);
  stage.close();
  const parts = (await Promise.all(receiving.map(({ answer }) => answer))).map(({ received }) => received);
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

export interface Massacre {
  /** Who dies, in turn. Default: a sender, then a receiver. */
  readonly victims?: readonly Role[];
  /** How often a death of a receiver may let words be delivered again. Default: never. */
  readonly again?: number;
}

/**
 * Terminates one thread after the other at random moments, beside a sender and a receiver that live on; where an end has one
 * user at a time, beside one that has the other end. After each recovery those go on; nothing is delivered twice, and nothing
 * acknowledged is lost but what a dead receiver had in its hands.
 */
export async function massacre(stage: Stage, kind: StreamKind, options: Massacre = {}): Promise<void> {
  await strike(stage, kind, options).finally(dismiss);
}

async function strike(stage: Stage, kind: StreamKind, { victims = ROLES, again = 0 }: Massacre): Promise<void> {
  const { pool, standIn } = stage;
  // The one that lives on has the first words, then each victim.
  const living = DEATHS * (BESIDE + AFTER);
  const log = new Log(stage, living + DEATHS * PER_VICTIM);
  const gate = pool.reserve(1);
  const common = { ...log.places, kind, park: false };
  const survivor = (role: Role): Running<Streamed> | undefined =>
    standIn && victims.includes(role) ? undefined : start(stage, { ...common, role, first: 0, count: living, gate });
  const [sender, receiver] = [survivor('sender'), survivor('receiver')];
  const failed = Promise.race([sender, receiver].filter((one) => one !== undefined).map(failure));
  failed.catch(() => {}); // it is looked at after each death
  let open = 0;
  const send = (count: number): void => {
    open += count;
    pool.storeNumber(gate, open);
    pool.notify(gate);
  };
  let receiversKilled = 0;
  for (let death = 0; death < DEATHS; death++) {
    const role = victims[death % victims.length] as Role;
    const victim = start(stage, { ...common, role, first: living + death * PER_VICTIM, count: PER_VICTIM });
    await victim.owner;
    send(BESIDE);
    bury(stage, await terminate(victim, death));
    if (role === 'receiver') receiversKilled += 1;
    const from = open;
    send(AFTER);
    const here = standIn?.(role);
    let sent = role === 'sender' && here ? from : open;
    const wentOn = (): boolean => {
      for (; sent < open && here?.trySend(BigInt(sent)) === 'ok'; sent++) log.acknowledge(sent);
      if (role === 'receiver' && here) log.drain(() => here.tryReceive());
      return log.wereDelivered(from, open);
    };
    await Promise.race([failed, vi.waitUntil(wentOn, GOES_ON)]);
    here?.leave();
  }
  pool.storeNumber(gate, STOPPED);
  pool.notify(gate);
  await sender?.answer;
  stage.close();
  await receiver?.answer;
  const { twice, lost } = log.account();
  expect(twice).toBeLessThanOrEqual(again * receiversKilled);
  expect(lost).toBeLessThanOrEqual(receiversKilled);
}

/**
 * The same where a death is the end: each time anew a sender and a receiver, of which one dies. The other is told that it is
 * alone, a receiver after all that was acknowledged.
 */
export async function bereave(makeStage: () => Stage, kind: StreamKind): Promise<void> {
  for (let death = 0; death < DEATHS; death++) await part(makeStage(), kind, death).finally(dismiss);
}

async function part(stage: Stage, kind: StreamKind, death: number): Promise<void> {
  const log = new Log(stage, PER_VICTIM);
  const common = { ...log.places, kind, park: false, first: 0, count: PER_VICTIM };
  const pair = ROLES.map((role) => start(stage, { ...common, role }));
  await Promise.all(pair.map(({ owner }) => owner));
  const [victim, other] = (death % 2 === 0 ? pair : pair.toReversed()) as [Running<Streamed>, Running<Streamed>];
  const owner = await terminate(victim, death);
  if (stage.rest) {
    await terminate(other, 0);
    log.drain(stage.rest);
  } else {
    bury(stage, owner);
    await other.answer.catch((error: Error) => expect(error.message).toMatch(/^value \d+: closed$/));
  }
  const { delivered, twice, lost, last } = log.account();
  expect(twice).toBe(0);
  if (stage.rest) expect(lost).toBeLessThanOrEqual(1);
  else if (death % 2 === 0) expect(lost).toBe(0);
  else expect(delivered).toBe(last + 1); // what is lost is lost with its receiver, from some word on
}

function bury(stage: Stage, owner: Owner): void {
  const { owners } = stage.pool;
  owners.markDead(owner);
  stage.recover(owner);
  expect(stage.recover(owner)).toSatisfy((found) => found === undefined || (Array.isArray(found) && !found.length));
  owners.bury(owner);
}

/** What so many threads did and were answered, each sending and receiving by turns. */
export async function historyOf(stage: Stage, kind: StreamKind, threads: number, turns: number): Promise<Completed[]> {
  const common = { ...new Log(stage, threads * turns).places, kind, count: turns, park: false, role: 'both' } as const;
  const acting = Array.from({ length: threads }, (_, thread) => start(stage, { ...common, first: thread * turns }));
  await Promise.all(acting.map(({ owner }) => owner));
  stage.pool.storeNumber(common.acknowledged, 1);
  const answers = await Promise.all(acting.map(({ answer }) => answer)).finally(dismiss);
  return answers.flatMap(({ history }) => history);
}
