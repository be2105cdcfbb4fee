/** Drafts, publishes, swaps, reads and retires at random, over any policy and storage. A segment's bytes are all one value, so new bytes among old ones show. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  type Address,
  type Handle,
  NO_HANDLE,
  Pool,
  type PoolHandle,
  packOwner,
  SegmentError,
  type SegmentView,
  type Slot,
} from '@pool/core';
import { Random } from '../../src/testing/random.ts';
import { type Laid, open } from '../support/combinations.ts';

export interface SegmentLife {
  readonly pool: PoolHandle;
  readonly laid: Laid;
  readonly slots: readonly Slot[];
  /** Ends when it has done so many steps, */
  readonly steps: number;
  /** or when this word is not 0. */
  readonly stop: Address;
  /** Counts up with every step. */
  readonly progress: Address;
  /** The worker signs in here, before anything else. */
  readonly owner: Address;
  readonly seed: number;
}

/** What a worker says when it is done. */
export interface Lived {
  readonly published: number;
  readonly read: number;
  /** Readings that were refused or cut short, for the segment had ended. */
  readonly lost: number;
  /** Drafts that there was no room for. */
  readonly refused: number;
}

const task = workerData as SegmentLife;
const pool = Pool.attach(task.pool);
pool.storeNumber(task.owner, packOwner(pool.owner));
const { segments, storage } = open(pool, task.laid);
const random = new Random(task.seed);
const lived = { published: 0, read: 0, lost: 0, refused: 0 };

/** Whether the operation took place, and was not refused for the segment has ended under this thread or is about to. */
function attempt(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    if (error instanceof SegmentError && (error.fault === 'stale' || error.fault === 'state')) return false;
    throw error;
  }
}

function slot(): Slot {
  return task.slots[random.below(task.slots.length)] as Slot;
}

function retire(handle: Handle): void {
  // Under a ring, and only there, it may have ended before.
  if (handle !== NO_HANDLE && !attempt(() => segments.retire(handle)) && task.laid.policy !== 'ring')
    throw new Error(`segment ${handle} was retired before whoever took it out did`);
}

function write(): void {
  const draft = segments.draft(1 + random.below(task.laid.room.largest));
  if (draft === undefined) {
    lived.refused++;
    return;
  }
  draft.fill(1 + random.below(255));
  switch (random.below(4)) {
    case 0:
      draft.discard();
      return;
    case 1:
      retire(draft.publish());
      return;
    default:
      lived.published++;
      retire(draft.publishTo(slot()));
  }
}

function readUniform(view: SegmentView): void {
  const first = view.slice();
  const again = view.slice();
  const value = first[0];
  if (!first.every((byte) => byte === value) || !again.every((byte) => byte === value))
    throw new Error(`a reader of segment ${view.handle} took new bytes for old`);
}

/** Reads what a slot shows. By agreement, a thread has taken out what it reads; where readers are looked after, it stays. */
function read(): void {
  const at = slot();
  const taken = task.laid.policy === 'manual';
  const handle = (taken ? segments.swap(at, NO_HANDLE) : pool.load(at as number as Address)) as Handle;
  if (handle === NO_HANDLE) return;
  const whole = attempt(() => {
    const view = segments.acquire(handle);
    try {
      readUniform(view);
    } finally {
      view.release();
    }
  });
  if (whole) lived.read++;
  else lived.lost++;
  if (taken && !whole) throw new Error(`segment ${handle} ended while it was this thread's`);
  if (taken) retire(segments.swap(at, handle));
}

for (let step = 0; step < task.steps && pool.loadNumber(task.stop) === 0; step++) {
  if (random.below(2) === 0) write();
  else read();
  pool.fetchAddNumber(task.progress, 1);
}
(storage as { release?: () => void }).release?.();
pool.detach();
parentPort?.postMessage(lived satisfies Lived);
