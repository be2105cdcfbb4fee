/** The routines in assembly that wait: whoever parks is woken by what it waits for, be that a word, a permit or the end. */
import type { Address, Words } from '@pool/core';
import { Mailbox, Mutex, OneShot, Semaphore, SpscRing, WordQueue } from '@pool/sync';
import { describe } from 'vitest';
import { model, owner, type Planted, SILENT, UNFENCED } from './model.ts';
import { program } from './routines.ts';

const BASE = 0 as Address;

/** The name of that owner as programs have it. */
function packed(id: number): number {
  return 2 ** 16 + id;
}

interface Scene {
  readonly include: string;
  readonly words: number;
  readonly initial: (words: Words) => void;
  /** What each thread does, as the text of a function that ends in `ret seen`; the last one waits. */
  readonly threads: Readonly<Record<string, string>>;
  readonly outcomes: readonly string[];
  readonly planted: readonly Planted[];
}

function scene(name: string, { include, words, initial, threads, outcomes, planted }: Scene): void {
  const functions = Object.entries(threads).map(([thread, text]) => `func thread_${thread}() -> seen {\n${text}\n}\n`);
  const text = `include "pool:sync/${include}.pasm"
window queues words ${words} {
}
data own = words 0
data own_last = words 0
${functions.join('')}`;
  // One look before it parks: more of them are the same again.
  model(name, { ...program(text, 1), initial }, { outcomes, planted });
}

/** Calls a routine that answers with a status, and gives back that or what came. */
const status = (call: string): string => `  call seen, ${call}\n  ret seen`;
const silently = (call: string): string => `  call ${call}\n  ret 0`;
const value = (call: string): string => `  call _, ${call}\n  i64.load seen, [own]\n  ret seen`;

describe('the word queue in assembly', () => {
  const queue = { include: 'word-queue', words: WordQueue.size(2) };
  const empty = (words: Words): void => void WordQueue.create(words, BASE, 2);
  scene('wakes a receiver that sleeps', {
    ...queue,
    initial: empty,
    threads: { sender: status('word_queue_try_send(0, 7)'), receiver: value('word_queue_receive(0, own)') },
    outcomes: ['sender=1 receiver=7'],
    planted: [SILENT, UNFENCED],
  });
  scene('wakes a sender that sleeps', {
    ...queue,
    initial: (words) => {
      const full = WordQueue.create(words, BASE, 2);
      for (const word of [1n, 2n]) full.trySend(word);
    },
    threads: { receiver: value('word_queue_try_receive(0, own)'), sender: status('word_queue_send(0, 7)') },
    outcomes: ['receiver=1 sender=1'],
    planted: [SILENT, UNFENCED],
  });
  scene('ends what waits when it is closed', {
    ...queue,
    initial: empty,
    threads: { closer: silently('word_queue_close(0)'), receiver: status('word_queue_receive(0, own)') },
    outcomes: ['closer=0 receiver=0'],
    planted: [SILENT],
  });
});

describe('the one-shot in assembly', () => {
  const shot = {
    include: 'one-shot',
    words: OneShot.size(),
    initial: (words: Words): void => void OneShot.create(words, BASE, { owner: owner(0) }),
  };
  const receiver = status('one_shot_receive(0, own)');
  scene('wakes whom it is for', {
    ...shot,
    threads: { sender: status(`one_shot_send(0, ${packed(1)}, 7)`), receiver: value('one_shot_receive(0, own)') },
    outcomes: ['sender=2 receiver=7'],
    planted: [SILENT],
  });
  scene('ends what waits when its sender leaves', {
    ...shot,
    threads: { sender: status(`one_shot_disconnect(0, ${packed(1)})`), receiver },
    outcomes: ['sender=1 receiver=4'],
    planted: [SILENT],
  });
  scene('ends what waits when it is closed', {
    ...shot,
    threads: { closer: silently('one_shot_close(0)'), receiver },
    outcomes: ['closer=0 receiver=5'],
    planted: [SILENT],
  });
});

describe('the mailbox in assembly', () => {
  const mailbox = {
    include: 'mailbox',
    words: Mailbox.size(1),
    initial: (words: Words): void => void Mailbox.create(words, BASE, { owner: owner(0) }),
  };
  scene('wakes a reader that sleeps', {
    ...mailbox,
    threads: {
      writer: `  i64.store [own], 7\n${status(`mailbox_write(0, ${packed(1)}, own)`)}`,
      reader: value('mailbox_read(0, own_last, own)'),
    },
    outcomes: ['writer=1 reader=7'],
    planted: [SILENT, UNFENCED],
  });
  scene('ends what waits when it is closed', {
    ...mailbox,
    threads: { closer: silently('mailbox_close(0)'), reader: status('mailbox_read(0, own_last, own)') },
    outcomes: ['closer=0 reader=0'],
    planted: [SILENT],
  });
});

describe('the ring in assembly', () => {
  const ring = { include: 'spsc-ring', words: SpscRing.size({ capacity: 2 }) };
  const claimed = (words: Words, sent: readonly bigint[] = []): void => {
    const laid = SpscRing.create(words, BASE, { capacity: 2 });
    const sender = laid.sender({ owner: owner(1) });
    for (const word of sent) sender.trySend(word);
    laid.receiver({ owner: owner(2) });
  };
  scene('wakes a receiver that sleeps', {
    ...ring,
    initial: (words) => claimed(words),
    threads: { sender: status('spsc_try_send(0, 7)'), receiver: value('spsc_receive(0, own)') },
    outcomes: ['sender=1 receiver=7'],
    planted: [SILENT],
  });
  scene('wakes a sender that sleeps', {
    ...ring,
    initial: (words) => claimed(words, [1n, 2n]),
    threads: { receiver: value('spsc_try_receive(0, own)'), sender: status('spsc_send(0, 7)') },
    outcomes: ['receiver=1 sender=1'],
    planted: [SILENT],
  });
  scene('ends what waits when its sender leaves', {
    ...ring,
    initial: (words) => claimed(words),
    threads: {
      sender: silently(`spsc_close_sender(0, ${packed(1)})`),
      receiver: status('spsc_receive(0, own)'),
    },
    outcomes: ['sender=0 receiver=0'],
    planted: [SILENT],
  });
  scene('ends what waits when its receiver leaves', {
    ...ring,
    initial: (words) => claimed(words, [1n, 2n]),
    threads: {
      receiver: silently(`spsc_close_receiver(0, ${packed(2)})`),
      sender: status('spsc_send(0, 7)'),
    },
    outcomes: ['receiver=0 sender=0'],
    planted: [SILENT],
  });
});

describe('the locks in assembly', () => {
  scene('a mutex wakes who sleeps for it', {
    include: 'mutex',
    words: Mutex.size(),
    initial: (words) => void Mutex.create(words, BASE, { owner: owner(1) }).lock(),
    threads: {
      holder: status(`mutex_unlock(0, ${packed(1)})`),
      waiter: status(`mutex_lock(0, ${packed(2)})`),
    },
    outcomes: ['holder=1 waiter=1'],
    planted: [SILENT],
  });
  scene('a semaphore wakes who sleeps for a permit', {
    include: 'semaphore',
    words: Semaphore.size(3),
    initial: (words) => void Semaphore.create(words, BASE, 1, { owners: 3, owner: owner(1) }).acquire(),
    threads: {
      holder: status(`semaphore_release(0, ${packed(1)}, 1)`),
      waiter: status(`semaphore_acquire(0, ${packed(2)}, 1)`),
    },
    outcomes: ['holder=1 waiter=1'],
    planted: [SILENT],
  });
});
