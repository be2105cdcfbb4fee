import { type Address, AddressError, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { leakReport, OwnershipError, Protocol, type ProtocolHandle } from '../src/index.ts';
import { allocatorSuite } from '../src/testing/index.ts';

const NAMES = ['Ada', 'Bob', 'Eve'];

/** Three parties of one agreement over two places. */
function set(checked: boolean) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const options = { sizes: [16, 64], checked };
  const name = ({ id }: { readonly id: number }): string => NAMES[id] as string;
  const ada = Protocol.create(pool, pool.reserve(Protocol.size(options)), options, pool.owner, { name });
  const owners = [pool.owner, Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner] as const;
  const [bob, eve] = [1, 2].map((id) =>
    Protocol.attach(pool, structuredClone(ada.handle), owners[id as 1 | 2], { name }),
  ) as [Protocol, Protocol];
  return { pool, ada, bob, eve, owners, at: ada.place(1) };
}

/** What an operation is refused with. */
function violation(operation: () => void): string {
  try {
    operation();
  } catch (error) {
    if (error instanceof OwnershipError) return error.message;
    throw error;
  }
  return 'none';
}

describe('a protocol', () => {
  const suite = allocatorSuite<ProtocolHandle>({
    name: 'protocol',
    create(pool, words) {
      const options = { sizes: Array.from({ length: words / 64 }, () => 64) };
      return Protocol.create(pool, pool.reserve(Protocol.size(options)), options, pool.owner).handle;
    },
    attach: (pool, handle) => Protocol.attach(pool, handle, pool.owner),
  });
  it.each(suite)('$name', ({ run }) => run());
});

describe.each([false, true])('an agreement that is kept, checked: %s', (checked) => {
  it('passes a place on from party to party', () => {
    const { ada, bob, owners, at } = set(checked);
    ada.claim(at);
    ada.assertHeld(at);
    ada.offer(at, owners[1]);
    expect([bob.isOffered(at), ada.isOffered(at), ada.holder(at)]).toEqual([true, false, owners[1]]);
    bob.accept(at);
    bob.assertHeld(at);
    expect([bob.isOffered(at), ada.holder(at)]).toEqual([false, owners[1]]);
    bob.release(at);
    expect(ada.holder(at)).toBeUndefined();
    expect(ada.stats()).toMatchObject({ live: 0, used: 0 });
  });

  it('says who has what', () => {
    const { ada, eve, at } = set(checked);
    eve.claim(at);
    expect(leakReport(ada, { name: ({ id }) => NAMES[id] as string })).toBe(
      `protocol: 1 block live, 64 words\n  1 block of 64 words, Eve: ${at}`,
    );
  });

  it('frees what a dead party had, and what it was to accept', () => {
    const { pool, ada, bob, owners } = set(checked);
    bob.claim(ada.place(0));
    ada.claim(ada.place(1));
    ada.offer(ada.place(1), owners[1]);
    pool.owners.markDead(owners[1]);
    expect([ada.recover(owners[1]), ada.recover(owners[1]), ada.stats().live]).toEqual([2, 0, 0]);
  });

  it('has no place beside those it was laid with', () => {
    for (const entry of [2, -1, 0.5]) expect(() => set(checked).ada.place(entry)).toThrow(AddressError);
  });

  it('names an address that is no place', () => {
    const { ada, at } = set(checked);
    for (const nowhere of [at + 1, 0, -1, Number.NaN])
      expect(() => ada.claim(nowhere as Address)).toThrow(AddressError);
  });
});

it('costs one store a step without checks', () => {
  const { pool, ada, owners, at } = set(false);
  const { words, operations } = record(pool);
  const party = Protocol.attach(words, ada.handle, pool.owner);
  party.claim(at);
  party.offer(at, owners[0]);
  party.accept(at);
  party.assertHeld(at);
  party.release(at);
  expect(operations.map(({ name }) => name)).toEqual(Array(4).fill('storeNumber'));
});

describe('an agreement that is broken, in checked mode', () => {
  it('names both parties, and changes nothing', () => {
    const { ada, bob, eve, owners, at } = set(true);
    expect(violation(() => ada.release(at))).toBe(`Ada releases: ${at}, but nobody has it`);
    ada.claim(at);
    expect(violation(() => bob.claim(at))).toBe(`Bob claims: ${at}, but Ada has it`);
    expect(violation(() => bob.assertHeld(at))).toBe(`Bob uses: ${at}, but Ada has it`);
    expect(violation(() => eve.offer(at, owners[1]))).toBe(`Eve offers to Bob: ${at}, but Ada has it`);
    expect(violation(() => eve.free(at))).toBe(`Eve frees: ${at}, but Ada has it`);
    expect(violation(() => eve.transfer(at, owners[1]))).toBe(`Eve transfers to Bob: ${at}, but Ada has it`);
    ada.offer(at, owners[1]);
    expect(violation(() => ada.assertHeld(at))).toBe(`Ada uses: ${at}, but it is offered to Bob`);
    expect(violation(() => eve.accept(at))).toBe(`Eve accepts: ${at}, but it is offered to Bob`);
    bob.accept(at);
    expect(violation(() => ada.release(at))).toBe(`Ada releases: ${at}, but Bob has it`);
    expect(ada.holder(at)).toEqual(owners[1]);
  });

  it('tells a successor in a row from the one that the agreement was made with', () => {
    const { pool, ada, owners, at } = set(true);
    ada.claim(at);
    ada.offer(at, owners[1]);
    pool.owners.markDead(owners[1]);
    pool.owners.bury(owners[1]);
    const heir = Protocol.attach(pool, ada.handle, Pool.attach(pool.handle).owner);
    expect(violation(() => heir.accept(at))).toBe(
      `owner 1 (generation 2) accepts: ${at}, but it is offered to owner 1 (generation 1)`,
    );
  });
});
