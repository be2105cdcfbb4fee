import { type Handle, HOST_DOMAIN, type Owner, Pool, type ReusePolicy, Segments, type Slot } from '@pool/core';
import { record } from '@pool/core/testing';
import { expect, test } from 'vitest';
import { OwnedStorage } from './support/owned-storage.ts';

const ENTRIES = 3;

class Died extends Error {}

function open() {
  const pool = Pool.create({ words: 4096, owners: 4, segments: ENTRIES });
  const storage = new OwnedStorage(pool.reserve(16 * ENTRIES), ENTRIES);
  return {
    pool,
    storage,
    segments: new Segments(pool, { storage: storage.of(pool.owner) }),
    slot: pool.reserve(1) as number as Slot,
  };
}

/** Every entry can be drafted again, with room of its own. */
function assertWhole(segments: Segments, storage: OwnedStorage): void {
  const drafts = Array.from({ length: ENTRIES }, () => segments.draft(8));
  expect(drafts.every((draft) => draft !== undefined)).toBe(true);
  expect(storage.used).toBe(ENTRIES);
  for (const draft of drafts) draft?.discard();
  expect(storage.used).toBe(0);
}

/** What a thread does with segments; what it has put into the slot is not its own any more. */
const LIVES: Readonly<Record<string, (segments: Segments, slot: Slot) => void>> = {
  'drafts, publishes and retires'(segments) {
    const handle = segments.draft(8)?.publish() as Handle;
    segments.acquire(handle).release();
    segments.retire(handle);
  },
  'drafts and discards'(segments) {
    segments.draft(8)?.discard();
  },
  'swaps, and retires what it takes out'(segments, slot) {
    for (let lap = 0; lap < 2; lap++) {
      const previous = segments.draft(8)?.publishTo(slot) as Handle;
      if (previous) segments.retire(previous);
    }
  },
};

test.each(Object.keys(LIVES))('a thread that %s may die at any operation: no entry and no room is lost', (name) => {
  for (let step = 0; ; step++) {
    const { pool, storage, segments, slot } = open();
    const doomed = Pool.attach(pool.handle);
    const { owner } = doomed;
    let count = 0;
    const interrupt = (): void => {
      if (count++ === step) throw new Died();
    };
    const { words } = record(doomed, { before: interrupt });
    let died = false;
    try {
      LIVES[name]?.(new Segments(doomed, { storage: storage.of(owner, interrupt), words }), slot);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      died = true;
    }
    pool.owners.markDead(owner);
    segments.recover(owner);
    expect(segments.recover(owner), 'twice is once').toBe(0);
    expect(pool.owners.bury(owner)).toBe(true);
    // What was published and not ended is whoever's has its handle: in the slot, or nobody's where the thread died with it.
    for (const { handle, state } of segments.list()) {
      expect(state).toBe('published');
      segments.retire(handle);
    }
    assertWhole(segments, storage);
    if (!died) break;
  }
});

test('recovery that is cut short at any operation is finished by the next', () => {
  for (let step = 0; ; step++) {
    const { pool, storage, segments } = open();
    const dead = Pool.attach(pool.handle).owner;
    const access = segments.access({ domains: 'all', owner: dead });
    for (let count = 0; count < 2; count++) access.draft(8, HOST_DOMAIN);
    pool.owners.markDead(dead);
    const helper = Pool.attach(pool.handle);
    let count = 0;
    const interrupt = (): void => {
      if (count++ === step) throw new Died();
    };
    const { words } = record(helper, { before: interrupt });
    let died = false;
    try {
      new Segments(helper, { storage: storage.of(helper.owner, interrupt), words }).recover(dead);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      died = true;
    }
    pool.owners.markDead(helper.owner);
    segments.recover(dead);
    segments.recover(helper.owner);
    assertWhole(segments, storage);
    if (!died) break;
  }
});

test('two that recover one owner at once give each entry back once', () => {
  for (let step = 0; ; step++) {
    const { pool, storage, segments } = open();
    const dead = Pool.attach(pool.handle).owner;
    const access = segments.access({ domains: 'all', owner: dead });
    for (let count = 0; count < 2; count++) access.draft(8, HOST_DOMAIN);
    pool.owners.markDead(dead);
    let count = 0;
    let recovered = 0;
    const { words } = record(pool, {
      before() {
        if (count++ === step) recovered += segments.recover(dead);
      },
    });
    const outer = new Segments(pool, { storage: storage.of(pool.owner), words }).recover(dead);
    expect(outer + recovered).toBe(2);
    assertWhole(segments, storage);
    if (count <= step) break;
  }
});

test("a successor in a dead owner's row loses nothing to a recovery that comes late", () => {
  const { pool, segments } = open();
  const dead = Pool.attach(pool.handle).owner;
  segments.access({ domains: 'all', owner: dead }).draft(8, HOST_DOMAIN);
  pool.owners.markDead(dead);
  expect(segments.recover(dead)).toBe(1);
  pool.owners.bury(dead);
  const successor = Pool.attach(pool.handle).owner;
  expect(successor.id).toBe(dead.id);
  const access = segments.access({ domains: 'all', owner: successor });
  const draft = access.draft(8, HOST_DOMAIN);
  expect(segments.recover(dead)).toBe(0);
  access.publish(draft);
  expect(segments.acquire(draft).byteLength).toBe(8);
});

test('a live owner is not recovered', () => {
  const { pool, segments } = open();
  expect(() => segments.recover(pool.owner)).toThrow('is live');
});

test("a dead thread's published segments stay, and their room with them", () => {
  const { pool, storage, segments } = open();
  const doomed = Pool.attach(pool.handle);
  const theirs = new Segments(doomed, { storage: storage.of(doomed.owner) });
  const draft = theirs.draft(8);
  draft?.setUint8(0, 7);
  expect([...segments.list()]).toMatchObject([
    { state: 'draft', writer: doomed.owner, byteLength: 8, domain: HOST_DOMAIN },
  ]);
  const handle = draft?.publish() as Handle;
  pool.owners.markDead(doomed.owner);
  expect(segments.recover(doomed.owner)).toBe(0);
  expect([...segments.list()]).toMatchObject([{ handle, state: 'published', writer: doomed.owner, byteLength: 8 }]);
  expect([segments.acquire(handle).getUint8(0), storage.used]).toEqual([7, 1]);
});

test('a policy is asked for what the dead owner held, and shown what is published and by whom', () => {
  const seen: unknown[] = [];
  const reuse: ReusePolicy = {
    name: 'asked',
    stable: true,
    acquired: () => true,
    released: () => false,
    retired: () => true,
    recover(owner: Owner, ground, published) {
      for (const { index, generation, writer } of published) seen.push([index, generation, writer]);
      for (const { handle } of published) ground.end(handle);
      for (const { handle } of published) seen.push(handle);
      return owner.id + 40;
    },
  };
  const { pool, storage } = open();
  const segments = new Segments(pool, { storage: storage.of(pool.owner), reuse });
  segments.draft(8)?.publish();
  const dead = Pool.attach(pool.handle).owner;
  pool.owners.markDead(dead);
  expect(segments.recover(dead)).toBe(dead.id + 40);
  expect(seen).toEqual([[0, 1, pool.owner]]);
});
