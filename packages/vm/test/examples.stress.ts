/** The examples of the guide, each with several instances on threads of their own over one pool. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StaticStorage } from '@pool/alloc';
import { type Address, domain, Pool, type Slot, type WindowGrant } from '@pool/core';
import { formatTrap, type Outcome } from '@pool/vm';
import { expect, test } from 'vitest';
import { bytesOf } from './support/programs.ts';
import type { ExampleTask } from './workers/example.ts';

const TIMES = process.env.POOL_LONG ? 1_000_000 : 20_000;

interface Answer {
  readonly outcome: Outcome;
  readonly memory: Uint8Array;
}

/** An example's program over a pool of its own, with one window granted. */
class Stage {
  readonly pool: Pool;
  readonly grant: WindowGrant;
  readonly #bytes: Uint8Array;
  readonly #storage: ExampleTask['storage'];

  constructor(example: string, window: string, words: number, slots = 0) {
    this.#bytes = bytesOf(readFileSync(join(import.meta.dirname, '../examples', example), 'utf8'));
    this.pool = Pool.create({ words: 8192 + words + slots, segments: 4 });
    this.#storage = { base: this.pool.reserve(StaticStorage.size(4, 1024)), blocks: 4, blockBytes: 1024 };
    const base = this.pool.reserve(words);
    const slotBase = this.pool.reserve(Math.max(slots, 1)) as number as Slot;
    this.grant = { name: window, base, words, slotBase, slots, domain: domain(5) };
  }

  word(at: number): bigint {
    return this.pool.load((this.grant.base + at) as Address);
  }
  setWord(at: number, value: bigint): void {
    this.pool.store((this.grant.base + at) as Address, value);
  }

  /** Runs one entry on a thread. @throws {Error} for anything but an end in order */
  async run(entry: string, ...given: bigint[]): Promise<{ value: bigint | undefined; memory: Uint8Array }> {
    const task: ExampleTask = {
      pool: this.pool.handle,
      storage: this.#storage,
      bytes: this.#bytes,
      grant: this.grant,
      entry,
      given,
    };
    const worker = new Worker(new URL('./workers/example.ts', import.meta.url), { workerData: task });
    const { outcome, memory } = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with ${code} and no answer`)));
    });
    if (outcome.kind === 'trap') throw new Error(formatTrap(outcome.trap));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    return { value: outcome.value, memory };
  }
}

test('a counter loses no count', async () => {
  const stage = new Stage('counter.pasm', 'job', 1);
  await Promise.all(Array.from({ length: 4 }, () => stage.run('main', BigInt(TIMES))));
  expect(stage.word(0)).toBe(BigInt(4 * TIMES));
});

test('a spin lock keeps two words together', async () => {
  const stage = new Stage('spin-lock.pasm', 'account', 3);
  await Promise.all([1n, 10n, 100n].map((amount) => stage.run('main', BigInt(TIMES), amount)));
  expect([0, 1, 2].map((at) => stage.word(at))).toEqual([0n, BigInt(3 * TIMES), BigInt(111 * TIMES)]);
});

test('a ring buffer delivers everything in order', async () => {
  const stage = new Stage('ring-buffer.pasm', 'ring', 32);
  const count = BigInt(TIMES);
  const [received] = await Promise.all([stage.run('consume', count), stage.run('produce', count)]);
  expect(received.value).toBe((count * (count + 1n)) / 2n);
});

test.each(['the receiver waits', 'the sender comes first'])('a message arrives whole: %s', async (order) => {
  const stage = new Stage('message.pasm', 'mail', 1, 1);
  const text = 'Meet me by the old mill at noon.';
  const sent = order === 'the sender comes first' ? await stage.run('send') : undefined;
  const receiving = stage.run('receive');
  if (sent === undefined) await stage.run('send');
  const { value, memory } = await receiving;
  expect(value).toBe(BigInt(text.length));
  expect(new TextDecoder().decode(memory.subarray(4096, 4096 + text.length))).toBe(text);
});

test('a parallel sum takes every number once', async () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => BigInt(index * index));
  const stage = new Stage('parallel-sum.pasm', 'job', 8 + numbers.length);
  stage.setWord(0, BigInt(numbers.length));
  numbers.forEach((number, index) => {
    stage.setWord(8 + index, number);
  });
  const parts = await Promise.all(Array.from({ length: 3 }, () => stage.run('main')));
  const sum = numbers.reduce((one, other) => one + other, 0n);
  expect(parts.reduce((total, { value }) => total + (value ?? 0n), 0n)).toBe(sum);
  expect(stage.word(2)).toBe(sum);
});
