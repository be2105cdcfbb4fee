/** The routines in assembly, as they ship: the same scenarios as of their twins in TypeScript. */
import type { Address } from '@pool/core';
import {
  MAILBOX,
  Mailbox,
  MUTEX,
  Mutex,
  ONE_SHOT,
  OneShot,
  Semaphore,
  SPSC_RING,
  SpscRing,
  WORD_QUEUE,
} from '@pool/sync';
import { describe } from 'vitest';
import { model, owner, type Planted } from './model.ts';
import { program } from './routines.ts';

const BASE = 0 as Address;

/** The name of that owner as programs have it. */
function packed(id: number): number {
  return 2 ** 16 + id;
}

describe('the word queue in assembly', () => {
  const { capacity, cells } = WORD_QUEUE.offsets;
  const isStamp = (at: number): boolean => at >= cells && (at - cells) % 2 === 0;
  const QUEUE = `include "pool:sync/word-queue.pasm"
window queues words ${WORD_QUEUE.size(4)} {
}
data received = words 0
func initial() {
  shared_store queues[${capacity}], 2
  shared_store queues[${cells + 2}], 1
  ret
}
`;
  const RECEIVE = `
  call status, word_queue_try_receive(0, received)
  br_ne status, QUEUE_OK, nothing
  i64.load value, [received]
  br_ne value, 0, whole
  trap "the value was not there yet"
whole:
  ret value
nothing:
  ret 0
}
`;
  const send = (name: string, value: number): string =>
    `func thread_${name}() -> status {\n  call status, word_queue_try_send(0, ${value})\n  ret status\n}\n`;
  const receive = (name: string): string => `func thread_${name}() -> value {${RECEIVE}`;

  model('passes on what is sent', program(`${QUEUE}${send('sender', 7)}${receive('receiver')}`), {
    outcomes: ['sender=1 receiver=7', 'sender=1 receiver=0'],
    planted: [{ name: 'stamps are relaxed', bug: { stores: isStamp }, shows: 'assertion', weak: true }],
  });

  model('takes what two send', program(`${QUEUE}${send('a', 1)}${send('b', 2)}`), { outcomes: ['a=1 b=1'] });
});

describe('the mutex in assembly', () => {
  const thread = (name: string, owner: number): string => `func thread_${name}() {
  call _, mutex_lock(0, ${owner})
  shared_load n, queues[COUNT]
  i64.add n, n, 1
  shared_store queues[COUNT], n
  call _, mutex_unlock(0, ${owner})
  ret
}
`;
  model(
    'excludes',
    program(`include "pool:sync/mutex.pasm"
const COUNT = ${MUTEX.size()}
window queues words COUNT + 1 {
}
${thread('a', 0x1_0001)}${thread('b', 0x1_0002)}
func final() {
  shared_load n, queues[COUNT]
  br_eq n, 2, right
  trap "a count is lost"
right:
  ret
}
`),
    {
      planted: [
        {
          name: 'its word is changed by load and store',
          bug: { torn: (at) => at === MUTEX.offsets.state },
          shows: 'final condition',
        },
        {
          name: 'its word is relaxed',
          bug: { updates: (at) => at === MUTEX.offsets.state, loads: () => true, stores: () => true },
          shows: 'final condition',
          weak: true,
        },
      ],
    },
    { spinAssume: true },
  );

  const DEAD = owner(3);
  const takes = (name: string, routine: string, id: number): string => `func thread_${name}() -> status {
  call status, ${routine}(0, ${packed(id)})
  br_unless status, busy
  call _, mutex_unlock(0, ${packed(id)})
busy:
  ret status
}
`;
  model(
    'tells one of two that its holder died',
    {
      ...program(
        `include "pool:sync/mutex.pasm"
window queues words ${MUTEX.size()} {
}
${takes('waits', 'mutex_lock', 1)}${takes('tries', 'mutex_try_lock', 2)}`,
        1,
      ),
      initial: (words) => {
        const mutex = Mutex.create(words, BASE, { owner: DEAD });
        mutex.lock();
        mutex.recover(DEAD);
      },
      final: (end) => {
        const told = ['waits', 'tries'].filter((name) => end.observed(name) === 2n).length;
        end.assert(told === 1, `${told} were told`);
      },
    },
    {
      outcomes: ['waits=2 tries=1', 'waits=2 tries=0', 'waits=1 tries=2'],
      planted: [
        {
          name: 'its word is changed by load and store',
          bug: { torn: (at) => at === MUTEX.offsets.state },
          shows: 'final condition',
        },
      ],
    },
  );
});

describe('the one-shot in assembly', () => {
  const TORN: Planted = {
    name: 'its state is changed by load and store',
    bug: { torn: (at) => at === ONE_SHOT.offsets.state },
    shows: 'final condition',
  };
  model(
    'is received by one of two',
    {
      ...program(`include "pool:sync/one-shot.pasm"
window queues words ${ONE_SHOT.size()} {
}
data received = words 0
func initial() {
  call _, one_shot_send(0, 0x10001, 7)
  ret
}
func thread_a() -> status {
  call status, one_shot_try_receive(0, received)
  ret status
}
func thread_b() -> status {
  call status, one_shot_try_receive(0, received)
  ret status
}
`),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=2 b=3', 'a=3 b=2'], planted: [TORN] },
  );

  const send = (name: string, id: number): string => `func thread_${name}() -> status {
  call status, one_shot_send(0, ${packed(id)}, ${id})
  ret status
}
`;
  model(
    'is sent by one of two',
    {
      ...program(`include "pool:sync/one-shot.pasm"
window queues words ${ONE_SHOT.size()} {
}
${send('a', 1)}${send('b', 2)}`),
      initial: (words) => void OneShot.create(words, BASE, { owner: owner(0) }),
      final: (end) => {
        const sender = end.observed('a') === 2n ? 1n : 2n;
        const received = OneShot.attach(end.words, BASE, { owner: owner(3) }).tryReceive();
        end.assert(end.observed('a') !== end.observed('b') && received === sender, `${received} was received`);
      },
    },
    {
      outcomes: ['a=2 b=3', 'a=3 b=2'],
      planted: [TORN],
    },
  );
});

describe('an end in assembly, the other in TypeScript', () => {
  const SENDER = program(`include "pool:sync/spsc-ring.pasm"
window queues words ${SpscRing.size({ capacity: 2 })} {
}
func thread_sender() -> status {
  call _, spsc_claim_sender(0, ${packed(1)})
  call status, spsc_try_send(0, 7)
  ret status
}
`);
  model(
    'of a ring',
    {
      ...SENDER,
      initial: (words) => void SpscRing.create(words, BASE, { capacity: 2 }),
      threads: {
        ...SENDER.threads,
        receiver: (thread) => {
          const receiver = SpscRing.attach(thread.words, BASE).receiver({ owner: owner(2) });
          const received = receiver.tryReceive();
          thread.assert(received === 'empty' || received === 7n, 'the word is whole');
          thread.observe('received', received);
        },
      },
    },
    {
      outcomes: ['sender=1 received=7', 'sender=1 received=empty'],
      planted: [
        {
          name: 'the tail is relaxed',
          bug: { stores: (at) => at === SPSC_RING.offsets.tail, updates: (at) => at === SPSC_RING.offsets.tail },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );

  const WRITER = program(`include "pool:sync/mailbox.pasm"
window queues words ${Mailbox.size(1)} {
}
data message = words 7
func thread_writer() -> status {
  call status, mailbox_write(0, ${packed(1)}, message)
  ret status
}
`);
  model(
    'of a mailbox',
    {
      ...WRITER,
      initial: (words) => void Mailbox.create(words, BASE, { owner: owner(0) }),
      threads: {
        ...WRITER.threads,
        reader: (thread) => {
          const message = new BigUint64Array(1);
          const result = Mailbox.attach(thread.words, BASE, { owner: owner(2) }).tryRead(message);
          thread.assert(result !== 'ok' || message[0] === 7n, 'the message is whole');
          thread.observe('read', result);
        },
      },
    },
    {
      outcomes: ['writer=1 read=ok', 'writer=1 read=empty'],
      planted: [{ name: 'publishing is relaxed', bug: { updates: () => true }, shows: 'assertion', weak: true }],
    },
  );
});

describe('the mailbox in assembly', () => {
  const CLOSED = 0n;
  const isWriter = (at: number): boolean => at === MAILBOX.offsets.writer;
  const write = (name: string, id: number, value: number): string => `data message_${name} = words ${value}
func thread_${name}() -> status {
  call status, mailbox_write(0, ${packed(id)}, message_${name})
  br_ne status, MAILBOX_OK, done
  shared_load writer, queues[MAILBOX_WRITER]
  br_eq writer, ${packed(id)}, done
  trap "another let go of it"
done:
  call mailbox_release(0, ${packed(id)})
  ret status
}
`;
  const writers = program(`include "pool:sync/mailbox.pasm"
window queues words ${Mailbox.size(1)} {
}
${write('a', 1, 7)}${write('b', 2, 8)}`);
  model(
    'is let go of by its writer, and then another may write',
    {
      ...writers,
      initial: (words) => void Mailbox.create(words, BASE, { owner: owner(0) }),
      final: (end) => {
        const [message, last] = [new BigUint64Array(1), Mailbox.attach(end.words, BASE, { owner: owner(3) })];
        end.assert(last.tryRead(message) === 'ok' && last.claim(), 'there is a message, and nobody is the writer');
        const refused = ['a', 'b'].some((name) => end.observed(name) === CLOSED);
        end.assert(!refused, 'a writer is alone with what it writes');
      },
    },
    {
      outcomes: ['a=1 b=1', 'a=1 b=3', 'a=3 b=1'],
      planted: [
        { name: 'who writes is changed by load and store', bug: { torn: isWriter }, shows: 'final condition' },
        {
          name: 'who writes is relaxed',
          bug: { updates: isWriter, loads: isWriter },
          shows: 'final condition',
          weak: true,
        },
      ],
    },
  );
});

describe('the semaphore in assembly', () => {
  const OWNERS = 3;
  const COUNT = Semaphore.size(OWNERS);
  const thread = (name: string, id: number): string => `func thread_${name}() {
  call acquired, semaphore_try_acquire(0, ${packed(id)}, 1)
  br_unless acquired, busy
  shared_load n, queues[COUNT]
  i64.add n, n, 1
  shared_store queues[COUNT], n
  call _, semaphore_release(0, ${packed(id)}, 1)
  ret
busy:
  shared_fetch_add _, queues[COUNT + 1], 1
  ret
}
`;
  const threads = program(`include "pool:sync/semaphore.pasm"
const COUNT = ${COUNT}
window queues words COUNT + 2 {
}
${thread('a', 1)}${thread('b', 2)}`);
  model(
    'excludes whoever tries',
    {
      ...threads,
      initial: (words) => void Semaphore.create(words, BASE, 1, { owners: OWNERS, owner: owner(0) }),
      final: (end) => {
        const [counted, refused] = [COUNT, COUNT + 1].map((at) => end.words.load(at as Address)) as [bigint, bigint];
        end.assert(counted + refused === 2n, `${counted} counted, ${refused} refused`);
      },
    },
    {
      planted: [
        {
          name: 'its words are changed by load and store',
          bug: { torn: (at) => at < COUNT },
          shows: 'final condition',
        },
      ],
    },
  );
});
