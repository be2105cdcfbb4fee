/** Bugs in the host of threads. */
import type { Mutation } from './mutation.ts';

const tested = (name: string): Mutation['test'] => ({
  project: 'runner',
  file: 'apps/runner/test/reclaiming.test.ts',
  name,
});

export const OF_HOSTS: readonly Mutation[] = [
  {
    name: 'the pool is given up once all threads were told to end',
    bug: 'reclaim before exit',
    file: 'apps/runner/src/run/run-job.ts',
    replace: "  await gone; // the pool is others' as long as one of them is there\n",
    by: '',
    test: tested('gives up its pool once each of them has exited, and not when it was told to'),
  },
  {
    name: 'a thread counts as gone when it is told to end',
    bug: 'reclaim before exit',
    file: 'apps/runner/src/run/instance.ts',
    replace: 'terminate: () => thread.terminate() };',
    by: 'terminate: () => (thread.terminate(), gone.resolve()) };',
    test: tested('gives up its pool once each of them has exited, and not when it was told to'),
  },
  {
    name: 'nobody hears of a thread that exits without a word',
    bug: 'hang on death',
    file: 'apps/runner/src/run/instance.ts',
    replace:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source's
      "    ended.reject(new JobError('death', `the worker thread of ${name} died: ${why}`, name, { cause: error }));\n",
    by: '',
    test: tested('fails when one of them exits without a word'),
  },
];
