import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder, MAIN_JOB } from './support/job-folder.ts';
import { type Finished, pool } from './support/run-command.ts';

const MANIFEST = `job: test
objects:
  flags: { words: 4 }
programs:
  worker:
    source: worker.pasm
    windows:
      flags: { words: flags }
`;
const PROGRAM = `window flags {
  first
  last @ 3
}

func main() {
  shared_store flags.last, 1
  ret
}
`;

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

async function run(manifest: string, program: string, ...args: string[]): Promise<Finished> {
  folder.write('job.yaml', manifest);
  folder.write('worker.pasm', program);
  return pool(['run', 'job.yaml', ...args], { cwd: folder.path });
}

describe('pool run', () => {
  it('runs a job, and ends with 0', async () => {
    const { code, stdout, stderr } = await run(MANIFEST, PROGRAM);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/worker {2}1 instance {2}interpreter {2}\d+ fuel/);
  });

  it('prints tables and totals, and what was read', async () => {
    const text = folder.write('text.txt', 'The end of the beginning');
    const { code, stdout } = await pool(['run', MAIN_JOB, '--input', text, '--workers', '1', '--top', '2']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Most frequent words (2 of 4)\n  #  word       count\n  1  the            2\n  2  beginning      1\n',
    );
    expect(stdout).toContain(`${text}: 0.00 MiB in 1 chunk`);
  });

  it('prints the results only, when told to be quiet', async () => {
    const text = folder.write('text.txt', 'a');
    const { stdout, stderr } = await pool(['run', MAIN_JOB, '--quiet', '--input', text]);
    expect(stdout).toMatch(/chunks +1\n$/);
    expect(stderr).toBe('');
  });

  it('prints what programs log, and gives them a clock', async () => {
    const program = `window flags {
  last
}
import log(value)
import clock() -> time
func main() {
  call before, clock()
  call log(-1)
  call after, clock()
  br_lt_u after, before, back
  shared_store flags.last, 1
  call log(7)
  ret
back:
  trap "the clock went back"
}
`;
    const manifest = MANIFEST.replace('    windows', '    imports: [log, clock]\n    instances: 2\n    windows');
    const { code, stdout, stderr } = await run(manifest, program);
    expect(code).toBe(0);
    expect(stdout).not.toContain('worker#');
    const lines = stderr.trimEnd().split('\n');
    for (const instance of ['worker#0', 'worker#1'])
      expect(lines.filter((line) => line.startsWith(instance))).toEqual([
        `${instance}: 18446744073709551615 (-1)`,
        `${instance}: 7`,
      ]);
    expect(await run(manifest, program, '--quiet')).toEqual({ code: 0, stdout: '\n', stderr: '' });
  });

  it('prints the beginning of a log that has no end, and what was logged before a trap', async () => {
    const program = `window flags {
  last
}
import log(value)
func main() {
  i64.const i, 0
next:
  call log(i)
  i64.add i, i, 1
  br_lt_u i, 101_000, next
  trap "enough"
}
`;
    const { code, stderr } = await run(MANIFEST.replace('    windows', '    imports: [log]\n    windows'), program);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^worker#0: 0\nworker#0: 1\n/);
    expect(stderr).toMatch(/\nworker#0: 999\nworker#0: 100,000 more left out\npool: .*enough/s);
  });

  it('is done all the same when nobody reads its log', async () => {
    const program = `window flags {
  last
}
import log(value)
func main() {
  i64.const i, 0
next:
  call log(i)
  i64.add i, i, 1
  br_lt_u i, 2_000, next
  shared_store flags.last, i
  ret
}
`;
    folder.write('job.yaml', MANIFEST.replace('    windows', '    imports: [log]\n    windows'));
    folder.write('worker.pasm', program);
    const { code, stdout } = await pool(['run', 'job.yaml'], { cwd: folder.path, stderr: 'closed' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/worker {2}1 instance/);
  });

  it('prints JSON, and nothing else', async () => {
    const files = [folder.write('one.txt', 'b a b'), folder.write('two.txt', '')];
    const { code, stdout } = await pool(['run', MAIN_JOB, '--json', '--workers', '2', '--input', ...files]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      job: 'word frequency',
      input: {
        files: [
          { name: files[0], bytes: 5 },
          { name: files[1], bytes: 0 },
        ],
        bytes: 5,
        chunks: 1,
      },
      programs: [
        { name: 'mapper', instances: 2 },
        { name: 'reducer', instances: 1 },
      ],
      results: [
        {
          total: 2,
          records: [
            { word: 'b', count: 2 },
            { word: 'a', count: 1 },
          ],
        },
        { records: [{ word: 'a', bytes: 1 }] },
        { counters: { words: 3, distinct: 2, bytes: 5, chunks: 1 } },
      ],
    });
  });

  it('reads a named pipe from its beginning to its end, and counts what came', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    let written: Promise<void> | undefined;
    const { code, stdout } = await pool(['run', MAIN_JOB, '--json', '--input', pipe], {
      onStart: () => {
        written = writeFile(pipe, 'word '.repeat(200_000));
      },
    });
    await written; // rejects if the command hung up on it
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      input: { files: [{ name: pipe, bytes: 1_000_000 }], bytes: 1_000_000, chunks: 16 },
    });
  });

  it('ends with 143 when it is terminated', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    let writer: Promise<FileHandle> | undefined;
    const finished = await pool(['run', MAIN_JOB, '--input', pipe], {
      onStart: (kill) => {
        writer = open(pipe, 'w'); // as soon as the command has opened the other end
        void writer.then(() => kill('SIGTERM'));
      },
    });
    await (await writer)?.close();
    expect(finished).toEqual({ code: 143, stdout: '', stderr: 'pool: the job was cancelled\n' });
  });

  it('ends with 130 when it is interrupted, even while it reads from a pipe that nobody writes to', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const interrupt = async (kill: (signal: NodeJS.Signals) => void): Promise<void> => {
      writer = await open(pipe, 'w'); // as soon as the command has opened the other end
      kill('SIGINT');
    };
    let writer: FileHandle | undefined;
    try {
      const finished = await pool(['run', MAIN_JOB, '--input', pipe], { onStart: (kill) => void interrupt(kill) });
      expect(finished).toEqual({ code: 130, stdout: '', stderr: 'pool: the job was cancelled\n' });
    } finally {
      await writer?.close();
    }
  });
});

describe('standard output that takes nothing', () => {
  it('full', async () => {
    const full = await open('/dev/full', 'w');
    try {
      folder.write('job.yaml', MANIFEST);
      folder.write('worker.pasm', PROGRAM);
      const finished = await pool(['run', 'job.yaml'], { cwd: folder.path, stdout: full.fd });
      expect(finished).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^pool: standard output cannot be written: .*ENOSPC.*\n$/),
      });
    } finally {
      await full.close();
    }
  });
  it('closed by whoever read it', async () => {
    folder.write('job.yaml', MANIFEST);
    folder.write('worker.pasm', PROGRAM);
    const finished = await pool(['run', 'job.yaml'], { cwd: folder.path, stdout: 'closed' });
    expect(finished).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^pool: standard output cannot be written: .*EPIPE.*\n$/),
    });
  });
});

describe('help', () => {
  it.each([[['--help']], [['run', '--help']]])('%j says what the exit codes mean', async (args) => {
    const { code, stdout } = await pool(args);
    expect(code).toBe(0);
    expect(stdout).toContain('Exit codes:');
  });
  it('--version', async () => {
    expect(await pool(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

/** One clear message, the right exit code, and nothing on standard output: nothing was half done. */
function expectRefused(finished: Finished, code: number, ...messages: (string | RegExp)[]): void {
  expect(finished).toMatchObject({ code, stdout: '' });
  for (const message of messages) expect(finished.stderr).toMatch(message);
  expect(finished.stderr).not.toMatch(/\n {4,}at .*(node:|\.js:)/);
}

describe('wrong usage ends with 2', () => {
  it.each<[string, args: string[], message: string]>([
    ['no command', [], 'Usage: pool'],
    ['an unknown command', ['rum'], "unknown command 'rum'"],
    ['an unknown option', ['run', 'job.yaml', '--worker', '2'], 'Did you mean --workers?'],
    ['no manifest', ['run'], "missing required argument 'manifest'"],
    [
      'a manifest that --input took',
      ['run', '--input', 'a.txt', 'add.yaml'],
      '--input took add.yaml as a file: put the manifest first, or behind --',
    ],
    ['too much', ['run', 'a.yaml', 'b.yaml'], 'too many arguments'],
    ['no number of workers', ['run', 'job.yaml', '--workers', 'two'], 'A whole number of 1..1024 is expected'],
    ['no workers', ['run', 'job.yaml', '--workers', '0'], 'A whole number of 1..1024 is expected'],
    ['no duration', ['run', 'job.yaml', '--time-limit', 'long'], 'A duration is expected'],
    ['no file after --input', ['run', 'job.yaml', '--input'], 'argument missing'],
  ])('%s', async (_, args, message) => {
    expectRefused(await pool(args, { cwd: folder.path }), 2, message);
  });
});

describe('a wrong job ends with 2', () => {
  it('no such manifest', async () => {
    expectRefused(await pool(['run', 'no.yaml'], { cwd: folder.path }), 2, 'pool: no.yaml: there is no such manifest');
  });
  it('a folder for a manifest', async () => {
    expectRefused(await pool(['run', '.'], { cwd: folder.path }), 2, 'this is a directory, not a manifest');
  });
  it('a wrong manifest', async () => {
    const wrong = MANIFEST.replace('words: 4', 'wrods: 4');
    expectRefused(
      await run(wrong, PROGRAM),
      2,
      /^pool: job\.yaml:3:12: objects\.flags\.wrods: there is no such key \(did you mean `words`\?\)\n$/,
    );
  });
  it('no such program', async () => {
    const wrong = MANIFEST.replace('worker.pasm', 'walker.pasm');
    expectRefused(
      await run(wrong, PROGRAM),
      2,
      /job\.yaml:6:13: programs\.worker\.source: walker\.pasm: there is no such program/,
    );
  });
  it('no such input file', async () => {
    const good = folder.write('good.txt', 'good');
    const finished = await pool(['run', MAIN_JOB, '--input', good, 'bad.txt', 'worse.txt'], { cwd: folder.path });
    expectRefused(finished, 2, /bad\.txt: there is no such input file/, /worse\.txt: there is no such input file/);
  });
  it('input for a job without', async () => {
    expectRefused(await run(MANIFEST, PROGRAM, '--input', 'x'), 2, 'this job takes no input');
  });
  it('a package that is not installed', async () => {
    const wrong = `${MANIFEST.replace('flags: { words: 4 }', 'flags: { queue: 2 }')}segments: { count: 2, bytes: 128 }\ninput: { queue: flags, chunk-bytes: 8, files: [{ package: no-such, match: '*' }] }\n`;
    expectRefused(
      await run(wrong, PROGRAM),
      2,
      /job\.yaml:10:\d+: input\.files\[0\]\.package: the package `no-such` is not installed here/,
    );
  });
  it('an unknown opcode', async () => {
    expectRefused(
      await run(MANIFEST, PROGRAM.replace('shared_store', 'shared_stoer')),
      2,
      /worker\.pasm:7:3: error: .*shared_stoer/,
      'shared_store',
    );
  });
  it('a register that is read before it is written', async () => {
    expectRefused(
      await run(MANIFEST, PROGRAM.replace('flags.last, 1', 'flags.last, unset')),
      2,
      /worker\.pasm:7:\d+: .*unset/,
    );
  });
  it('an include that is not there', async () => {
    expectRefused(
      await run(MANIFEST, `include "pool:sync/no-queue.pasm"\n${PROGRAM}`),
      2,
      /worker\.pasm:1:\d+: .*no-queue\.pasm/,
    );
  });
  it('an include from elsewhere, of which it shows nothing', async () => {
    const finished = await run(MANIFEST, `include "/etc/hosts"\n${PROGRAM}`);
    expectRefused(finished, 2, /worker\.pasm:1:\d+: /, 'note: "/etc/hosts" is not inside ., and includes are');
    expect(finished.stderr).not.toContain('localhost');
  });
  it('a window that is too small', async () => {
    const message =
      /job\.yaml:8:14: programs\.worker\.windows\.flags: the window is too small: the program needs 4 words, and 3 are granted/;
    expectRefused(await run(MANIFEST.replace('words: 4', 'words: 3'), PROGRAM), 2, message);
  });
  it('a window that is not granted', async () => {
    expectRefused(
      await run(MANIFEST.replace('flags: { words: flags }', 'flag: { words: flags }'), PROGRAM),
      2,
      /the program needs a window `flags`, which is not granted/,
    );
  });
  it.each([
    ['import log(value)', 'call log(1)', '', 'the program imports `log`, which is not granted (imports: [log])'],
    [
      'import lock(value)',
      'call lock(1)',
      '',
      'the program imports `lock`, and the host has no such function (did you',
    ],
    [
      'import log(a, b)',
      'call log(1, 2)',
      'log',
      'the program imports `log` with 2 parameters and no result (it has 1 parameter and no result)',
    ],
    [
      'import log(a) -> b',
      'call _, log(1)',
      'log',
      'the program imports `log` with 1 parameter and a result (it has 1 parameter and no result)',
    ],
    ['', 'nop', 'clock', 'the program imports no `clock`'],
  ])('functions of the host: %s', async (declaration, call, granted, message) => {
    const program = PROGRAM.replace('func main() {', `${declaration}\nfunc main() {\n  ${call}`);
    const { code, stderr } = await run(
      MANIFEST.replace('    windows', `    imports: [${granted}]\n    windows`),
      program,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^pool: job\.yaml:\d+:\d+: programs\.worker\.imports/);
    expect(stderr).toContain(message);
  });
  it('an entry that the program does not have', async () => {
    expectRefused(
      await run(`${MANIFEST}    entry: mian\n`, PROGRAM),
      2,
      /job\.yaml:9:12: programs\.worker\.entry: the program has no function `mian` \(did you mean `main`\?\)/,
    );
  });
  it('another number of arguments', async () => {
    expectRefused(
      await run(`${MANIFEST}    arguments: [1, 2]\n`, PROGRAM),
      2,
      /`main` takes 0 arguments, and 2 are given/,
    );
  });
  it('more memory at the start than the limit', async () => {
    expectRefused(await run(`${MANIFEST}    memory: 64 KiB\n`, `memory 2\n${PROGRAM}`), 2, /2 pages/);
  });
  it('a pool that is too small', async () => {
    expectRefused(
      await run(`pool: { words: 8 }\n${MANIFEST}`, PROGRAM),
      2,
      /job\.yaml:1:16: pool\.words: the objects and segments of this job take \d+ words/,
    );
  });
  it('a pool larger than any memory', async () => {
    expectRefused(
      await run(MANIFEST.replace('flags: { words: 4 }', 'flags: { words: 536870912 }\n  more: { words: 1 }'), PROGRAM),
      2,
      /job\.yaml:3:3: objects: these objects and segments take 536870928 words, and the largest pool has 536870912/,
    );
  });
  it('segments larger than any memory', async () => {
    expectRefused(
      await run(`${MANIFEST}segments: { count: 1048576, bytes: 4 GiB }\n`, PROGRAM),
      2,
      /job\.yaml:9:11: segments: 1048576 segments of 4294967296 bytes are more than the largest pool holds/,
    );
  });
  it('more segments than a pool has entries', async () => {
    expectRefused(
      await run(`${MANIFEST}segments: { count: 16777215, per-instance: 1, bytes: 8 }\n`, PROGRAM),
      2,
      /job\.yaml:9:11: segments: these are 16777216 segments, and at most 16777215 can be/,
    );
  });
  it('a pool that may grow to less than the smallest', async () => {
    expectRefused(
      await run(`pool: { max-words: 16 }\n${MANIFEST}`, PROGRAM),
      2,
      /job\.yaml:1:7: no pool for this job: .*`maxWords` is an integer of \d+\.\.536870912/,
    );
  });
  it('a pool that may grow to less than it has', async () => {
    expectRefused(
      await run(`pool: { max-words: 8 }\n${MANIFEST}`, PROGRAM),
      2,
      /job\.yaml:1:20: pool\.max-words: the pool has 16 words from the beginning/,
    );
  });
  it('more threads than a pool has owners', async () => {
    const programs = Array.from(
      { length: 64 },
      (_, index) => `  p${index}: { source: worker.pasm, instances: 1024, windows: { flags: { words: flags } } }\n`,
    );
    expectRefused(
      await run(`${MANIFEST}${programs.join('')}`, PROGRAM),
      2,
      /job\.yaml:5:3: programs: these are 65537 instances, and at most 65535 can be/,
    );
  });
  it('a window with a name that every JavaScript object has', async () => {
    const program = PROGRAM.replace('window flags', 'window constructor').replace('flags.last', 'constructor.last');
    expectRefused(
      await run(MANIFEST.replace('flags: { words: flags }', '{}').replace('windows:\n      ', 'windows: '), program),
      2,
      /the program needs a window `constructor`, which is not granted/,
    );
  });
});

describe('a job that fails ends with 1', () => {
  it('a trap, with program, line and reason', async () => {
    const finished = await run(MANIFEST, PROGRAM.replace('shared_store flags.last, 1', 'i64.div_u _, 1, 0'));
    expectRefused(finished, 1, 'integer divide by zero', /worker#0/, /worker\.pasm:7:3/);
  });
  it('a trap whose words would write to the terminal', async () => {
    const shouting = PROGRAM.replace('shared_store flags.last, 1', 'trap "\\x1b]0;mine\\x07\\npool: done"');
    expectRefused(await run(MANIFEST, shouting), 1, 'explicit trap: \\u{1b}]0;mine\\u{7}\\u{a}pool: done\n');
  });
  it('a word outside the window', async () => {
    const finished = await run(
      MANIFEST,
      PROGRAM.replace('shared_store flags.last, 1', 'i64.const at, 4\n  shared_store flags[at], 1'),
    );
    expectRefused(finished, 1, /worker#0/, /worker\.pasm:8:3/);
  });
  it('no fuel left', async () => {
    expectRefused(await run(`${MANIFEST}    fuel: 2\n`, PROGRAM), 1, 'worker#0 used up its fuel of 2');
  });
  it('no private memory left', async () => {
    const words = Array.from({ length: 40_000 }, (_, index) =>
      index.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? ''),
    );
    const text = folder.write('text.txt', words.join(' '));
    const manifest = readFileSync(folder.wordFrequency(65_536), 'utf8');
    folder.write('small.yaml', manifest.replace('256 MiB', '1 MiB'));
    const finished = await pool(['run', 'small.yaml', '--input', text], { cwd: folder.path });
    expectRefused(finished, 1, 'private memory is full', /mapper#\d/, /heap\.pasm:\d+/);
  });
  it('no time left', async () => {
    const forever = PROGRAM.replace('  shared_store flags.last, 1\n  ret', 'again:\n  br again');
    expectRefused(
      await run(MANIFEST, forever, '--time-limit', '300 ms'),
      1,
      'the job was not done within its time limit of 0.3 s',
    );
  });
});
