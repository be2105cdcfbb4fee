/** Mailbox and broadcast: a reader gets whole messages or none, however far ahead the writer is. */
import type { Address } from '@pool/core';
import { Broadcast, MAILBOX, Mailbox } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, owner, SILENT } from './model.ts';

const BASE = 0 as Address;

describe('a mailbox', () => {
  const writes = (thread: ModelThread): void => {
    const mailbox = Mailbox.attach(thread.words, BASE, { owner: owner(1) });
    for (const message of [1n, 2n]) mailbox.write(BigUint64Array.of(message, message));
  };
  const initial = (words: ModelThread['words']): void =>
    void Mailbox.create(words, BASE, { width: 2, owner: owner(0) });

  model(
    'shows whole messages, the latest first',
    {
      initial,
      threads: {
        writer: writes,
        reader: (thread) => {
          const mailbox = Mailbox.attach(thread.words, BASE, { owner: owner(2) });
          const message = new BigUint64Array(2);
          if (mailbox.tryRead(message) !== 'ok') return;
          thread.observe('read', message.join());
          thread.assert(message[0] === message[1] && message[0] !== 0n, 'the message is whole');
        },
      },
    },
    {
      outcomes: ['', 'read=1,1', 'read=2,2'],
      planted: [{ name: 'publishing is relaxed', bug: { updates: () => true }, shows: 'assertion', weak: true }],
    },
  );

  model(
    'wakes a reader that sleeps',
    {
      initial,
      threads: {
        writer: (thread) => {
          Mailbox.attach(thread.words, BASE, { owner: owner(1) }).write(BigUint64Array.of(5n, 5n));
        },
        reader: (thread) => {
          const message = new BigUint64Array(2);
          Mailbox.attach(thread.words, BASE, { owner: owner(2) }).read(message, { strategy: 'park' });
          thread.observe('read', message.join());
        },
      },
    },
    {
      outcomes: ['read=5,5'],
      planted: [
        {
          name: 'waiters are looked for by load and store',
          bug: { torn: (at) => at === MAILBOX.offsets.waiters },
          shows: 'lost wake-up',
          weak: true,
        },
        SILENT,
      ],
    },
  );
});

describe('a broadcast', () => {
  model(
    'gives each receiver whole messages in order, or says how many are lost',
    {
      initial: (words) => {
        const broadcast = Broadcast.create(words, BASE, { capacity: 2, width: 2, owner: owner(1) });
        broadcast.trySend(BigUint64Array.of(1n, 1n));
      },
      threads: {
        sender: (thread) => {
          const broadcast = Broadcast.attach(thread.words, BASE, { owner: owner(1) });
          for (const message of [2n, 3n]) broadcast.trySend(BigUint64Array.of(message, message));
        },
        receiver: (thread) => {
          const receiver = Broadcast.attach(thread.words, BASE, { owner: owner(2) }).receiver(0);
          const message = new BigUint64Array(2);
          const result = receiver.tryReceive(message);
          thread.observe('received', result === 'ok' ? message.join() : `${result} lost`);
        },
      },
      final: (end) => {
        const received = end.observed('received');
        end.assert(['1,1', '1 lost', '2 lost'].includes(String(received)), `received ${received}`);
      },
    },
    {
      outcomes: ['received=1,1', 'received=1 lost', 'received=2 lost'],
      planted: [
        {
          name: 'stores are relaxed, and the count too',
          bug: { stores: () => true, updates: () => true },
          shows: 'final condition',
          weak: true,
        },
      ],
    },
  );
});
