import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Job,
  JobError,
  type LogLine,
  nodeThreads,
  prepareJob,
  type RunOptions,
  runJob,
  SetupError,
  type StartThread,
} from '../src/index.ts';
import { BUILT, JOBS, JobFolder } from './support/job-folder.ts';

const startThread = nodeThreads(BUILT);
const FOREVER = 'func main() {\nagain:\n  br again\n}\n';
const DONE = 'func main() {\n  ret\n}\n';
/** Parks on a word that nobody changes. */
const PARKED = 'window flags {\n  never\n}\nfunc main() {\n  shared_wait _, flags.never, 0, -1\n  ret\n}\n';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

/** A job of programs by name; `rest` is more of the manifest. */
async function job(programs: Record<string, string>, rest = ''): Promise<Job> {
  const lines = Object.entries(programs).map(([name, text]) => {
    folder.write(`${name}.pasm`, text);
    const windows = text.startsWith('window flags') ? ', windows: { flags: { words: flags } }' : '';
    return `  ${name}: { source: ${name}.pasm${windows} }`;
  });
  return prepareJob(
    folder.write('job.yaml', `job: test\nobjects: { flags: { words: 16 } }\nprograms:\n${lines.join('\n')}\n${rest}`),
  );
}

async function failure(of: Job, options: RunOptions = {}): Promise<JobError> {
  const error = await runJob(of, { startThread, ...options }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof JobError) return error;
  throw new Error('the job did not fail with a JobError', { cause: error });
}

describe('a job whose segments are a ring', () => {
  it('publishes more than there is room for, and nobody retires', async () => {
    folder.write(
      'post.pasm',
      `window mail {
  slot letter
}
func main() -> left {
  i64.const left, 20
again:
  segment_draft letter, mail, 8
  swap_segment _, mail.letter, letter
  i64.sub left, left, 1
  br_ne left, 0, again
  ret left
}
`,
    );
    const manifest = folder.write(
      'job.yaml',
      `job: ring
objects: { letters: { slots: 1 } }
segments: { count: 4, bytes: 64, reuse: { ring: 2 } }
programs:
  post: { source: post.pasm, windows: { mail: { slots: letters } } }
`,
    );
    const result = await runJob(await prepareJob(manifest), { startThread });
    expect(result.programs[0]?.values).toEqual([0n]);
  });

  it('needs more segments than the ring has places', async () => {
    const preparing = job({ done: DONE }, 'segments: { count: 4, bytes: 64, reuse: { ring: 4 } }\n');
    await expect(preparing).rejects.toThrow('a ring of 4 segments needs more than 4');
  });
});

describe('a program that loses a segment it holds', () => {
  /** One thread that acquires a segment, publishes others, and retires these and the first, if that is asked for. */
  function losing(others: number, retired: 'retired' | 'left', last: string): string {
    return `window flags {
}
memory 1
func main() -> length {
  segment_draft first, flags, 8
  segment_publish first, 8
  segment_acquire length, first
  ${retired === 'retired' ? 'segment_retire first' : ''}
  i64.const left, ${others}
again:
  segment_draft letter, flags, 8
  segment_publish letter, 8
  ${retired === 'retired' ? 'segment_retire letter' : ''}
  i64.sub left, left, 1
  br_ne left, 0, again
  ${last}
  ret length
}
`;
  }
  const READ = 'segment_read 0, first, 0, length';
  const SEGMENTS = 'segments: { count: 64, bytes: 64, reuse: ';

  it.each([
    ['ring: 4', losing(4, 'left', READ)],
    ['ring: 4', losing(4, 'left', 'segment_acquire length, first')],
    ['epoch: { limit: 2 }', losing(32, 'retired', READ)],
    ['epoch: { limit: 2 }', losing(32, 'retired', 'segment_acquire length, first')],
  ])('traps, and the job fails: { %s }', async (reuse, text) => {
    const error = await failure(await job({ main: text }, `${SEGMENTS}{ ${reuse} } }\n`));
    expect(error.fault).toBe('trap');
    expect(error.message).toContain('stale segment');
  });

  it.each([
    ['{ ring: 4 }', losing(3, 'left', READ)],
    ['{ ring: 4 }', losing(4, 'left', 'segment_release first')],
    ['epoch', losing(32, 'retired', READ)],
    ['counted', losing(32, 'retired', READ)],
  ])('does not where it has it still, or only lets go of it: %s', async (reuse, text) => {
    const result = await runJob(await job({ main: text }, `${SEGMENTS}${reuse} }\n`), { startThread });
    expect(result.programs[0]?.values).toEqual([8n]);
  });

  it('is what the paced ring has none of', async () => {
    const result = await runJob(await prepareJob(join(JOBS, 'paced-ring.yaml')), { startThread });
    expect(result.results[0]).toMatchObject({
      counters: [
        { name: 'sent', value: 1_000n },
        { name: 'read', value: 1_000n },
        { name: 'sum', value: 499_500n },
      ],
    });
  });
});

describe('a job that is done', () => {
  it('gives what each instance returned', async () => {
    folder.write(
      'who.pasm',
      'func main(index, count, base) -> who {\n  i64.mul who, index, count\n  i64.add who, who, base\n  ret who\n}\n',
    );
    const manifest =
      'job: test\nprograms:\n  who: { source: who.pasm, instances: 3, arguments: [instance, instances, 100] }\n';
    const result = await runJob(await prepareJob(folder.write('job.yaml', manifest)), { startThread });
    expect(result.programs).toMatchObject([
      { name: 'who', instances: 3, engine: 'interpreter', values: [100n, 103n, 106n] },
    ]);
    expect(result.programs[0]?.fuelUsed).toBeGreaterThan(0);
  });

  describe('whose programs log', () => {
    async function talking(): Promise<Job> {
      folder.write('talk.pasm', 'import log(value)\nfunc main(who) {\n  call log(who)\n  call log(-1)\n  ret\n}\n');
      const manifest =
        'job: test\nprograms:\n  talk: { source: talk.pasm, instances: 2, arguments: [instance], imports: [log] }\n';
      return prepareJob(folder.write('job.yaml', manifest));
    }
    it('tells the host each word before it is done', async () => {
      const lines: LogLine[] = [];
      await runJob(await talking(), { startThread, onLog: (line) => lines.push(line) });
      for (const [index, instance] of ['talk#0', 'talk#1'].entries())
        expect(lines.filter((line) => line.instance === instance)).toEqual([
          { instance, value: BigInt(index) },
          { instance, value: 2n ** 64n - 1n },
        ]);
    });
    it('fails with what the host throws when it is told', async () => {
      const onLog = (): never => {
        throw new RangeError('no room for a log');
      };
      await expect(runJob(await talking(), { startThread, onLog })).rejects.toThrow('no room for a log');
    });
  });

  it('shares its words between instances', async () => {
    folder.write(
      'add.pasm',
      'window sums {\n  total @ SUMS_TOTAL_AT\n}\nfunc main() {\n  i64.const left, 1000\nagain:\n  shared_fetch_add _, sums.total, 1\n  i64.sub left, left, 1\n  br_if left, again\n  ret\n}\n',
    );
    const manifest =
      'job: test\nobjects: { sums: { counters: [total] } }\nprograms:\n  add: { source: add.pasm, instances: 2, windows: { sums: { words: sums } } }\nresults: [{ counters: sums }]\n';
    const result = await runJob(await prepareJob(folder.write('job.yaml', manifest)), { startThread });
    expect(result.results).toEqual([{ kind: 'counters', title: 'sums', counters: [{ name: 'total', value: 2000n }] }]);
  });
});

describe('a job that fails is stopped whole', () => {
  it('when a program traps, while another waits forever', async () => {
    const error = await failure(await job({ parked: PARKED, wrong: 'func main() {\n  trap "so it goes"\n}\n' }));
    expect(error).toMatchObject({ fault: 'trap', instance: 'wrong#0' });
    expect(error.message).toContain('so it goes');
    expect(error.message).toMatch(/wrong\.pasm:2:3/);
  });

  it('when a program has used up its fuel', async () => {
    const manifest = 'job: test\nprograms:\n  busy: { source: busy.pasm, fuel: 50_000 }\n'.replace('50_000', '50000');
    folder.write('busy.pasm', FOREVER);
    const error = await failure(await prepareJob(folder.write('job.yaml', manifest)));
    expect(error).toMatchObject({ fault: 'out of fuel', instance: 'busy#0' });
    expect(error.message).toMatch(/50000.*busy\.pasm:3:3/s);
  });

  it('when its time is up', async () => {
    const error = await failure(await job({ busy: FOREVER, parked: PARKED }, 'limits: { time: 200 ms }'));
    expect(error).toMatchObject({ fault: 'out of time' });
    expect(error.message).toContain('0.2 s');
  });

  it('when the caller cancels it', async () => {
    const cancel = new AbortController();
    const starting: StartThread = (name) => {
      cancel.abort();
      return startThread(name);
    };
    expect(
      await failure(await job({ parked: PARKED }), { startThread: starting, signal: cancel.signal }),
    ).toMatchObject({ fault: 'cancelled' });
  });

  it('when a worker thread dies without a word', async () => {
    const dying: StartThread = (name) => {
      const thread = startThread(name);
      if (name === 'busy#0') thread.terminate();
      return thread;
    };
    const error = await failure(await job({ busy: FOREVER, parked: PARKED }), { startThread: dying });
    expect(error).toMatchObject({ fault: 'death', instance: 'busy#0' });
    expect(error.message).toContain('the worker thread of busy#0 died: it ended without a word');
  });

  it('when a worker script is broken', async () => {
    const script = new URL(`file://${folder.write('broken.mjs', "throw new Error('no such luck');\n")}`);
    const error = await failure(await job({ done: DONE }), { startThread: nodeThreads({ ...BUILT, script }) });
    expect(error).toMatchObject({ fault: 'death', instance: 'done#0' });
    expect(error.message).toContain('no such luck');
  });

  it('when a program reaches for a segment of a domain that it was not granted', async () => {
    const thief = `include "pool:sync/word-queue.pasm"
window queues words CHUNKS_WORDS {
}
data handle = words 0
func main() {
  call _, word_queue_receive(CHUNKS_OFFSET, handle)
  i64.load segment, [handle]
  segment_acquire _, segment
  ret
}
`;
    folder.write('thief.pasm', thief);
    folder.write('reader.pasm', 'window texts {\n}\nfunc main() {\n  ret\n}\n');
    const manifest = `job: test
objects: { chunks: { queue: 2 } }
segments: { count: 4, bytes: 128 }
programs:
  reader: { source: reader.pasm, windows: { texts: { domain: texts } } }
  thief: { source: thief.pasm, windows: { queues: { words: chunks } } }
input: { queue: chunks, domain: texts, chunk-bytes: 64, files: [job.yaml] }
`;
    const error = await failure(await prepareJob(folder.write('job.yaml', manifest)));
    expect(error).toMatchObject({ fault: 'trap', instance: 'thief#0' });
    expect(error.message).toContain('foreign segment');
    expect(error.message).toMatch(/thief\.pasm:8:3/);
  });

  it('when what a program sends as a result is no segment of the domain', async () => {
    folder.write(
      'liar.pasm',
      'include "pool:sync/word-queue.pasm"\nwindow queues words OUT_WORDS {\n}\nfunc main() {\n  call _, word_queue_send(OUT_OFFSET, 12345)\n  ret\n}\n',
    );
    const manifest =
      'job: test\nobjects: { out: { queue: 2 } }\nsegments: { count: 2, bytes: 64 }\nprograms:\n  liar: { source: liar.pasm, windows: { queues: { words: out } } }\nresults: [{ table: out }]\n';
    const error = await failure(await prepareJob(folder.write('job.yaml', manifest)));
    expect(error).toMatchObject({ fault: 'result' });
    expect(error.message).toContain('what came through `out` is no result');
  });

  it('when a program overwrites the queue that its results come through', async () => {
    folder.write(
      'vandal.pasm',
      'window queues words OUT_WORDS {\n}\nfunc main() {\n  i64.const at, 0\nagain:\n  shared_store queues[at], -1\n  i64.add at, at, 1\n  br_lt_u at, OUT_WORDS, again\n  ret\n}\n',
    );
    const manifest =
      'job: test\nobjects: { out: { queue: 2 } }\nsegments: { count: 2, bytes: 64 }\nprograms:\n  vandal: { source: vandal.pasm, windows: { queues: { words: out } } }\nresults: [{ table: out }]\n';
    expect(await failure(await prepareJob(folder.write('job.yaml', manifest)))).toMatchObject({ fault: 'result' });
  });
});

describe('input that programs leave unread', () => {
  const TAKES_ONE = `include "pool:sync/word-queue.pasm"
window queues words CHUNKS_WORDS {
}
data handle = words 0
func main() {
  call _, word_queue_receive(CHUNKS_OFFSET, handle)
  ret
}
`;
  const manifest = (segments: number): string => `job: test
objects: { chunks: { queue: 2 } }
segments: { count: ${segments}, bytes: 64 }
programs:
  reader: { source: reader.pasm, windows: { queues: { words: chunks } } }
input: { queue: chunks, chunk-bytes: 32, files: [text.txt] }
`;
  const ending = (bytes: number, segments: number, program = TAKES_ONE): Promise<JobError> => {
    folder.write('text.txt', 'x'.repeat(bytes));
    folder.write('reader.pasm', program);
    return prepareJob(folder.write('job.yaml', manifest(segments))).then((prepared) => failure(prepared));
  };

  it('fails the job while the host waits for a segment', async () => {
    const error = await ending(200, 1);
    expect(error).toMatchObject({ fault: 'input' });
    expect(error.message).toBe('the programs ended before the input: they left 6 chunks (168 bytes) unread');
  });
  it('fails the job while the host waits for room in the queue', async () => {
    const error = await ending(200, 8);
    expect(error.message).toBe('the programs ended before the input: they left 6 chunks (168 bytes) unread');
  });
  it('fails the job when all of it was handed out', async () => {
    const error = await ending(70, 8);
    expect(error.message).toBe('the programs ended before the input: they left 2 chunks (38 bytes) unread');
  });
  it('fails the job when a program has overwritten the queue', async () => {
    const vandal =
      'window queues words CHUNKS_WORDS {\n}\nfunc main() {\n  i64.const at, 0\nagain:\n  shared_store queues[at], -1\n  i64.add at, at, 1\n  br_lt_u at, CHUNKS_WORDS, again\n  ret\n}\n';
    expect(await ending(200, 8, vandal)).toMatchObject({ fault: 'input' });
    expect(await ending(200, 1, vandal)).toMatchObject({ fault: 'input' });
  });
  it('is none if they took everything', async () => {
    folder.write('text.txt', 'x'.repeat(32));
    folder.write('reader.pasm', TAKES_ONE);
    const result = await runJob(await prepareJob(folder.write('job.yaml', manifest(1))), { startThread });
    expect(result.input).toEqual({ files: 1, bytes: 32, chunks: 1, fileBytes: [32] });
  });
});

describe('a job that cannot be started', () => {
  it('says so before any thread is', async () => {
    let started = 0;
    const counting: StartThread = (name) => {
      started += 1;
      return startThread(name);
    };
    const prepared = await job({ done: DONE });
    const tooLarge = { ...prepared, plan: { ...prepared.plan, pool: { ...prepared.plan.pool, words: 2 ** 40 } } };
    await expect(runJob(tooLarge, { startThread: counting })).rejects.toThrow(SetupError);
    expect(started).toBe(0);
  });
});
