/** The routines in assembly, as they ship: the same scenarios as of their twins in TypeScript. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MUTEX, ONE_SHOT, WORD_QUEUE } from '@pool/sync';
import { assemble, formatErrors, load } from '@pool/vm';
import { describe } from 'vitest';
import { type ModelProgram, programThreads } from '../../src/index.ts';
import { model } from './model.ts';

const require = createRequire(import.meta.url);

/** `WORD_QUEUE_ITEM_WAITERS` of `itemWaiters`. */
function constants(prefix: string, offsets: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(offsets).map(([field, offset]) => [
    `${prefix}_${field.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`,
    offset,
  ]);
}

const CONSTANTS: Record<string, number> = Object.fromEntries([
  ...constants('WORD_QUEUE', WORD_QUEUE.offsets),
  ...constants('MUTEX', MUTEX.offsets),
  ...constants('ONE_SHOT', ONE_SHOT.offsets),
]);

function program(text: string): ModelProgram {
  const result = assemble(
    { name: 'model.pasm', text },
    {
      constants: CONSTANTS,
      include: (path) => {
        const name = path.replace(/^pool:sync\//, '');
        return { name, text: readFileSync(require.resolve(`@pool/sync/asm/${name}`), 'utf8') };
      },
    },
  );
  if (!result.ok) throw new Error(formatErrors(result.errors));
  return programThreads(load(result.bytes));
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
});

describe('the one-shot in assembly', () => {
  model(
    'is received by one of two',
    program(`include "pool:sync/one-shot.pasm"
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
    { outcomes: ['a=2 b=3', 'a=3 b=2'] },
  );
});
