/** The commands that take one program's file, as processes: what they print, write and end with. */
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder } from './support/job-folder.ts';
import { type Finished, pool } from './support/run-command.ts';
import { SUM } from './support/sum-program.ts';

const TRAPS = 'func main(n) -> q {\n  i64.const q, 1\n  i64.div_u q, q, n\n  ret q\n}\n';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
  folder.write('sum.pasm', SUM);
  folder.write('traps.pasm', TRAPS);
  folder.write('wrong.pasm', 'func main() {\n  i64.ad x, 1\n}\n');
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function run(...args: string[]): Promise<Finished> {
  return pool(args, { cwd: folder.path });
}
function debug(input: string, ...args: string[]): Promise<Finished> {
  return pool(['debug', ...args], { cwd: folder.path, input });
}
function bytes(name: string): Buffer {
  return readFileSync(join(folder.path, name));
}

/** A binary in which something was changed: `find` is looked for as bytes. */
async function damaged(find: readonly number[], change: readonly number[]): Promise<string> {
  await run('asm', 'sum.pasm');
  const binary = bytes('sum.pvm');
  const at = binary.indexOf(Buffer.from(find));
  expect(at).toBeGreaterThan(0);
  binary.set(change, at);
  folder.write('damaged.pvm', binary);
  return 'damaged.pvm';
}

describe.each(['asm', 'disasm', 'verify', 'debug', 'profile'])('pool %s', (command) => {
  it('has help with its exit codes', async () => {
    const { code, stdout } = await run(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: pool ${command}`);
    expect(stdout).toMatch(/Exit codes:\n {2}0 {4}.+\n {2}1 {4}.+\n {2}2 {4}/);
  });
  it('says that a file is not there', async () => {
    expect(await run(command, 'no.pasm')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'pool: no.pasm: there is no such program\n',
    });
  });
  it('says that a folder is no file', async () => {
    const finished = await run(command, '.');
    expect(finished).toEqual({ code: 2, stdout: '', stderr: 'pool: .: this is a directory, not a program\n' });
  });
  it('wants a file', async () => {
    expect(await run(command)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/missing required argument/),
    });
  });
});

describe.each(['asm', 'verify', 'debug', 'profile'])('pool %s', (command) => {
  it('shows errors of the text with line and hint', async () => {
    const { code, stdout, stderr } = await run(command, 'wrong.pasm');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^wrong\.pasm:2:3: error: .*i64\.ad\n2 \| {3}i64\.ad x, 1\n.*\^\n {2}hint: did you mean i64\.add\?\n$/,
    );
  });
});

describe.each(['disasm', 'verify', 'debug', 'profile'])('pool %s', (command) => {
  it('refuses a binary that is cut off', async () => {
    await run('asm', 'sum.pasm');
    folder.write('cut.pvm', bytes('sum.pvm').subarray(0, 100));
    const { code, stdout, stderr } = await run(command, 'cut.pvm');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^cut\.pvm: the program is truncated: .* \(at byte 100\)\n$/);
  });
});

describe.each([
  ['verify', 'empty.pvm', 1, /^empty\.pvm: this is not a program: .* \(at byte 0\)\n$/],
  ['disasm', 'empty.pvm', 1, /^empty\.pvm: this file is empty\n$/],
  ['asm', 'empty.pvm', 1, /^empty\.pvm:1:1: error: a program has at least one function\n/],
  ['verify', 'magic.pvm', 1, /^magic\.pvm: this is not a program: /],
  ['disasm', 'noise.bin', 1, /^noise\.bin: .*\(at byte 0\)\n$/],
  ['profile', 'noise.bin', 1, /^noise\.bin: .*\(at byte 0\)\n$/],
  ['asm', '/dev/zero', 2, /^pool: \/dev\/zero: this file has more than 256\.0 MiB, and no program has\n$/],
  ['verify', '/dev/zero', 2, /^pool: \/dev\/zero: this file has more than 256\.0 MiB, and no program has\n$/],
])('pool %s %s', (command, file, code, message) => {
  it(`ends with ${code}`, async () => {
    folder.write('empty.pvm', '');
    folder.write('magic.pvm', 'PVM');
    folder.write(
      'noise.bin',
      Uint8Array.from({ length: 999 }, (_, at) => (at * 73) & 0xff),
    );
    const finished = await run(command, file);
    expect(finished).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  });
});

describe('pool asm', () => {
  it('writes beside the text', async () => {
    const { code, stdout, stderr } = await run('asm', 'sum.pasm');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`sum.pvm: 2 functions, 9 instructions, ${bytes('sum.pvm').length} bytes\n`);
  });
  it('writes where it is told to, with constants and includes', async () => {
    folder.write('main.pasm', 'include "limit.pasm"\nfunc main() -> value {\n  ret LIMIT * SCALE\n}\n');
    const inside = new JobFolder();
    inside.write('limit.pasm', 'const LIMIT = 0x10\n');
    const { code } = await run(
      'asm',
      'main.pasm',
      '-o',
      'out.bin',
      '--constants',
      'SCALE=-3',
      '--include',
      inside.path,
    );
    inside[Symbol.dispose]();
    expect(code).toBe(0);
    expect((await debug('c\n', 'out.bin')).stdout).toContain('(-48)');
  });
  it('does not take a binary, of whatever kind', async () => {
    await run('asm', 'sum.pasm');
    expect(await run('asm', 'sum.pvm')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'sum.pvm: this is a binary program already (pool disasm makes a text of one)\n',
    });
    folder.write(
      'other.pasm',
      Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256),
    );
    const { code, stderr } = await run('asm', 'other.pasm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^other\.pasm:1:1: error: this is not a text: it has zero bytes\n/);
    expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
  it('tells a hundred errors, and how many more there are', async () => {
    folder.write('many.pasm', `func main() {\n${'  i64.ad x, 1\n'.repeat(2000)}}\n`);
    const { code, stderr } = await run('asm', 'many.pasm');
    expect(code).toBe(1);
    expect(stderr.match(/: error: /g)).toHaveLength(100);
    expect(stderr).toMatch(/\nand 1900 more errors\n$/);
  });
  it('writes nothing if there are errors', async () => {
    await run('asm', 'wrong.pasm');
    expect(existsSync(join(folder.path, 'wrong.pvm'))).toBe(false);
  });
  it('says that it cannot write', async () => {
    expect(await run('asm', 'sum.pasm', '-o', 'no/sum.pvm')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no\/sum\.pvm: this file cannot be written/),
    });
  });
  it('wants constants with numbers', async () => {
    expect(await run('asm', 'sum.pasm', '-c', 'SCALE')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/NAME=NUMBER is expected/),
    });
  });
});

it('pool asm takes a constant once', async () => {
  const twice = await run('asm', 'sum.pasm', '-c', 'SCALE=1', '-c', 'SCALE=2');
  expect(twice).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('SCALE is given twice.') });
});

describe('pool asm onto its source', () => {
  it.each<[string, (path: string, link: string) => void]>([
    ['itself', (path, link) => writeFileSync(link, path)],
    ['a symbolic link', (path, link) => symlinkSync(path, link)],
    ['a hard link', (path, link) => linkSync(path, link)],
  ])('by %s is refused, and the source stays', async (what, link) => {
    const output = what === 'itself' ? './sum.pasm' : 'link.pvm';
    link(join(folder.path, 'sum.pasm'), join(folder.path, 'link.pvm'));
    expect(await run('asm', 'sum.pasm', '-o', output)).toEqual({
      code: 2,
      stdout: '',
      stderr: `pool: ${output}: this is the source itself, and would be overwritten\n`,
    });
    expect(bytes('sum.pasm').toString()).toBe(SUM);
  });
});

describe('a source that is no UTF-8', () => {
  const text = (...lines: string[]): Buffer => Buffer.from(lines.join('\n'), 'latin1');
  it.each(['asm', 'verify', 'debug', 'profile'])('is an error of pool %s, at its line and column', async (command) => {
    folder.write('latin.pasm', text('func main() {', '  trap "caf\xe9"', '}'));
    expect(await run(command, 'latin.pasm')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'latin.pasm:2:12: error: the byte 0xe9 is no UTF-8, which sources are written in\n',
    });
  });
  it('is one where it is included, too, and at its end', async () => {
    folder.write('part.pasm', Buffer.concat([Buffer.from('\ufeff; \u{1f600} '), Buffer.of(0xe2, 0x82)]));
    folder.write('main.pasm', 'include "part.pasm"\nfunc main() {\n  ret\n}\n');
    expect(await run('asm', 'main.pasm')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^part\.pasm:1:\d+: error: the byte 0xe2 is no UTF-8/),
    });
  });
});

describe('pool disasm', () => {
  it('prints a text that assembles to the same bytes', async () => {
    await run('asm', 'sum.pasm');
    const { code, stdout } = await run('disasm', 'sum.pvm');
    expect(code).toBe(0);
    folder.write('again.pasm', stdout);
    expect((await run('asm', 'again.pasm')).code).toBe(0);
    expect(bytes('again.pvm')).toEqual(bytes('sum.pvm'));
    await run('disasm', 'sum.pvm', '-o', 'written.pasm');
    expect(bytes('written.pasm').toString()).toBe(stdout);
  });
  it('does not take a text', async () => {
    expect(await run('disasm', 'sum.pasm')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/this is a text, not a binary program/),
    });
  });
});

describe('pool verify', () => {
  it.each(['sum.pasm', 'sum.pvm'])('%s: says what the program needs', async (file) => {
    await run('asm', 'sum.pasm');
    const { code, stdout } = await run('verify', file);
    expect(code).toBe(0);
    expect(stdout).toContain('sum: verified\n  functions   2, 9 instructions\n');
    expect(stdout).toContain('  window job  16 words, 0 slots\n');
    expect(stdout).toContain('  segments    not used\n');
  });
  it('lists every violation with its rule, function and line', async () => {
    // i64.add value, a, b -> i64.add r200, r100, b
    const file = await damaged([0x00, 0x30, 2, 0, 1], [0x00, 0x30, 200, 100, 1]);
    const { code, stdout, stderr } = await run('verify', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^sum\.pasm:18:3: error: .*200.* \[register\] in add, instruction 0$/),
      expect.stringMatching(/^sum\.pasm:18:3: error: .*100.* \[register\] in add, instruction 0$/),
    ]);
  });
});

it('pool verify tells the first hundred violations of very many', async () => {
  const adds = '  i64.add r, r, r\n'.repeat(500);
  folder.write('many.pasm', `func main(r) -> r {\n${adds}  ret r\n}\n`);
  await run('asm', 'many.pasm');
  const binary = bytes('many.pvm');
  const add = Buffer.from([0x00, 0x30, 0, 0, 0, 0, 0, 0]);
  for (let at = binary.indexOf(add); at >= 0; at = binary.indexOf(add, at + 8)) binary[at + 2] = 200;
  folder.write('many.pvm', binary);
  const { code, stderr } = await run('verify', 'many.pvm');
  const lines = stderr.trimEnd().split('\n');
  expect(code).toBe(1);
  expect(lines).toHaveLength(101);
  expect(lines[99]).toMatch(/^many\.pasm:101:3: error: .*200.* \[register\] in main, instruction 99$/);
  expect(lines[100]).toBe('many.pvm: and 400 more errors');
});

describe('pool profile', () => {
  it('shows where instructions go', async () => {
    const { code, stdout } = await run('profile', 'sum.pasm', '--', '100');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^done: 4950, after 603 instructions\n/);
    expect(stdout).toMatch(/66\.8 % +403 +1 {2}main\n33\.2 % +200 +100 {2}add\n/);
    expect(stdout).toMatch(/16\.6 % +100 {2}add +sum\.pasm:18 {2}i64\.add value, a, b\n/);
  });
  it('ends with 1 where the program traps, or has no fuel left', async () => {
    expect(await run('profile', 'traps.pasm', '--', '0')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^trap, after 2 instructions\n/),
      stderr: 'trap in traps: integer divide by zero\n    at main (traps.pasm:3:3)\n',
    });
    expect(await run('profile', 'sum.pasm', '--fuel', '20', '--', '100')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^exhausted, after \d+ instructions/),
      stderr: expect.stringMatching(/^sum used up its fuel at main \(sum\.pasm:\d+:3\)\n$/),
    });
  });
  it('wants a function and values that fit', async () => {
    expect(await run('profile', 'sum.pasm')).toMatchObject({
      code: 2,
      stderr: 'pool: the function `main` takes 1 value, and 0 are given (values stand behind --)\n',
    });
    expect(await run('profile', 'sum.pasm', '-e', 'man')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/did you mean `main`/),
    });
    expect(await run('profile', 'sum.pasm', '--', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Integers such as/),
    });
  });
});

describe('pool debug', () => {
  it('takes a script from standard input', async () => {
    const { code, stdout, stderr } = await debug(
      'break add\ncontinue\nregisters\nfinish\ndelete 1\ncontinue\n',
      'sum.pasm',
      '--',
      '3',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/breakpoint 1\nadd at sum\.pasm:18:3\n {3}18 {5}i64\.add value, a, b\nregister /);
    expect(stdout).toMatch(/done: 3\n$/);
  });
  it('ends with 1 where the program trapped', async () => {
    expect(await debug('c\nbt\n', 'traps.pasm', '--', '0')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^trap in traps: /),
    });
  });
  it('ends with 2 where a command could not be done', async () => {
    expect(await debug('brek 3\nquit\n', 'sum.pasm', '--', '3')).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/there is no command brek \(did you mean `break`\?\)\n$/),
      stderr: 'pool: 1 command could not be done\n',
    });
  });
  it('grants windows with more words, if told to', async () => {
    expect((await debug('words\n', 'sum.pasm', '--words', '64', '--', '3')).stdout).toContain('job        64 words');
  });
  it('prints calls of imported functions, which give 0', async () => {
    folder.write(
      'imports.pasm',
      'import now() -> time\nimport log(a, b)\nfunc main() -> t {\n  call t, now()\n  call log(t, 7)\n  ret t\n}\n',
    );
    const { code, stdout } = await debug('continue\n', 'imports.pasm');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nimport now\(\) gives 0\nimport log\(0, 7\)\ndone: 0\n$/);
    expect((await run('profile', 'imports.pasm')).stdout).toMatch(/^done: 0, after 4 instructions\n/);
    expect((await run('verify', 'imports.pasm')).stdout).toMatch(
      / import now +0 parameters, a value\n +import log +2 parameters, no value\n/,
    );
  });
  it('can be interrupted while the program runs', async () => {
    folder.write('forever.pasm', 'func main() {\nagain:\n  br again\n}\n');
    const finished = await pool(['debug', 'forever.pasm'], {
      cwd: folder.path,
      input: 'continue\n',
      onOutput: (kill) => kill('SIGINT'),
    });
    expect(finished).toMatchObject({ code: 130, stderr: 'pool: the session was cancelled\n' });
  });
});

describe.each(['profile', 'debug'])('pool %s', (command) => {
  it('lets no program write to the terminal', async () => {
    folder.write('shouts.pasm', 'func main() {\n  trap "\\x1b]0;mine\\x07\\npool: done"\n}\n');
    const { code, stdout, stderr } = await pool([command, 'shouts.pasm'], { cwd: folder.path, input: 'continue\n' });
    expect(code).toBe(1);
    expect(stderr).toContain('explicit trap: \\u{1b}]0;mine\\u{7}\\u{a}pool: done\n');
    for (const control of ['\x1b', '\x07']) expect(stdout + stderr).not.toContain(control);
  });
});
