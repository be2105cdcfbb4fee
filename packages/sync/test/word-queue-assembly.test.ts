import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Address, domain, Pool, type Slot } from '@pool/core';
import { assemble, formatErrors, type Instance, instantiate, load } from '@pool/vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WORD_QUEUE, WordQueue } from '../src/index.ts';

/** Words before the queue in its window: its own address is not the window's. */
const BEFORE = 32;
const HARNESS = `include "pool:sync/word-queue.pasm"
window queues words QUEUE {
}
data received = words 0
func try_send(value) -> status {
  call status, word_queue_try_send(QUEUE, value)
  ret status
}
func try_receive() -> status {
  call status, word_queue_try_receive(QUEUE, received)
  ret status
}
func send(value) -> status {
  call status, word_queue_send(QUEUE, value)
  ret status
}
func receive() -> status {
  call status, word_queue_receive(QUEUE, received)
  ret status
}
func last() -> value {
  i64.load value, [received]
  ret value
}
func close() {
  call word_queue_close(QUEUE)
  ret
}
`;

function offsets(): Record<string, bigint> {
  const named = Object.entries(WORD_QUEUE.offsets).map(([field, offset]) => [
    `WORD_QUEUE_${field.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`,
    BigInt(offset),
  ]);
  return { ...Object.fromEntries(named), QUEUE: BigInt(BEFORE) };
}

function program(): Uint8Array {
  const result = assemble(
    { name: 'harness.pasm', text: HARNESS },
    {
      include: (path) => ({
        name: path,
        text: readFileSync(new URL(`../asm/${basename(path)}`, import.meta.url), 'utf8'),
      }),
      constants: offsets(),
    },
  );
  if (!result.ok) throw new Error(formatErrors(result.errors));
  return result.bytes;
}

const PROGRAM = load(program());
const STATUS = ['closed', 'ok', 'again'] as const;

/** A queue, and a program that holds it too. */
class Pair {
  readonly pool: Pool = Pool.create({ words: 1_024, segments: 0 });
  readonly queue: WordQueue;
  readonly #instance: Instance;

  constructor(capacity: number) {
    const size = BEFORE + WordQueue.size(capacity);
    const base = this.pool.reserve(size);
    this.queue = WordQueue.create(this.pool, (base + BEFORE) as Address, capacity);
    const window = { name: 'queues', base, words: size, slotBase: 0 as Slot, slots: 0, domain: domain(1) };
    this.#instance = instantiate(PROGRAM, {
      words: this.pool,
      windows: [window],
      limits: { fuel: 1e6, longestWait: 0 },
    });
  }

  run(entry: string, ...given: bigint[]): bigint | undefined {
    const outcome = this.#instance.run(entry, given);
    if (outcome.kind !== 'done')
      throw new Error(JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
    return outcome.value;
  }
  send(entry: 'try_send' | 'send', value: bigint): string {
    const status = STATUS[Number(this.run(entry, value))] ?? 'none';
    return status === 'again' ? 'full' : status;
  }
  receive(entry: 'try_receive' | 'receive'): bigint | string {
    const status = STATUS[Number(this.run(entry))] ?? 'none';
    if (status === 'ok') return this.run('last') ?? 'none';
    return status === 'again' ? 'empty' : status;
  }
}

describe('the word queue in assembly', () => {
  it('is the same queue as the one in TypeScript, whoever does what', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ side: fc.constantFrom('host', 'program'), send: word }) },
      { weight: 5, arbitrary: fc.record({ side: fc.constantFrom('host', 'program'), receive: fc.constant(true) }) },
      { weight: 1, arbitrary: fc.record({ side: fc.constantFrom('host', 'program'), close: fc.constant(true) }) },
    );
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 8), fc.array(step, { maxLength: 60, size: 'max' }), (capacity, steps) => {
        const pair = new Pair(capacity);
        const model: bigint[] = [];
        let closed = false;
        for (const one of steps) {
          const program = one.side === 'program';
          if ('send' in one) {
            const expected = closed ? 'closed' : model.length === capacity ? 'full' : 'ok';
            if (expected === 'ok') model.push(one.send);
            expect(program ? pair.send('try_send', one.send) : pair.queue.trySend(one.send)).toBe(expected);
          } else if ('receive' in one) {
            const expected = model.shift() ?? (closed ? 'closed' : 'empty');
            expect(program ? pair.receive('try_receive') : pair.queue.tryReceive()).toBe(expected);
          } else {
            closed = true;
            if (program) pair.run('close');
            else pair.queue.close();
          }
          expect(pair.queue.length).toBe(model.length);
          expect(pair.queue.closed).toBe(closed);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('blocking forms do not wait when there is no need', () => {
    const pair = new Pair(2);
    expect(pair.send('send', 7n)).toBe('ok');
    expect(pair.receive('receive')).toBe(7n);
    pair.queue.close();
    expect(pair.send('send', 8n)).toBe('closed');
    expect(pair.receive('receive')).toBe('closed');
  });

  it('wakes a host that waits for something, for room, or for the end', async () => {
    const pair = new Pair(2);
    const receiving = pair.queue.receiveAsync();
    expect(pair.send('send', 7n)).toBe('ok');
    expect(await receiving).toBe(7n);
    for (const value of [1n, 2n]) pair.queue.trySend(value);
    const sending = pair.queue.sendAsync(3n);
    expect(pair.receive('receive')).toBe(1n);
    expect(await sending).toBe('ok');
    for (const value of [2n, 3n]) expect(pair.receive('receive')).toBe(value);
    const ending = pair.queue.receiveAsync();
    pair.run('close');
    expect(await ending).toBe('closed');
  });
});
