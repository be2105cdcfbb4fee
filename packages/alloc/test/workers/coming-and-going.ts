/** Takes things and gives them back at random, and signs each: what anybody else signs meanwhile was handed out twice. */
import { parentPort, workerData } from 'node:worker_threads';
import { FreeList, RecyclingIndex } from '@pool/alloc';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { Random } from '../../src/testing/random.ts';

export interface ComingAndGoing {
  readonly pool: PoolHandle;
  readonly kind: 'free list' | 'recycling index';
  readonly handle: Address;
  /** A word for each thing of a recycling index; a block is signed in itself. */
  readonly marks: Address;
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

const SIGNED_WORDS = 16;

interface Thing {
  readonly name: number;
  /** Where it is signed, in so many words. */
  readonly at: number;
  readonly words: number;
  readonly signature: number;
}

const task = workerData as ComingAndGoing;
const pool = Pool.attach(task.pool);
pool.storeNumber(task.owner, pool.owner.generation * 2 ** 16 + pool.owner.id);

function open(): { take(): number | undefined; give(name: number): void; place(name: number): [number, number] } {
  if (task.kind === 'free list') {
    const list = FreeList.attach(pool, task.handle, pool.owner);
    return {
      take: () => list.allocate(SIGNED_WORDS),
      give: (name) => list.free(name as Address),
      place: (name) => [name, SIGNED_WORDS],
    };
  }
  const index = RecyclingIndex.attach(pool, task.handle, pool.owner);
  return {
    take() {
      const name = index.take();
      return name < 0 ? undefined : name;
    },
    give: (name) => index.give(name),
    place: (name) => [task.marks + name, 1],
  };
}

const things = open();
const random = new Random(task.seed);
const held: Thing[] = [];
let taken = 0;
let refused = 0;

function take(): void {
  const name = things.take();
  if (name === undefined) {
    refused++;
    return;
  }
  const [at, words] = things.place(name);
  const signature = (taken++ % 2 ** 20) * 2 ** 16 + pool.owner.id;
  for (let word = at; word < at + words; word++) pool.storeNumber(word as Address, signature);
  held.push({ name, at, words, signature });
}

function give({ name, at, words, signature }: Thing): void {
  for (let word = at; word < at + words; word++) {
    const found = pool.loadNumber(word as Address);
    if (found !== signature) throw new Error(`${task.kind}: ${name} was handed out twice: ${signature} and ${found}`);
  }
  things.give(name);
}

for (let step = 0; step < task.steps && pool.loadNumber(task.stop) === 0; step++) {
  if (random.below(2) === 0 && held.length < 12) take();
  else if (held.length > 0) give(held.splice(random.below(held.length), 1)[0] as Thing);
  pool.fetchAddNumber(task.progress, 1);
}
for (const thing of held) give(thing);
pool.detach();
parentPort?.postMessage({ taken, refused });
