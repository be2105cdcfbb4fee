/**
 * What every reuse policy promises, as cases that any implementation can be held to. Each case has a pool of its own with a few
 * segments, and two or three owners on the one thread who see each other only through words.
 */
import {
  type Handle,
  HOST_DOMAIN,
  NO_HANDLE,
  Pool,
  type ReusePolicy,
  SegmentError,
  Segments,
  type SegmentView,
} from '@pool/core';
import { StaticStorage } from '../static-storage.ts';
import { type Case, check, equal } from './case.ts';

/** How the suite gets at a policy. */
export interface ReuseStrategy<Placed> {
  readonly name: string;
  /** Reserves what the policy needs in the pool, and returns plain data. */
  create(pool: Pool): Placed;
  /** This thread's policy. */
  attach(pool: Pool, placed: Placed): ReusePolicy;
  /** What keeps bytes under a reader: `readers` while they have acquired them; `age` while the segment is young enough; `agreement` of its users. */
  readonly kept: 'readers' | 'age' | 'agreement';
}

const ENTRIES = 8;
const BYTES = 200;

/** One owner's side of a case. */
class Side {
  readonly pool: Pool;
  readonly segments: Segments;

  constructor(pool: Pool, segments: Segments) {
    this.pool = pool;
    this.segments = segments;
  }

  /** A published segment of `value`s, or none if there is no room. */
  tryPublish(value: number): Handle | undefined {
    const draft = this.segments.draft(BYTES);
    draft?.fill(value);
    return draft?.publish();
  }

  publish(value: number): Handle {
    const handle = this.tryPublish(value);
    check(handle !== undefined, () => 'there was no room for a segment');
    return handle;
  }

  /** Whether the operation was refused because the segment has ended, or is about to. */
  stale(operation: () => unknown): boolean {
    try {
      operation();
      return false;
    } catch (error) {
      if (error instanceof SegmentError && error.fault === 'stale') return true;
      throw error;
    }
  }
}

interface ReuseStage {
  readonly first: Side;
  join(): Side;
}

/** The value of all bytes; a segment whose bytes differ is two segments. */
function byteOf(view: SegmentView): number {
  const bytes = view.slice();
  check(bytes.length === BYTES && bytes.every((byte) => byte === bytes[0]), () => 'the bytes are of two segments');
  return bytes[0] as number;
}

/** Retires, where segments do not end by age. */
function retire(side: Side, handle: Handle): void {
  side.stale(() => side.segments.retire(handle));
}

/** That every entry serves again: drafts as many as there are, and gives them back. */
function assertNothingKept(side: Side, what: string): void {
  const drafts = Array.from({ length: ENTRIES }, () => side.segments.draft(BYTES));
  const count = drafts.filter((draft) => draft !== undefined).length;
  for (const draft of drafts) draft?.discard();
  equal(count, ENTRIES, `entries that serve again ${what}`);
}

type StagedCase = readonly [name: string, run: (stage: ReuseStage) => void];

const always: readonly StagedCase[] = [
  [
    'what one owner publishes another reads, and nobody holds it back afterwards',
    ({ first, join }) => {
      const second = join();
      for (let value = 1; value <= 200; value++) {
        const handle = first.publish(value);
        const view = second.segments.acquire(handle);
        equal(byteOf(view), value, 'a byte');
        view.release();
        retire(second, handle);
      }
      assertNothingKept(first, 'after all is retired');
    },
  ],
  [
    'a segment that is retired is refused at once, and retired once',
    ({ first, join }) => {
      const second = join();
      const handle = first.publish(1);
      first.segments.retire(handle);
      for (const side of [first, second]) {
        check(
          side.stale(() => side.segments.acquire(handle)),
          () => 'a retired segment was acquired',
        );
        check(
          side.stale(() => side.segments.retire(handle)),
          () => 'a retired segment was retired',
        );
      }
    },
  ],
  [
    'a segment goes through slots as ever',
    ({ first, join }) => {
      const second = join();
      const slot = first.pool.reserve(1) as number as Parameters<Segments['swap']>[0];
      for (let value = 1; value <= 50; value++) {
        const previous = first.segments.draft(BYTES)?.publishTo(slot, HOST_DOMAIN) ?? NO_HANDLE;
        if (previous !== NO_HANDLE) retire(first, previous);
        const handle = second.pool.load(slot as never) as Handle;
        second.segments.acquire(handle).release();
      }
    },
  ],
  [
    'what a dead owner had acquired and drafted comes back, once',
    ({ first, join }) => {
      const doomed = join();
      const handles = [1, 2, 3].map((value) => first.publish(value));
      for (const handle of [...handles, ...handles]) doomed.segments.acquire(handle);
      doomed.segments.draft(BYTES);
      for (const handle of handles) retire(first, handle);
      first.pool.owners.markDead(doomed.pool.owner);
      check(first.segments.recover(doomed.pool.owner) > 0, () => 'recovery found nothing');
      equal(first.segments.recover(doomed.pool.owner), 0, 'what a second recovery found');
      first.pool.owners.bury(doomed.pool.owner);
      assertNothingKept(first, 'after recovery');
    },
  ],
  [
    'what a dead owner published stays until it is retired',
    ({ first, join }) => {
      const doomed = join();
      const handle = doomed.publish(9);
      first.pool.owners.markDead(doomed.pool.owner);
      first.segments.recover(doomed.pool.owner);
      first.pool.owners.bury(doomed.pool.owner);
      const view = first.segments.acquire(handle);
      equal(byteOf(view), 9, 'a byte');
      view.release();
      retire(first, handle);
      assertNothingKept(first, 'after the heir retired it');
    },
  ],
];

/** Where nothing is left to agreement: a reader never sees a successor's bytes. */
const honest: readonly StagedCase[] = [
  [
    'a reader that lost its segment finds out, and never takes new bytes for old',
    ({ first, join }) => {
      const reader = join();
      const handle = first.publish(1);
      const view = reader.segments.acquire(handle);
      retire(first, handle);
      const target = new Uint8Array(BYTES);
      for (let value = 2; value < 60; value++) {
        const next = first.tryPublish(value);
        if (reader.stale(() => view.copyTo(target)))
          check(
            target.every((byte) => byte === 0),
            () => 'a read that failed left bytes behind',
          );
        else
          check(
            target.every((byte) => byte === 1),
            () => 'a reader took new bytes for old',
          );
        if (!reader.stale(() => view.getUint8(7))) equal(view.getUint8(7), 1, 'a byte');
        if (next !== undefined) retire(first, next);
      }
      reader.stale(() => view.release());
    },
  ],
];

const keptByReaders: readonly StagedCase[] = [
  [
    'the bytes stay while anybody has acquired them, whatever is published meanwhile',
    ({ first, join }) => {
      const readers = [first, join(), join()];
      const handle = first.publish(1);
      const views = readers.map((reader) => reader.segments.acquire(handle));
      const again = readers[1]?.segments.acquire(handle) as SegmentView;
      retire(first, handle);
      for (const view of [...views, again]) {
        for (let value = 2; value < 40; value++) {
          const next = first.tryPublish(value);
          if (next !== undefined) retire(first, next);
        }
        equal(byteOf(view), 1, 'a byte');
        view.release();
      }
      assertNothingKept(first, 'after the last release');
    },
  ],
  [
    'a dead reader keeps nothing back, and a live one does',
    ({ first, join }) => {
      const [doomed, reader] = [join(), join()];
      const [kept, lost] = [first.publish(1), first.publish(2)];
      const view = reader.segments.acquire(kept);
      for (const handle of [kept, lost]) doomed.segments.acquire(handle);
      for (const handle of [kept, lost]) retire(first, handle);
      first.pool.owners.markDead(doomed.pool.owner);
      first.segments.recover(doomed.pool.owner);
      for (let value = 3; value < 40; value++) {
        const next = first.tryPublish(value);
        if (next !== undefined) retire(first, next);
      }
      equal(byteOf(view), 1, 'a byte');
      view.release();
      assertNothingKept(first, 'after recovery and the last release');
    },
  ],
  [
    'a release without an acquisition is told',
    ({ first, join }) => {
      const second = join();
      const handle = first.publish(1);
      const view = first.segments.acquire(handle);
      const access = second.segments.access({ domains: 'all' });
      let fault: string | undefined;
      try {
        access.release(handle);
      } catch (error) {
        fault = error instanceof SegmentError ? error.fault : undefined;
      }
      equal(fault, 'state', 'the fault of a release too many');
      equal(byteOf(view), 1, 'a byte');
    },
  ],
];

const keptByAge: readonly StagedCase[] = [
  [
    'publishing ends the oldest: nobody retires, and room never runs out',
    ({ first, join }) => {
      const second = join();
      const handles: Handle[] = [];
      for (let value = 0; value < 100; value++) handles.push((value % 2 ? second : first).publish(value));
      const alive = handles.filter((handle) => !first.stale(() => first.segments.acquire(handle).release()));
      check(alive.length > 0 && alive.length < ENTRIES, () => `${alive.length} segments are alive`);
      equal(alive.at(-1), handles.at(-1), 'the youngest that is alive');
      equal(alive[0], handles[handles.length - alive.length], 'the oldest that is alive');
    },
  ],
];

/** The cases for one policy, each of which stands alone. */
export function reuseSuite<Placed>(strategy: ReuseStrategy<Placed>): readonly Case[] {
  const staged = [
    ...always,
    ...(strategy.kept === 'agreement' ? [] : honest),
    ...(strategy.kept === 'readers' ? keptByReaders : []),
    ...(strategy.kept === 'age' ? keptByAge : []),
  ];
  return staged.map(([name, run]) => ({ name, run: () => run(setReuseStage(strategy)) }));
}

function setReuseStage<Placed>(strategy: ReuseStrategy<Placed>): ReuseStage {
  const pool = Pool.create({ words: 2 ** 15, owners: 8, segments: ENTRIES });
  const blocks = { blocks: ENTRIES, blockBytes: BYTES };
  const storage = { ...blocks, base: pool.reserve(StaticStorage.size(ENTRIES, BYTES)) };
  const placed = strategy.create(pool);
  const side = (own: Pool): Side => {
    const reuse = strategy.attach(own, structuredClone(placed));
    return new Side(own, new Segments(own, { storage: new StaticStorage(storage), reuse }));
  };
  return { first: side(pool), join: () => side(Pool.attach(pool.handle)) };
}
