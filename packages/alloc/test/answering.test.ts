/** Who may be made to answer, where that is said: beside the suite's cases, those of one strategy alone. */
import { type Address, type Owner, type OwnerId, Pool, SEGMENT_TABLE_OWNER, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { FreeList, Heap, Protocol, RecyclingIndex } from '../src/index.ts';

const owner = (id: number, generation: number): Owner => ({ id: id as OwnerId, generation });

function room(words: number): { pool: Pool; base: Address } {
  const pool = Pool.create({ words: words + 64, owners: 8, segments: 0 });
  return { pool, base: pool.reserve(words) };
}

describe('an owner that nobody can be', () => {
  it.each([true, false])('is offered no place, checked: %s', (checked) => {
    const options = { sizes: [16], checked };
    const { pool, base } = room(Protocol.size(options));
    const protocol = Protocol.create(pool, base, options, pool.owner);
    const at = protocol.allocate(16, 0) as Address;
    for (const nobody of [owner(77_777, 1), owner(-1, 1), owner(1.5, 1), owner(8, 1), owner(1, 2 ** 32 + 5)])
      expect(() => protocol.offer(at, nobody)).toThrow(ValueError);
    expect(protocol.holder(at)).toEqual(pool.owner);
  });

  it('is one without a row in the list or the index', () => {
    const options = { blocks: 2, blockWords: 16, owners: 2 };
    const { pool, base } = room(FreeList.size(options));
    const list = FreeList.create(pool, base, options, pool.owner);
    const block = list.allocate(16) as Address;
    expect(() => list.transfer(block, owner(2, 1))).toThrow(/0\.\.1/);
    list.transfer(block, SEGMENT_TABLE_OWNER);

    const limits = { limit: 2, owners: 2 };
    const other = room(RecyclingIndex.size(limits));
    const index = RecyclingIndex.create(other.pool, other.base, limits, other.pool.owner);
    expect(() => index.transfer(index.take(), owner(2, 1))).toThrow(/0\.\.1/);
    expect(() => index.recover(other.pool.owner)).toThrow(/live/);
  });
});

it('an heir in the row of a dead owner is live, the dead one is not', () => {
  const options = { words: 4096 };
  const { pool, base } = room(Heap.size(options));
  const heap = Heap.create(pool, base, options, pool.owner);
  const { owner: dead } = Pool.attach(pool.handle);
  pool.owners.markDead(dead);
  pool.owners.bury(dead);
  const { owner: heir } = Pool.attach(pool.handle);
  expect(heir.id).toBe(dead.id);
  expect(heap.recover(dead)).toBe(0);
  expect(() => heap.recover(heir)).toThrow(ValueError);
});
