/** The debugger's commands, in this process: what a person types and reads. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { assemble, formatErrors, load } from '@pool/vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instantiateAlone } from '../src/debug/lone-instance.ts';
import { DebugSession } from '../src/debug/session.ts';
import { converse } from '../src/debug/terminal.ts';
import { JobFolder } from './support/job-folder.ts';
import { SUM } from './support/sum-program.ts';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function session(source = SUM, given: readonly bigint[] = [3n], options = {}): DebugSession {
  const name = folder.write('sum.pasm', source);
  const assembled = assemble({ name, text: source });
  if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
  const program = load(assembled.bytes);
  return new DebugSession(program, instantiateAlone(program, options).start('main', given));
}

/** Does commands one after the other; gives what the last one printed. */
async function after(subject: DebugSession, ...lines: string[]): Promise<string> {
  let last = '';
  for (const line of lines) {
    const { text: printed, ok } = await subject.execute(line);
    expect(ok, `${line}: ${printed}`).toBe(true);
    last = printed;
  }
  return last.replaceAll(`${folder.path}/`, '');
}
async function refused(subject: DebugSession, line: string): Promise<string> {
  const { text: printed, ok } = await subject.execute(line);
  expect(ok).toBe(false);
  return printed;
}

describe('running', () => {
  it('shows the line that runs next', async () => {
    expect(await after(session(), 'step')).toBe('main at sum.pasm:9:3\n    9     i64.const i, 0');
  });
  it('steps so many times, into calls, and goes over them', async () => {
    expect(await after(session(), 'step 3')).toMatch(/^add at sum\.pasm:18:3/);
    expect(await after(session(), 'next 3')).toMatch(/^main at sum\.pasm:12:3/);
  });
  it('finishes a function', async () => {
    expect(await after(session(), 'step 3', 'finish')).toMatch(/^main at sum\.pasm:12:3/);
  });
  it('runs to the end and says what came out', async () => {
    expect(await after(session(), 'continue')).toBe('done: 3');
    expect(await after(session(SUM.replace('ret sum', 'ret -1')), 'c')).toBe('done: 18446744073709551615 (-1)');
  });
  it('shows a trap with its back trace', async () => {
    const subject = session(SUM.replace('i64.add value, a, b', 'i64.div_u value, a, b'));
    expect(await after(subject, 'c')).toMatch(
      /^trap in sum: integer divide by zero\n {4}at add \(sum\.pasm:18:3\)\n {4}at main \(sum\.pasm:11:3\)$/,
    );
    expect(subject.lastStop?.kind).toBe('trap');
    expect(await refused(subject, 'step')).toBe('the instance sum has ended');
  });
  it('numbers the calls of a deep trace past those that it leaves out', async () => {
    const subject = session('func main(n) -> r {\n  i64.add n, n, 1\n  call r, main(n)\n  ret r\n}', [0n]);
    await after(subject, 'step 100', 'continue');
    expect(await after(subject, 'trace')).toMatch(
      /\n#15 .*\n\.\.\. 969 more\n#985 .*(\n#\d+ .*)*\n#1000 {2}main \(sum\.pasm:3:3\)$/,
    );
  });
  it('runs out of fuel, and goes on with more', async () => {
    const subject = session(SUM, [3n], { fuel: 10 });
    expect(await after(subject, 'fuel')).toBe('10 left');
    expect(await after(subject, 'c')).toMatch(/^out of fuel\nmain at sum\.pasm:/);
    expect(await after(subject, 'fuel 100', 'c')).toBe('done: 3');
    expect(await after(session(), 'fuel')).toBe('no limit');
  });
  it('is interrupted while it runs', async () => {
    const subject = session('func main(n) {\nagain:\n  i64.add n, n, 1\n  br again\n}');
    const running = subject.execute('continue');
    subject.interrupt();
    expect((await running).text).toMatch(/^interrupted\nmain at /);
    const stepping = subject.execute('step 1_000_000_000_000');
    expect(subject.interrupt()).toBe(true);
    expect((await stepping).text).toMatch(/^main at /);
    expect(subject.interrupt()).toBe(false);
  });
});

describe('stops', () => {
  it('at a function, a line, a line of a file', async () => {
    const subject = session();
    expect(await after(subject, 'break add')).toBe('breakpoint 1: add at sum.pasm:18:3\n   18     i64.add value, a, b');
    expect(await after(subject, 'break 14')).toMatch(/^breakpoint 2: main at sum\.pasm:14:3/);
    expect(await after(subject, 'break sum.pasm:10')).toMatch(/^breakpoint 3: main at sum\.pasm:11:3/);
    expect(await after(subject, 'b')).toBe(
      '1  add at sum.pasm:18:3\n2  main at sum.pasm:14:3\n3  main at sum.pasm:11:3',
    );
    expect(await after(subject, 'c')).toMatch(/^breakpoint 3\nmain at sum\.pasm:11:3/);
    expect(await after(subject, 'delete 3 1', 'c')).toMatch(/^breakpoint 2\nmain at sum\.pasm:14:3/);
    expect(await after(subject, 'd 2', 'b')).toBe('no breakpoints');
  });
  it('when a word changes', async () => {
    const subject = session();
    expect(await after(subject, 'watch job.next')).toBe('watch 1: job.next is 0');
    expect(await after(subject, 'c')).toMatch(/^watch 1: job\.next was 0, is 1\nmain at sum\.pasm:13:3/);
    expect(await after(subject, 'watch job[2]')).toBe('watch 2: job[2] is 0');
    expect(await after(subject, 'b')).toBe('1  watch job.next\n2  watch job[2]');
  });
  it('when any word of a place changes', async () => {
    const subject = session(SUM.replace('job.next, i', 'job.cells[i], i'));
    expect(await after(subject, 'watch job.cells')).toBe('watch 1: job.cells, 4 words');
    expect(await after(subject, 'c')).toMatch(/^watch 1: job\.cells\[1\] was 0, is 1\nmain at sum\.pasm:13:3/);
    expect(await after(subject, 'c')).toMatch(/^watch 1: job\.cells\[2\] was 0, is 2\n/);
  });
  it('nowhere that is not there', async () => {
    expect(await refused(session(), 'break sub')).toBe(
      'there is no function sub, and it is no line (there is main, add)',
    );
    expect(await refused(session(), 'break man')).toContain('(did you mean `main`?)');
    expect(await refused(session(), 'break 0')).toBe('a line is a whole number from 1 on, not 0');
    expect(await refused(session(), 'break other.pasm:3')).toContain('has no file other.pasm; it has ');
    expect(await refused(session(), 'break 99')).toContain('has no code at line 99 or behind it');
    expect(await refused(session(), 'watch job.nxt')).toContain('there are no words job.nxt');
    expect(await refused(session(), 'watch job[16]')).toBe('job has 16 words, and no word 16');
    expect(await refused(session(), 'watch')).toBe('usage: watch PLACE[INDEX]');
    expect(await refused(session(), 'delete 7')).toBe('there is no breakpoint or watch 7');
    expect(await refused(session(), 'delete seven')).toBe('seven is not a whole number of at least 0');
  });
  it('once at a place', async () => {
    const subject = session();
    await after(subject, 'break add', 'watch job.next');
    expect((await refused(subject, 'break 18')).replace(folder.path, '')).toBe(
      'breakpoint 1 stops at add (/sum.pasm:18:3) already',
    );
    expect(await refused(subject, 'watch job[0]')).toBe('watch 2 watches job.next already');
  });
});

describe('commands that are not quite right', () => {
  it.each([
    ['step -1', '-1 is not a whole number of at least 0'],
    ['step 0', '0 is no number of times: 1 is the least'],
    ['next 1.5', '1.5 is not a whole number of at least 0'],
    ['step 1 2', 'step takes no 2 (usage: step [COUNT])'],
    ['continue 5', 'continue takes no 5 (usage: continue)'],
    ['c 5', 'continue takes no 5 (usage: continue)'],
    ['break main add', 'break takes no add (usage: break [FUNCTION | LINE | FILE:LINE])'],
    ['watch job.next 3', 'watch takes no 3 (usage: watch PLACE[INDEX])'],
    ['watch job.cells[x]', 'x is not a whole number of at least 0'],
    ['watch job.cells[', 'there are no words job.cells['],
    ['words job.cells[1] 2 3', 'words takes no 3 (usage: words [PLACE[INDEX] [COUNT]])'],
    ['words job 0', '0 is no number of words: 1 is the least'],
    ['memory 64 8 8', 'memory takes no 8 (usage: memory ADDRESS [LENGTH])'],
    ['list man', 'there is no function man, and it is no line (did you mean `main`?)'],
    ['fuel -5', '-5 is not a whole number of at least 0'],
    ['quit now', 'quit takes no now (usage: quit)'],
    ['stp', 'there is no command stp (did you mean `step`?)'],
  ])('%s', async (line, message) => {
    const subject = session();
    expect(await refused(subject, line)).toContain(message);
    expect(subject.hasQuit).toBe(false);
    expect(subject.lastStop).toBeUndefined();
  });
});

describe('looking around', () => {
  it('registers, of this function and of a caller', async () => {
    const subject = session();
    expect(await after(subject, 'step 3', 'registers')).toBe(
      [
        'register  bits                unsigned  signed  double',
        'a         0x0000000000000000         0       0       0',
        'b         0x0000000000000000         0       0       0',
        'value     not written yet',
      ].join('\n'),
    );
    expect(await after(subject, 'registers 1')).toMatch(/\nlimit +0x0000000000000003 +3 +3 +1\.5e-323\n/);
    expect(await refused(subject, 'registers 2')).toBe('there is no frame 2; the outermost is 1');
  });
  it('private memory', async () => {
    const subject = session();
    expect(await after(subject, 'memory 64 8')).toBe(
      '00000040  68 65 6c 6c 6f 00 00 00                          hello...',
    );
    expect((await after(subject, 'memory 0x40')).split('\n')).toHaveLength(4);
    expect(await after(subject, 'memory limit 1')).toMatch(/^00000003 {2}00/);
    expect(await refused(subject, 'memory 65536')).toBe('private memory has 65536 bytes, and none at 65536');
    expect(await refused(subject, 'memory x')).toBe('x is neither a number nor a register');
  });
  it('words of the pool', async () => {
    const subject = session();
    expect(await after(subject, 'words')).toBe('job        16 words\njob.next     1 word\njob.cells   4 words');
    expect(await after(subject, 'c', 'words job.next')).toBe('job.next  3');
    expect(await after(subject, 'words job[14] 9')).toBe('job[14]  0\njob[15]  0');
    expect(await after(subject, 'words job.cells')).toBe(
      'job.cells[0]  0\njob.cells[1]  0\njob.cells[2]  0\njob.cells[3]  0',
    );
    expect((await after(session(SUM, [3n], { words: 100 }), 'words job')).split('\n').slice(-2)).toEqual([
      'job[63]  0',
      '(64 of 100 words)',
    ]);
    expect(await refused(subject, 'words jb')).toContain('there are no words jb');
  });
  it('more words than the program asks for', async () => {
    expect(await after(session(SUM, [3n], { words: 64 }), 'words')).toMatch(/^job +64 words/);
  });
  it('the calls that have not returned', async () => {
    expect(await after(session(), 'step 3', 'trace')).toBe('#0  add (sum.pasm:18:3)\n#1  main (sum.pasm:11:3)');
  });
  it('the source, around here and further on', async () => {
    const subject = session();
    expect(await after(subject, 'list')).toMatch(
      /^ {4}3 {3}window job[\s\S]*\n {4}8 > {3}i64\.const sum, 0\n[\s\S]*\n {3}13 /,
    );
    expect(await after(subject, 'list')).toMatch(/\n {3}20 {3}}$/);
    expect(await refused(subject, 'list')).toMatch(/sum\.pasm ends at line 20$/);
    expect(await refused(subject, 'list 21')).toMatch(/sum\.pasm ends at line 20$/);
    expect(await after(subject, 'list add')).toContain('func add(a, b) -> value {');
  });
});

describe('the terminal', () => {
  async function typed(lines: string, interactive: boolean): Promise<{ output: string; failed: number }> {
    const input = new PassThrough();
    const output = new PassThrough();
    input.end(lines);
    const failed = await converse(session(), { input, output, interactive, signal: new AbortController().signal });
    output.end();
    return { output: await text(output), failed };
  }

  it('takes a script to its end, and counts what could not be done', async () => {
    const { output, failed } = await typed('# a comment\n\nbreak add\nc\nbreka 3\nquit\nstep\n', false);
    expect(output).toContain('breakpoint 1\nadd at');
    expect(output).toMatch(/there is no command breka \(did you mean `break`\?\)\n$/);
    expect(failed).toBe(1);
  });
  it('repeats the last step at an empty line, for people', async () => {
    const { output } = await typed('next\n\n\nquit\n', true);
    expect(output).toContain('(pool) ');
    expect(output).toContain(':12:3');
  });
  /** A person at a terminal: waits for what comes before typing on. */
  async function conversation(
    subject: DebugSession,
    talk: (type: (keys: string) => void, until: (said: string) => Promise<void>) => Promise<void>,
  ): Promise<string> {
    const input = new PassThrough();
    const output = new PassThrough();
    let heard = '';
    let from = 0;
    const until = async (said: string): Promise<void> => {
      while (!heard.includes(said, from)) await once(output, 'data');
      from = heard.indexOf(said, from) + said.length;
    };
    output.on('data', (data) => {
      heard += data;
    });
    const done = converse(subject, { input, output, interactive: true, signal: new AbortController().signal });
    await talk((keys) => void input.write(keys), until);
    await done;
    return heard;
  }

  it('forgets a half-typed line at Ctrl-C', async () => {
    const heard = await conversation(session(), async (type, until) => {
      await until('(pool) ');
      type('delete everyth');
      await until('delete everyth');
      type('\x03');
      await until('(quit leaves)');
      type('step\r');
      await until(':9:3');
      type('quit\r');
    });
    expect(heard).not.toContain('there is no');
    expect(heard).not.toContain('everythstep');
  });
  it('forgets what was typed ahead at Ctrl-C', async () => {
    const running = Promise.withResolvers<void>();
    const subject = session(
      'import begin()\nfunc main(n) {\n  call begin()\nagain:\n  i64.add n, n, 1\n  br again\n}',
      [0n],
      { onImport: () => running.resolve() },
    );
    const heard = await conversation(subject, async (type, until) => {
      await until('(pool) ');
      type('continue\r');
      await running.promise;
      type('quit\rfuel\rhelp\rhal');
      await until('hal');
      type('\x03');
      await until('interrupted');
      await until('(pool) ');
      type('trace\r');
      await until('#0  main');
      type('quit\r');
    });
    expect(heard).not.toContain('no limit');
    expect(heard).not.toContain('there is no');
  });
  it('knows commands by their beginnings, if there is one only', async () => {
    expect(await after(session(), 'regi')).toContain('limit');
    expect(await refused(session(), 'wat')).toBe('usage: watch PLACE[INDEX]');
    expect(await refused(session(), 'fx')).toBe('there is no command fx (help lists them)');
  });
  it('completes commands, functions, places and registers', () => {
    const subject = session();
    expect(subject.complete('b')).toEqual([['break '], 'b']);
    expect(subject.complete('break a')).toEqual([['add'], 'a']);
    expect(subject.complete('watch job.')).toEqual([['job.next', 'job.cells'], 'job.']);
    expect(subject.complete('m l')).toEqual([['limit'], 'l']);
    expect(subject.complete('nonsense x')).toEqual([[], 'x']);
  });
  it('lists every command', async () => {
    const help = await after(session(), 'help');
    for (const name of 'break delete step next finish continue registers memory words watch trace list fuel help quit'.split(
      ' ',
    ))
      expect(help).toMatch(new RegExp(`^${name}\\b`, 'm'));
  });
});
