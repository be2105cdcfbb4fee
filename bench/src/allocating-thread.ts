/**
 * A thread that allocates when it is told to: the contest writes how many operations into the thread's line, counts `orders` up
 * and wakes it; the thread counts `done` up.
 */
import type { Heap } from '@pool/alloc';
import { type Address, type Layout, layout, ownLine, type Placed, type Pool, type PoolHandle, word } from '@pool/core';
import { MIXED_WORDS } from './allocation.ts';

const ORDER: Layout<'orders' | 'operations' | 'done' | 'blocks'> = layout('order', {
  orders: ownLine,
  operations: word,
  done: ownLine,
  blocks: word,
});

export interface AllocatingTask {
  readonly pool: PoolHandle;
  readonly heap: Address;
  readonly order: Address;
}

/** Blocks that a thread has at a time: each operation frees the oldest and allocates another. */
const HELD = 64;

/** The contest's end of a thread's line. */
export class Orders {
  readonly #pool: Pool;
  readonly #at: Placed<'orders' | 'operations' | 'done' | 'blocks'>;

  constructor(pool: Pool, base: Address) {
    this.#pool = pool;
    this.#at = ORDER.at(base);
  }

  static size(): number {
    return ORDER.size();
  }

  give(operations: number): void {
    this.#pool.storeNumber(this.#at.operations, operations);
    this.#pool.fetchAddNumber(this.#at.orders, 1); // pairs with load(orders) in serve(): publishes `operations`
    this.#pool.notify(this.#at.orders);
  }

  /** Waits until as much is done as was ordered; gives how many blocks the thread got since the last order. */
  await(): number {
    const ordered = this.#pool.load(this.#at.orders);
    for (;;) {
      const done = this.#pool.load(this.#at.done); // pairs with the fetch-add of `done` in serve(): `blocks` is written
      if (done === ordered) return this.#pool.loadNumber(this.#at.blocks);
      this.#pool.wait(this.#at.done, done);
    }
  }

  /** The thread's end. Never returns. */
  serve(heap: Heap): never {
    const held: Address[] = [];
    for (let done = 0n; ; ) {
      this.#pool.wait(this.#at.orders, done);
      if (this.#pool.load(this.#at.orders) === done) continue;
      const operations = this.#pool.loadNumber(this.#at.operations);
      this.#pool.storeNumber(this.#at.blocks, turnOver(heap, held, operations));
      done = this.#pool.fetchAdd(this.#at.done, 1n) + 1n;
      this.#pool.notify(this.#at.done);
    }
  }
}

/** Frees the oldest block and allocates one of another size, so often. Counts the new ones. */
function turnOver(heap: Heap, held: Address[], operations: number): number {
  let got = 0;
  for (let index = 0; index < operations; index++) {
    const place = index % HELD;
    const oldest = held[place];
    if (oldest !== undefined) heap.free(oldest);
    const at = heap.allocate(MIXED_WORDS[index & 1023] as number);
    if (at === undefined) throw new Error('the heap is full');
    held[place] = at;
    got++;
  }
  return got;
}
