/** The event count: whoever makes the condition true, or parks, sees the other. */
import type { Address } from '@pool/core';
import { EventCount } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, SILENT, UNFENCED } from './model.ts';

const [CONDITION, EVENT, WAITERS] = [0, 1, 2] as Address[] as [Address, Address, Address];
const NAMES = { condition: CONDITION, event: EVENT, waiters: WAITERS };

function count({ words }: ModelThread): EventCount {
  return new EventCount(words, EVENT, WAITERS);
}

const waiter = (thread: ModelThread): void => {
  const found = count(thread).wait(() => (thread.words.load(CONDITION) === 0n ? undefined : 'found'), { spins: 0 });
  thread.observe(thread.name, found ?? 'timed out');
};

describe('an event count', () => {
  model(
    'wakes whom it should',
    {
      names: NAMES,
      threads: {
        waiter,
        signaller: (thread) => {
          thread.words.store(CONDITION, 1n);
          count(thread).signal();
        },
      },
    },
    {
      outcomes: ['waiter=found'],
      planted: [UNFENCED, SILENT],
    },
  );

  model(
    'wakes all',
    {
      names: NAMES,
      threads: {
        one: waiter,
        other: waiter,
        signaller: (thread) => {
          thread.words.store(CONDITION, 1n);
          count(thread).signalAll();
        },
      },
    },
    {
      outcomes: ['one=found other=found'],
      planted: [
        {
          name: 'waiters announce themselves by load and store',
          bug: { torn: (at) => at === WAITERS },
          shows: 'lost wake-up',
        },
      ],
    },
  );
});
