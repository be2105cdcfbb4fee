/** The segment table: an entry is one owner's, a handle is good once, and who finds a segment finds its bytes. */
import { counted } from '@pool/alloc';
import {
  type Handle,
  HOST_DOMAIN,
  manual,
  NO_HANDLE,
  Pool,
  type ReusePolicy,
  type SegmentAccess,
  SegmentError,
  Segments,
  type Slot,
  type Storage,
  type Words,
} from '@pool/core';
import { describe } from 'vitest';
import type { FinalState, ModelThread } from '../../src/index.ts';
import { model, type Planted } from './model.ts';
import { PooledModel } from './pooled.ts';

const BYTES = 8;
const OLD = 7;

/** One entry, and owners with its room: the first, another, and one that is dead. */
const pools = new PooledModel({ words: 64, owners: 3, segments: 1 });
const ROOM = pools.pool.reserve(16);
const SLOT = pools.pool.reserve(16) as number as Slot;
const table = pools.pool.tables.find(({ name }) => name === 'segment table');
const isTable = (at: number): boolean => table !== undefined && at >= table.at && at < table.at + table.words;
const OTHER = Pool.attach(pools.pool.handle);
const DEAD = Pool.attach(pools.pool.handle);
pools.pool.owners.markDead(DEAD.owner);

const storage: Storage = { name: 'one room', largest: 1, allocate: () => ROOM, free() {} };
const TORN: Planted = {
  name: 'the table is changed by load and store',
  bug: { torn: isTable },
  shows: 'final condition',
};

function segments(words: Words, own: Pool, reuse: ReusePolicy = manual()): Segments {
  return new Segments(pools.on(words, own), { storage, reuse, words });
}

function access(words: Words, own: Pool, reuse?: ReusePolicy): SegmentAccess {
  return segments(words, own, reuse).access({ domains: 'all' });
}

function bytes(value: number): Uint8Array {
  return new Uint8Array(BYTES).fill(value);
}

/** Drafts, writes and publishes a segment. */
function published(words: Words, own: Pool, value: number, reuse?: ReusePolicy): Handle {
  const writer = access(words, own, reuse);
  const draft = writer.draft(BYTES, HOST_DOMAIN);
  if (draft === NO_HANDLE) return draft;
  writer.write(draft, 0, bytes(value));
  writer.publish(draft);
  return draft;
}

/** Whether it was done, and not refused because the segment is none any more. */
function done(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    return false;
  }
}

/** The one entry is to be had, and once. */
function isFree(end: FinalState): void {
  const last = access(end.words, pools.pool);
  const [first, second] = [last.draft(BYTES, HOST_DOMAIN), last.draft(BYTES, HOST_DOMAIN)];
  end.assert(first !== NO_HANDLE && second === NO_HANDLE, `in the end ${first} and ${second} were to be had`);
}

describe('a segment table', () => {
  const drafts =
    (own: Pool) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, access(thread.words, own).draft(BYTES, HOST_DOMAIN) !== NO_HANDLE);
  model(
    'gives its only entry to one of two',
    {
      initial: pools.initial,
      threads: { a: drafts(pools.pool), b: drafts(OTHER) },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=true b=false', 'a=false b=true'], planted: [TORN] },
  );

  model(
    'shows the bytes to whoever finds the handle',
    {
      initial: pools.initial,
      threads: {
        writer: ({ words }) => {
          const writer = access(words, pools.pool);
          const draft = writer.draft(BYTES, HOST_DOMAIN);
          writer.write(draft, 0, bytes(OLD));
          writer.swap(SLOT, draft, HOST_DOMAIN);
        },
        reader: (thread) => {
          const reader = access(thread.words, OTHER);
          const handle = reader.swap(SLOT, NO_HANDLE, HOST_DOMAIN);
          thread.observe('found', handle !== NO_HANDLE);
          if (handle === NO_HANDLE) return;
          const target = bytes(0);
          reader.read(handle, 0, target);
          thread.assert(target.join() === bytes(OLD).join(), 'the bytes are there');
        },
      },
    },
    {
      outcomes: ['found=true', 'found=false'],
      planted: [{ name: 'publishing is relaxed', bug: { updates: () => true }, shows: 'data race', weak: true }],
    },
  );

  let handle = NO_HANDLE;
  const there =
    (reuse?: ReusePolicy) =>
    (words: Words): void => {
      pools.initial(words);
      handle = published(words, pools.pool, OLD, reuse);
    };
  const retires =
    (own: Pool) =>
    (thread: ModelThread): void =>
      thread.observe(
        thread.name,
        done(() => access(thread.words, own).retire(handle)),
      );
  model(
    'lets one of two end a segment',
    {
      initial: there(),
      threads: { a: retires(pools.pool), b: retires(OTHER) },
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one did');
        isFree(end);
      },
    },
    { outcomes: ['a=true b=false', 'a=false b=true'], planted: [TORN] },
  );

  model(
    'keeps the bytes while somebody reads them',
    {
      initial: there(counted()),
      threads: {
        reader: (thread) => {
          const reader = access(thread.words, OTHER, counted());
          const acquired = done(() => void reader.acquire(handle));
          thread.observe('acquired', acquired);
          if (!acquired) return;
          const target = bytes(0);
          reader.read(handle, 0, target);
          reader.release(handle);
          thread.assert(target.join() === bytes(OLD).join(), 'the bytes are the old ones');
        },
        writer: ({ words }) => {
          access(words, pools.pool, counted()).retire(handle);
          published(words, pools.pool, OLD + 1, counted());
        },
      },
    },
    {
      outcomes: ['acquired=true', 'acquired=false'],
      planted: [{ name: 'updates are relaxed', bug: { updates: isTable }, shows: 'data race', weak: true }],
    },
  );

  const deserted = (words: Words): void => {
    pools.initial(words);
    access(words, DEAD).draft(BYTES, HOST_DOMAIN);
  };
  const recovers =
    (own: Pool) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, segments(thread.words, own).recover(DEAD.owner));
  model(
    'has the entry of the dead again, once, whoever recovers it',
    {
      initial: deserted,
      threads: { a: recovers(pools.pool), b: recovers(OTHER) },
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one has recovered it');
        isFree(end);
      },
    },
    { outcomes: ['a=1 b=0', 'a=0 b=1'], planted: [TORN] },
  );

  model(
    'gives the entry of the dead to one who comes while it is recovered, or later',
    {
      initial: deserted,
      threads: { recovery: recovers(pools.pool), other: drafts(OTHER) },
      final: (end) => {
        const later = access(end.words, pools.pool).draft(BYTES, HOST_DOMAIN) !== NO_HANDLE;
        end.assert(later !== end.observed('other'), 'it is to be had once');
      },
    },
    { outcomes: ['recovery=1 other=true', 'recovery=1 other=false'] },
  );
});
