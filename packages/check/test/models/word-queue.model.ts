/** The bounded queue of words: what is sent is received once, in order, whole; nobody sleeps through it. */
import type { Address } from '@pool/core';
import { WORD_QUEUE, WordQueue } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, SILENT, UNFENCED } from './model.ts';

const BASE = 0 as Address;
const { tail, cells } = WORD_QUEUE.offsets;
const isStamp = (at: number): boolean => at >= cells && (at - cells) % 2 === 0;

function queue({ words }: ModelThread): WordQueue {
  return WordQueue.attach(words, BASE);
}

function program(threads: ModelProgram['threads'], filled = 0): ModelProgram {
  return {
    initial: (words) => {
      const laid = WordQueue.create(words, BASE, 2);
      for (let value = 1; value <= filled; value++) laid.trySend(BigInt(value));
    },
    threads,
  };
}

const trySend =
  (value: bigint) =>
  (thread: ModelThread): void =>
    thread.observe(thread.name, queue(thread).trySend(value));
const tryReceive = (thread: ModelThread): void => thread.observe(thread.name, queue(thread).tryReceive());
const receive = (thread: ModelThread): void => thread.observe(thread.name, queue(thread).receive({ spins: 0 }));

describe('a word queue', () => {
  model('publishes what is sent', program({ sender: trySend(7n), receiver: tryReceive }), {
    outcomes: ['sender=ok receiver=7', 'sender=ok receiver=empty'],
    planted: [{ name: 'stamps are relaxed', bug: { stores: isStamp }, shows: 'data race', weak: true }],
  });

  model('gives a cell to one of two senders', program({ a: trySend(1n), b: trySend(2n) }), {
    outcomes: ['a=ok b=ok'],
    planted: [{ name: 'the tail is moved by load and store', bug: { torn: (at) => at === tail }, shows: 'data race' }],
  });

  model('gives a value to one of two receivers', program({ a: tryReceive, b: tryReceive }, 1), {
    outcomes: ['a=1 b=empty', 'a=empty b=1'],
  });

  model('wakes a receiver that sleeps', program({ sender: trySend(7n), receiver: receive }), {
    outcomes: ['sender=ok receiver=7'],
    planted: [UNFENCED, SILENT],
  });

  model('frees a cell only once it is read out', program({ sender: trySend(3n), receiver: tryReceive }, 2), {
    outcomes: ['sender=full receiver=1', 'sender=ok receiver=1'],
    planted: [{ name: 'stamps are relaxed', bug: { stores: isStamp }, shows: 'data race', weak: true }],
  });

  model(
    'ends what waits when it is closed',
    program({ closer: (thread) => queue(thread).close(), receiver: receive }),
    {
      outcomes: ['receiver=closed'],
    },
  );
});
