/** Rings of records that tests send to, and records that say who they are. */
import { type Owner, type OwnerId, Pool } from '@pool/core';
import { RecordsRing } from '../../src/index.ts';

export const SENDER: Owner = { id: 1 as OwnerId, generation: 7 };
export const RECEIVER: Owner = { id: 2 as OwnerId, generation: 9 };
export const UNIT = 64;
export const UNITS = 8;
export const CAPACITY: number = UNITS * UNIT;

export function ringOf(capacity: number = CAPACITY, start = 0n) {
  const pool = Pool.create({ words: 2048 + RecordsRing.size(capacity), segments: 0 });
  const base = pool.reserve(RecordsRing.size(capacity));
  RecordsRing.create(pool, base, { capacity, start });
  return {
    pool,
    base,
    sender: RecordsRing.attach(pool, base, { owner: SENDER }),
    receiver: RecordsRing.attach(pool, base, { owner: RECEIVER }),
  };
}

/** `length` bytes that say who they are: another record's bytes, or half of them, differ. */
export function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7 + length) & 255);
}

export function many(...lengths: number[]): Uint8Array[] {
  return lengths.map((length, seed) => bytes(length, seed));
}

/** All that there is to receive. */
export function drained(receiver: RecordsRing): Uint8Array[] {
  const all: Uint8Array[] = [];
  receiver.tryDrain((one) => all.push(one.slice()));
  return all;
}

/** Where threads are made to park between any two steps of one. */
export function parkingPool(): Pool {
  return Pool.create({ words: 2048, segments: 0 });
}

/** A ring of four units in words that something may come between. */
export function smallRingIn(words: Pool): { readonly sender: RecordsRing; readonly receiver: RecordsRing } {
  const base = words.reserve(RecordsRing.size(4 * UNIT));
  const sender = RecordsRing.create(words, base, { capacity: 4 * UNIT, owner: SENDER });
  return { sender, receiver: RecordsRing.attach(words, base, { owner: RECEIVER }) };
}
