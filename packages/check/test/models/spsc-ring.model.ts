/** The ring between one sender and one receiver: in order, whole, and a slot is written again only once it was read. */
import type { Address } from '@pool/core';
import { SPSC_RING, SpscRing } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, SILENT } from './model.ts';

const BASE = 0 as Address;
const { head, tail } = SPSC_RING.offsets;

function ring({ words }: ModelThread): SpscRing {
  return SpscRing.attach(words, BASE);
}

const program = (threads: ModelProgram['threads'], start = 0n): ModelProgram => ({
  initial: (words) => void SpscRing.create(words, BASE, { capacity: 2, ack: 'each', start }),
  threads,
});

const sendThree = (thread: ModelThread): void => {
  const sender = ring(thread).sender({ owner: owner(1) });
  thread.observe('sent', [1n, 2n, 3n].filter((value) => sender.trySend(value) === 'ok').join());
};
const receiveThree = (thread: ModelThread): void => {
  const receiver = ring(thread).receiver({ owner: owner(2) });
  const received = [receiver.tryReceive(), receiver.tryReceive(), receiver.tryReceive()];
  thread.observe('received', received.filter((one) => typeof one === 'bigint').join());
};

describe('an spsc ring', () => {
  model(
    'passes words on in order, round its end',
    {
      ...program({ sender: sendThree, receiver: receiveThree }, 1n),
      final: (end) => {
        const [sent, received] = [String(end.observed('sent')), String(end.observed('received'))];
        end.assert(sent.startsWith(received), `${received} is received of ${sent}`);
      },
    },
    {
      planted: [
        {
          name: 'the tail is relaxed',
          bug: { stores: (at) => at === tail, updates: (at) => at === tail },
          shows: 'data race',
          weak: true,
        },
        {
          name: 'the head is relaxed',
          bug: { stores: (at) => at === head, updates: (at) => at === head },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );

  const blocking = { spins: 0 };
  model(
    'wakes who sleeps',
    program({
      sender: (thread) => {
        const sender = ring(thread).sender({ owner: owner(1) });
        sender.send(5n, blocking);
      },
      receiver: (thread) => {
        const receiver = ring(thread).receiver({ owner: owner(2) });
        thread.observe('received', receiver.receive(blocking));
      },
    }),
    {
      outcomes: ['received=5'],
      planted: [SILENT],
    },
  );
});
