/**
 * Allocates and frees at random, large and small, and fills every block with a pattern: what anybody else writes there was
 * handed out twice. Some blocks are left in a shared slot, and what was in it, another thread's block, is freed instead.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap } from '@pool/alloc';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { Random } from '../../src/testing/random.ts';

export interface HeapChurn {
  readonly pool: PoolHandle;
  readonly heap: Address;
  /** Words of a slot each: `{ words: 24, address: 29 }` of a block, 0 = none. */
  readonly slots: Address;
  readonly slotCount: number;
  /** Whether blocks of this thread go into slots; one that will be killed only takes blocks out. */
  readonly leaves: boolean;
  /** Ends when it has done so many steps, */
  readonly steps: number;
  /** or when this word is not 0. */
  readonly stop: Address;
  /** Counts up with every step. */
  readonly progress: Address;
  /** The worker signs in here, before anything else: its owner's generation * 2^16 + id. */
  readonly owner: Address;
  readonly seed: number;
}

const ADDRESSES = 2 ** 29;
const MOST_HELD = 60;

const task = workerData as HeapChurn;
const pool = Pool.attach(task.pool);
pool.storeNumber(task.owner, pool.owner.generation * 2 ** 16 + pool.owner.id);
const heap = Heap.attach(pool, task.heap, pool.owner);
const random = new Random(task.seed);
const held: number[] = [];
let allocated = 0;
let refused = 0;
let foreign = 0;

/** Mostly small, a tenth as large as pages, and now and then larger than the smallest chunk. */
function size(): number {
  const kind = random.below(64);
  if (kind === 0) return 1 + random.below(5_000);
  return kind < 7 ? 1 + random.below(1_000) : 1 + random.below(kind < 30 ? 16 : 100);
}

function take(): void {
  const words = size();
  const at = heap.allocate(words);
  if (at === undefined) {
    refused++;
    return;
  }
  allocated++;
  pool.fill(at, words, BigInt(at * 2 ** 20 + words));
  held.push(words * ADDRESSES + at);
}

function give(block: number): void {
  const at = (block % ADDRESSES) as Address;
  const words = Math.floor(block / ADDRESSES);
  const expected = BigInt(at * 2 ** 20 + words);
  for (let word: number = at; word < at + words; word++)
    if (pool.loadPlain(word as Address) !== expected)
      throw new Error(`word ${word} of the block ${at} of ${words} words is somebody else's`);
  pool.fill(at, words, BigInt(pool.owner.id)); // so that a block in two hands shows, and no pattern is left behind
  heap.free(at);
}

/** Frees what is in a slot, and leaves a block of its own there. */
function exchange(): void {
  const slot = (task.slots + random.below(task.slotCount)) as Address;
  const mine = task.leaves ? (held.pop() ?? 0) : 0;
  const theirs = pool.exchangeNumber(slot, mine);
  if (theirs === 0) return;
  foreign++;
  give(theirs);
}

for (let step = 0; step < task.steps && pool.loadNumber(task.stop) === 0; step++) {
  const choice = random.below(8);
  if (choice === 0) exchange();
  else if (choice < 5 && held.length < MOST_HELD) take();
  else if (held.length > 0) give(held.splice(random.below(held.length), 1)[0] as number);
  if (random.below(4_096) === 0) heap.release();
  pool.fetchAddNumber(task.progress, 1);
}
for (const block of held) give(block);
heap.dispose();
pool.detach();
parentPort?.postMessage({ allocated, refused, foreign });
