import { describe, expect, it } from 'vitest';
import { SetupError } from '../src/errors.ts';
import { parseManifest } from '../src/manifest/read.ts';

const GOOD = `job: test
objects:
  work: { queue: 4 }
  flags: { words: 8 }
  done: { slots: 2 }
segments: { count: 4, bytes: 1 KiB }
programs:
  worker:
    source: worker.pasm
    windows:
      all: { words: [work, flags], slots: done }
input: { queue: work, chunk-bytes: 512 }
results:
  - { table: done }
limits: { time: 5 s }
`;

function problems(text: string): string[] {
  try {
    parseManifest('job.yaml', text);
  } catch (error) {
    if (error instanceof SetupError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a manifest', () => {
  it('is read, with its defaults', () => {
    const { manifest } = parseManifest('job.yaml', GOOD);
    expect(manifest.programs.worker).toEqual({
      source: 'worker.pasm',
      instances: 1,
      entry: 'main',
      arguments: [],
      windows: { all: { words: ['work', 'flags'], slots: 'done', domain: 'job' } },
      imports: [],
      memory: 64 * 2 ** 20,
    });
    expect(manifest.segments).toEqual({
      count: 4,
      'per-instance': 0,
      bytes: 1024,
      storage: { strategy: 'static' },
      reuse: { policy: 'manual' },
    });
    expect(manifest.limits).toEqual({ time: 5000 });
  });

  it.each([
    ['storage: buddy', { storage: { strategy: 'buddy' } }],
    ['storage: { general: 1 MiB }', { storage: { strategy: 'general', room: 2 ** 20 } }],
    ['reuse: counted', { reuse: { policy: 'counted' } }],
    ['reuse: { ring: 3 }', { reuse: { policy: 'ring', places: 3 } }],
    ['reuse: { epoch: { limit: 2 } }', { reuse: { policy: 'epoch', limit: 2 } }],
  ])('names the strategies of segments: %s', (text, expected) => {
    const { manifest } = parseManifest(
      'job.yaml',
      `job: test\nsegments: { count: 4, bytes: 64, ${text} }\nprograms: { main: { source: main.pasm } }\n`,
    );
    expect(manifest.segments).toMatchObject(expected);
  });

  // Of alternatives, the one that was meant has the complaint, and it is one.
  it.each([
    ['reuse: { epoch: { limit: 0 } }', ['59: segments.reuse.epoch.limit: must be greater than 0']],
    ['reuse: { epoch: { limt: 2 } }', ['52: segments.reuse.epoch.limt: there is no such key (did you mean `limit`?)']],
    ['reuse: { epoch: 5 }', ['50: segments.reuse.epoch: must be a map of keys']],
    ['reuse: { ring: [3] }', ['49: segments.reuse.ring: must be a number']],
    ['reuse: { rign: 3 }', ['43: segments.reuse.rign: there is no such key (did you mean `ring`?)']],
    [
      'reuse: { ring: 3, epoch: { limit: 2 } }',
      ['41: segments.reuse: must be `manual`, `counted`, `epoch`, { ring: PLACES } or { epoch: { limit: SEGMENTS } }'],
    ],
    [
      'storage: { static: 64 KiB }',
      [
        '45: segments.storage.static: there is no such key (must be `static`, `free-list`, `buddy`, `general`, or { general: BYTES }, { buddy: BYTES })',
      ],
    ],
    [
      'storage: {}',
      [
        '43: segments.storage: must be `static`, `free-list`, `buddy`, `general`, or { general: BYTES }, { buddy: BYTES }',
      ],
    ],
    [
      'storage: { general: [1] }',
      ['54: segments.storage.general: expected a number of bytes, such as 4096 or "64 KiB"'],
    ],
    [
      'storage: { general: much }',
      ['54: segments.storage.general: expected a number of bytes, such as 4096 or "64 KiB"'],
    ],
  ])('says what is wrong with a strategy that was meant: %s', (text, expected) => {
    const manifest = `job: test\nsegments: { count: 4, bytes: 64, ${text} }\nprograms: { main: { source: main.pasm } }\n`;
    expect(problems(manifest)).toEqual(expected.map((problem) => `job.yaml:2:${problem}`));
  });

  it('says what a size is that is missing', () => {
    expect(problems(GOOD.replace(', bytes: 1 KiB', ''))).toEqual([
      'job.yaml:6:11: segments.bytes: missing: expected a number of bytes, such as 4096 or "64 KiB"',
    ]);
  });

  it.each<[wrong: string, from: string | RegExp, to: string, expected: string]>([
    ['not YAML', 'job: test', 'job: "test', 'job.yaml:'],
    ['an unknown key', 'limits:', 'limit:', 'job.yaml:15:1: limit: there is no such key (did you mean `limits`?)'],
    [
      'a function that the host has not',
      'source: worker.pasm',
      'source: w.pasm\n    imports: [clok]',
      'job.yaml:10:15: programs.worker.imports[0]: the host has no function `clok` (did you mean `clock`?)',
    ],
    [
      'a function that no host has',
      'source: worker.pasm',
      'source: w.pasm\n    imports: [toString]',
      'job.yaml:10:15: programs.worker.imports[0]: the host has no function `toString` (there is clock, log)',
    ],
    [
      'a function twice',
      'source: worker.pasm',
      'source: w.pasm\n    imports: [log, clock, log]',
      'job.yaml:10:27: programs.worker.imports[2]: `log` is granted twice',
    ],
    [
      'an unknown key within',
      'source: worker.pasm',
      'source: w.pasm\n    instanses: 2',
      'job.yaml:10:5: programs.worker.instanses: there is no such key (did you mean `instances`?)',
    ],
    [
      'an unknown key of an object',
      '{ queue: 4 }',
      '{ queu: 4 }',
      'job.yaml:3:11: objects.work.queu: there is no such key (did you mean `queue`?)',
    ],
    [
      'a missing key',
      'source: worker.pasm',
      'entry: main',
      'job.yaml:9:5: programs.worker.source: missing: a text is expected',
    ],
    ['no programs', /programs:[\s\S]*?(?=input:)/, '', 'job.yaml:1:1: programs: missing: a map of names is expected'],
    [
      'a queue of three',
      'queue: 4',
      'queue: 3',
      'job.yaml:3:18: objects.work.queue: the capacity of a queue is a power of two',
    ],
    [
      'an object of two kinds',
      '{ words: 8 }',
      '{ words: 8, slots: 2 }',
      'job.yaml:4:10: objects.flags: an object is exactly one of `queue`, `words`, `records`, `counters`, `slots`',
    ],
    ['a negative size', 'words: 8', 'words: -8', 'job.yaml:4:19: objects.flags.words: must be greater than 0'],
    [
      'a size that is none',
      '1 KiB',
      '1 KB',
      'job.yaml:6:30: segments.bytes: expected a number of bytes, such as 4096 or "64 KiB"',
    ],
    [
      'a duration that is none',
      '5 s',
      'soon',
      'job.yaml:15:17: limits.time: expected a duration, such as "500 ms", "90 s" or "5 min"',
    ],
    ['a duration that no timer can wait', '5 s', '1000 h', 'job.yaml:15:17: limits.time: too much: at most 2147483647'],
    [
      'instances that are none',
      'source: worker.pasm',
      'source: w.pasm\n    instances: many',
      'job.yaml:10:16: programs.worker.instances: must be a number of 1..1024, or `cores`',
    ],
    ['an unknown policy', 'limits:', 'on-death: restart\nlimits:', 'job.yaml:15:11: on-death: expected "abort"'],
    [
      'a window on nothing',
      '[work, flags]',
      '[work, flag]',
      'job.yaml:11:21: programs.worker.windows.all.words: there is no object `flag` (did you mean `flags`?)',
    ],
    [
      'a window that is not one range',
      '[work, flags]',
      '[flags, work]',
      'job.yaml:11:21: programs.worker.windows.all.words: a window is one range of words: [flags, work] do not follow each other in `objects` (list them there in this order, next to each other)',
    ],
    [
      'words where slots belong',
      'slots: done',
      'slots: flags',
      'job.yaml:11:43: programs.worker.windows.all.slots: `flags` is words, and this takes slots (there is done)',
    ],
    [
      'an input through something else',
      'input: { queue: work',
      'input: { queue: flags',
      'job.yaml:12:17: input.queue: `flags` is words, and this takes queue (there is work)',
    ],
    [
      'chunks larger than segments',
      'chunk-bytes: 512',
      'chunk-bytes: 1000',
      'job.yaml:12:36: input.chunk-bytes: a chunk of 1000 bytes and its header of 32 do not fit a segment of 1024 (segments.bytes: 1032, or smaller chunks)',
    ],
    [
      'a domain that nobody holds',
      'chunk-bytes: 512',
      'chunk-bytes: 512, domain: jib',
      'job.yaml:12:49: input.domain: no program holds the domain `jib`: nobody could read the chunks (did you mean `job`?)',
    ],
    [
      'a result of nothing',
      'table: done',
      'table: dune',
      'job.yaml:14:14: results[0].table: there is no object `dune` (did you mean `done`?)',
    ],
    [
      'a result of two kinds',
      '{ table: done }',
      '{ table: done, counters: flags }',
      'job.yaml:14:5: results[0]: a result is either `counters` or `table`',
    ],
    [
      'a table without segments',
      /segments.*\n([\s\S]*)input.*\n/,
      '$1',
      'job.yaml:12:14: results[0].table: a table travels in segments, and the manifest has no `segments`',
    ],
    [
      'one table for two results',
      'limits:',
      '  - { table: done, title: again }\nlimits:',
      'job.yaml:15:14: results[1].table: `done` is a result already: what is in it can be taken once',
    ],
    ['an alias of nothing', 'job: test', 'job: *nope', 'job.yaml:1:6: there is no anchor `&nope` before this alias'],
    ['a key that is none', 'work: {', '__proto__: {', 'job.yaml:3:3: `__proto__` is no name'],
    ['a name with a control character', 'work: {', '"w\\e": {', 'job.yaml:3:3: objects.w\\u{1b}: a name begins with'],
    [
      'an object that every JavaScript object has',
      '[work, flags]',
      'constructor',
      'job.yaml:11:21: programs.worker.windows.all.words: there is no object `constructor`',
    ],
    [
      'slots that every JavaScript object has',
      'slots: done',
      'slots: valueOf',
      'job.yaml:11:43: programs.worker.windows.all.slots: there is no object `valueOf`',
    ],
    [
      'counters that every JavaScript object has',
      'table: done',
      'counters: toString',
      'job.yaml:14:17: results[0].counters: there is no object `toString`',
    ],
    [
      'counters that are one constant',
      'flags: { words: 8 }',
      'flags: { counters: [x, X] }',
      'job.yaml:4:26: objects.flags.counters[1]: the counter `X` of `flags` and the counter `x` of `flags` are both `FLAGS_X_AT` in programs',
    ],
    [
      'objects that are one constant',
      'done: {',
      'a-b: { words: 1 }\n  a_b: { words: 1 }\n  done: {',
      'job.yaml:6:8: objects.a_b: the object `a_b` and the object `a-b` are both `A_B_OFFSET` in programs',
    ],
    [
      'an object that is what every program gets',
      'done: {',
      'chunk: { words: 1 }\n  done: {',
      'job.yaml:5:10: objects.chunk: the object `chunk` and what every program gets are both `CHUNK_OFFSET` in programs',
    ],
    [
      'programs that are one constant',
      'programs:',
      'programs:\n  Worker: { source: worker.pasm }',
      'job.yaml:10:5: programs.worker: the program `worker` and the program `Worker` are both `INSTANCES_WORKER` in programs',
    ],
    [
      'too many segments',
      'count: 4',
      'count: 9007199254740991',
      'job.yaml:6:20: segments.count: must be at most 536870912',
    ],
    [
      'a reuse that is none',
      '1 KiB }',
      '1 KiB, reuse: rings }',
      'job.yaml:6:44: segments.reuse: must be `manual`, `counted`, `epoch`, { ring: PLACES }',
    ],
    [
      'a storage that is none',
      '1 KiB }',
      '1 KiB, storage: heap }',
      'job.yaml:6:46: segments.storage: must be `static`, `free-list`, `buddy`, `general`',
    ],
    [
      'a ring for what must be read whole',
      '1 KiB }',
      '1 KiB, reuse: { ring: 4 } }',
      'job.yaml:6:44: segments.reuse: a ring keeps the last segments only, and an input or a table must be read whole',
    ],
    ['too large segments', '1 KiB', '9007199254740991', 'job.yaml:6:30: segments.bytes: must be at most 4 GiB'],
    [
      'a pool too large',
      'limits:',
      'pool: { words: 536870913 }\nlimits:',
      'job.yaml:15:16: pool.words: must be at most',
    ],
    [
      'too many instances',
      'source: worker.pasm',
      'source: w.pasm\n    instances: 1025',
      'job.yaml:10:16: programs.worker.instances: must be at most 1024',
    ],
    [
      'more memory than a program can have',
      'source: worker.pasm',
      'source: w.pasm\n    memory: 2 GiB',
      'job.yaml:10:13: programs.worker.memory: must be at most 1 GiB',
    ],
    [
      'half a unit of fuel',
      'source: worker.pasm',
      'source: w.pasm\n    fuel: 0.5',
      'job.yaml:10:11: programs.worker.fuel: must be a whole number',
    ],
    [
      'a list for a map',
      /objects:[\s\S]*?(?=segments:)/,
      'objects: []\n',
      'job.yaml:2:10: objects: must be a map of names',
    ],
    [
      'columns that are one',
      'table: done',
      'table: done, columns: [a, a]',
      'job.yaml:14:29: results[0].columns: the two columns have two names',
    ],
  ])('%s', (_, from, to, expected) => {
    const text = GOOD.replace(from, to);
    expect(text).not.toBe(GOOD);
    const found = problems(text);
    expect(found[0]?.startsWith(expected), `${found.join('\n')}\nis not\n${expected}`).toBe(true);
    expect(found).toHaveLength(1);
  });

  it('with more aliases than can be meant', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => inner).join(', ')}]\n`;
    });
    expect(problems(`${GOOD}${levels.join('')}`)).toEqual([
      expect.stringMatching(/^job\.yaml: not a manifest: .*alias/),
    ]);
  });

  it('with several mistakes has them all named', () => {
    expect(problems(GOOD.replace('queue: 4', 'queue: 3').replace('5 s', 'soon'))).toHaveLength(2);
  });

  it('that is empty misses what it needs', () => {
    expect(problems('')).toEqual([
      'job.yaml:1:1: job: missing: a text is expected',
      'job.yaml:1:1: programs: missing: a map of names is expected',
    ]);
  });
});
