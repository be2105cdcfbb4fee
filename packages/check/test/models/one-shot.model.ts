/** The one-shot: one word for one receiver, whole; and both learn how it ended. */
import type { Address } from '@pool/core';
import { ONE_SHOT, OneShot } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, SILENT, UNFENCED } from './model.ts';

const BASE = 16 as Address;
const STATE = BASE + ONE_SHOT.offsets.state;

function shot({ words }: ModelThread, id: number): OneShot {
  return OneShot.attach(words, BASE, { owner: owner(id) });
}

const program = (threads: ModelProgram['threads']): ModelProgram => ({
  initial: (words) => void OneShot.create(words, BASE, { owner: owner(0) }),
  threads,
});

const send = (thread: ModelThread): void => thread.observe('sent', shot(thread, 1).send(7n));
const receive = (thread: ModelThread): void => thread.observe('received', shot(thread, 2).receive({ spins: 0 }));

describe('a one-shot', () => {
  model('wakes whom it is for', program({ send, receive }), {
    outcomes: ['sent=ok received=7'],
    planted: [UNFENCED, SILENT],
  });

  const tryReceive =
    (id: number) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, shot(thread, id).tryReceive());
  model(
    'is received by one of two',
    {
      ...program({ a: tryReceive(2), b: tryReceive(3) }),
      initial: (words) => void OneShot.create(words, BASE, { owner: owner(0) }).send(7n),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    {
      outcomes: ['a=7 b=taken', 'a=taken b=7'],
      planted: [
        { name: 'the state is moved by load and store', bug: { torn: (at) => at === STATE }, shows: 'final condition' },
      ],
    },
  );

  const close = (thread: ModelThread): void => shot(thread, 2).close();
  model('is sent before it is closed, or not at all', program({ send, close }), {
    outcomes: ['sent=ok', 'sent=closed'],
  });
});
