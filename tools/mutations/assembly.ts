/** Bugs in the routines in assembly that programs use the objects of sync with. */
import { type Mutation, modelled } from './mutation.ts';

const QUEUE = 'packages/sync/asm/word-queue.pasm';

export const OF_ASSEMBLY: readonly Mutation[] = [
  {
    name: 'a program stamps a cell before it writes the value',
    bug: 'early publish',
    file: QUEUE,
    replace: `  shared_store queues[value_at], value
  i64.add stamp, position, 1
  shared_store queues[cell], stamp `,
    by: `  i64.add stamp, position, 1
  shared_store queues[cell], stamp
  shared_store queues[value_at], value `,
    test: modelled('assembly.model.ts', 'the word queue in assembly > passes on what is sent (sc)'),
  },
  {
    name: 'a program claims a cell that belongs to the lap before',
    bug: 'full unreported',
    file: QUEUE,
    replace: '  br_eq stamp, position, claim\n',
    by: '  br_le_u stamp, position, claim\n',
    test: {
      project: 'sync',
      file: 'packages/sync/test/word-queue-assembly.test.ts',
      name: 'is the same queue as the one in TypeScript, whoever does what',
    },
  },
  {
    name: 'a program that has announced itself parks without another look',
    bug: 'lost wake-up',
    file: QUEUE,
    replace: `  call status, word_queue_try_receive(queue, into)
  br_ne status, QUEUE_EMPTY, leave
`,
    by: `  br_ne status, QUEUE_EMPTY, leave
`,
    test: modelled('assembly-waiting.model.ts', 'the word queue in assembly > wakes a receiver that sleeps'),
  },
  {
    name: 'a program frees a mutex without a look at who waits',
    bug: 'lost wake-up',
    file: 'packages/sync/asm/mutex.pasm',
    replace: '  shared_notify woken, queues[at], 1\n  br_if woken, done\n',
    by: '',
    test: modelled('assembly-waiting.model.ts', 'the locks in assembly > a mutex wakes who sleeps for it'),
  },
  {
    name: "a program takes a mutex in nobody's name",
    bug: 'death at every step',
    file: 'packages/sync/asm/mutex.pasm',
    replace: '  i64.or mine, mine, adding\n',
    by: '  i64.or mine, mine, adding\n  i64.and mine, mine, MUTEX_FLAGS\n  i64.or mine, mine, 8\n',
    test: {
      project: 'sync',
      file: 'packages/sync/test/mutex-assembly.test.ts',
      name: 'excludes hosts and is excluded by them, and tells of deaths either way',
    },
  },
];
