import { type Address, ExhaustedError, type OwnerId, Pool, ValueError } from '@pool/core';
import { expect, test } from 'vitest';

const ROW = 16;

function open(owners = 2) {
  return Pool.create({ words: 64, owners, segments: 0 });
}

test('a thread takes one row, and the next one finds them all taken', () => {
  const pool = open();
  const second = Pool.attach(pool.handle);
  expect([pool.owner, second.owner]).toEqual([
    { id: 0, generation: 1 },
    { id: 1, generation: 1 },
  ]);
  expect(() => Pool.attach(pool.handle)).toThrow(ExhaustedError);
  expect(() => Pool.attach(pool.handle)).toThrow('all 2 owner rows');
  second.detach();
  expect(Pool.attach(pool.handle).owner).toEqual({ id: 1, generation: 2 });
});

test("a successor in a dead thread's row has another name", () => {
  const pool = open();
  const dead = Pool.attach(pool.handle).owner;
  expect(pool.owners.markDead(dead)).toBe(true);
  expect(pool.owners.isLive(dead)).toBe(false);
  expect(pool.owners.read(dead.id).status).toBe('dead');
  expect(() => Pool.attach(pool.handle)).toThrow(ExhaustedError); // a dead row is not free before it is buried
  expect(pool.owners.bury(dead)).toBe(true);
  const successor = Pool.attach(pool.handle).owner;
  expect(successor).toEqual({ id: dead.id, generation: dead.generation + 1 });
  expect([pool.owners.isLive(dead), pool.owners.isLive(successor)]).toEqual([false, true]);
  for (const late of [pool.owners.markDead(dead), pool.owners.bury(dead), pool.owners.release(dead)])
    expect(late).toBe(false);
  expect(pool.owners.isLive(successor)).toBe(true);
});

test('marking and burying succeed once, and only in that order', () => {
  const pool = open();
  const { owner } = Pool.attach(pool.handle);
  expect(pool.owners.bury(owner)).toBe(false);
  expect([pool.owners.markDead(owner), pool.owners.markDead(owner)]).toEqual([true, false]);
  expect(pool.owners.release(owner)).toBe(false);
  expect([pool.owners.bury(owner), pool.owners.bury(owner)]).toEqual([true, false]);
});

test('the heartbeat counts, and begins at 0 with every owner', () => {
  const pool = open();
  const other = Pool.attach(pool.handle);
  for (let beat = 0; beat < 3; beat++) other.owners.beat(other.owner);
  expect(pool.owners.read(other.owner.id).heartbeat).toBe(3);
  other.detach();
  expect(pool.owners.read(Pool.attach(pool.handle).owner.id).heartbeat).toBe(0);
});

test('the generation goes from its largest to 1: an owner never packs to 0', () => {
  const pool = open();
  const state = (32 + ROW) as Address;
  pool.store(state, (2n ** 32n - 1n) * 4n);
  expect(Pool.attach(pool.handle).owner).toEqual({ id: 1, generation: 1 });
});

test('a row that is not there is refused by name', () => {
  const pool = open();
  for (const id of [-1, 2, 0.5, Number.NaN]) expect(() => pool.owners.read(id as OwnerId)).toThrow(ValueError);
  expect(pool.owners.list()).toHaveLength(2);
});
