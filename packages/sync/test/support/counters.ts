/**
 * Every counter in this package's objects: how to make the object with the counter anywhere, how to read it, and something
 * ordinary to do that counts it up. What an object answers must not depend on where the counter stands.
 *
 * Not here, since nothing in them counts: `Parker` (three states), a mutex's word and the state of `Once` and `OneShot` (names of
 * owners), `waiters` and `inLine` (how many there are now), a latch's count (down to 0).
 */
import type { Address, Owner, OwnerId, Pool } from '@pool/core';

export interface Counted {
  read(): bigint;
  /** Does what is ordinary, and gives back what was answered. */
  act(): unknown;
}

export interface Counter {
  readonly name: string;
  /** It counts modulo 2 to the power of so many. */
  readonly bits: number;
  /** It does not begin anew after that, but ends. */
  readonly ends?: boolean;
  open(pool: Pool, start: bigint): Counted;
}

export const OTHER: Owner = { id: 3 as OwnerId, generation: 7 };
export const THIRD: Owner = { id: 2 as OwnerId, generation: 5 };
export const OWNERS = 4;
export const TIMES = [1, 2, 3, 4, 5, 6];
export const PATIENCE = { timeout: 5_000 } as const;
export const AT_ONCE = { timeout: 0, spins: 0 } as const;

/** A counter that is a part of a word: from the bit `unit` up, `bits` of them. */
export function part(pool: Pool, at: Address, bits: number, unit = 1n) {
  const period = 2n ** BigInt(bits);
  const read = (): bigint => (pool.load(at) / unit) % period;
  return { read, write: (value: bigint): void => pool.store(at, pool.load(at) + (value - read()) * unit) };
}

/** Whether something that has begun to wait goes on once another thing has happened. */
export async function woken<T>(waiting: Promise<T>, happens: () => unknown): Promise<[T, unknown]> {
  const happened = happens();
  return [await waiting, happened];
}

/** One thing after the other, so many times. */
export async function again(act: (turn: number) => unknown): Promise<unknown[]> {
  const told: unknown[] = [];
  for (const turn of TIMES) told.push(await act(turn));
  return told;
}

/** An event count: somebody waits, and is woken. */
export function eventOf(
  name: string,
  open: (pool: Pool) => { readonly event: Address; act(turn: number): unknown },
): Counter {
  return {
    name: `${name}, event count`,
    bits: 64,
    open(pool, start) {
      const { event, act } = open(pool);
      pool.store(event, start);
      return { read: () => pool.load(event), act: () => again(act) };
    },
  };
}

/** A doorbell: somebody waits, and it is rung. */
export function bellOf(
  name: string,
  open: (pool: Pool) => { readonly bell: Address; act(turn: number): unknown },
): Counter {
  return {
    name: `${name}, rings`,
    bits: 52,
    open(pool, start) {
      const { bell, act } = open(pool);
      const rings = part(pool, bell, 52, 2n);
      rings.write(start % 2n ** 52n);
      return { read: rings.read, act: () => again(act) };
    },
  };
}

export interface Bounded {
  readonly length?: number;
  trySend(value: bigint): unknown;
  tryReceive(): unknown;
  sendAsync(value: bigint, options: { readonly timeout: number }): Promise<unknown>;
  receiveAsync(options: { readonly timeout: number }): Promise<unknown>;
}

/** Fills it, finds it full, drains it, finds it empty; waits at both ends. */
export function fillAndDrain(queue: Bounded, capacity: number): Promise<unknown[]> {
  return again(async (turn) => {
    const values = Array.from({ length: capacity }, (_, index) => BigInt(turn * capacity + index));
    return [
      values.map((value) => queue.trySend(value)),
      queue.trySend(99n),
      queue.length,
      await woken(queue.sendAsync(77n, PATIENCE), () => queue.tryReceive()),
      values.map(() => queue.tryReceive()),
      queue.tryReceive(),
      await woken(queue.receiveAsync(PATIENCE), () => queue.trySend(88n)),
    ];
  });
}
