/** `pool check` as a process: what it prints, writes and ends with. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder } from './support/job-folder.ts';
import { type Finished, pool } from './support/run-command.ts';

const SB = `C SB
{}
P0(atomic_int* x, atomic_int* y) {
  atomic_store_explicit(x, 1, memory_order_release);
  int r0 = atomic_load_explicit(y, memory_order_acquire);
}
P1(atomic_int* x, atomic_int* y) {
  atomic_store_explicit(y, 1, memory_order_release);
  int r0 = atomic_load_explicit(x, memory_order_acquire);
}
~exists (0:r0=0 /\\ 1:r0=0)
`;
const COUNTER = `window w {
  count
}
func thread_a() {
  shared_fetch_add _, w.count, 1
  ret
}
func thread_b() {
  shared_fetch_add _, w.count, 1
  ret
}
func final() {
  shared_load count, w.count
  br_eq count, 2, right
  trap "a count is lost"
right:
  ret
}
`;

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
  folder.write('sb.litmus', SB);
  folder.write('counter.pasm', COUNTER);
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function check(...args: string[]): Promise<Finished> {
  return pool(['check', ...args], { cwd: folder.path });
}

describe('pool check', () => {
  it('counts the executions of a litmus test, and ends with 1 if what it claims is not so', async () => {
    const weak = await check('sb.litmus');
    expect(weak).toMatchObject({ code: 1, stderr: 'sb.litmus: 1 violation\n' });
    expect(weak.stdout).toMatch(
      /^sb\.litmus: rc11\n4 executions, 0 blocked, in [\d.]+ ms \([\d,]+ a second\)\noutcomes\n {2}1 {2}0:r0=0; 1:r0=0\n/,
    );
    expect(weak.stdout).toContain('~exists: does not hold (1 as it says, 3 not)\n');
    const strong = await check('sb.litmus', '--model', 'sc');
    expect(strong).toMatchObject({ code: 0, stderr: '' });
    expect(strong.stdout).toContain('3 executions');
  });

  it('explores the threads of a program, and shows a violation step by step', async () => {
    expect(await check('counter.pasm')).toMatchObject({ code: 0, stdout: expect.stringContaining('2 executions') });
    const add = '  shared_load n, w.count\n  i64.add n, n, 1\n  shared_store w.count, n';
    folder.write('lost.pasm', COUNTER.replaceAll('  shared_fetch_add _, w.count, 1', add));
    const { code, stdout } = await check('lost.pasm', '--dot', 'graphs', '--svg', 'graphs');
    expect(code).toBe(1);
    expect(stdout).toContain('final condition: trap in lost: explicit trap: a count is lost');
    expect(stdout).toMatch(/1 {2}a {2}load w\.count gives 0 \(acquire\)/);
    expect(readdirSync(join(folder.path, 'graphs'))).toEqual(['1-final-condition.dot', '1-final-condition.svg']);
    expect(readFileSync(join(folder.path, 'graphs', '1-final-condition.dot'), 'utf8')).toMatch(/^digraph /);
    const picture = readFileSync(join(folder.path, 'graphs', '1-final-condition.svg'), 'utf8');
    expect(picture).toMatch(/^<\?xml .*\n<svg [\s\S]*<\/svg>\n$/);
    expect(picture).toContain('load w.count = 0 (acquire)');
    expect(picture).not.toMatch(/NaN|undefined/);
  });

  it('explores functions that a module exports', async () => {
    const write = 'words.store(0, 1n); words.load(1);';
    const read = 'words.store(1, 1n); words.load(0);';
    folder.write(
      'sb.ts',
      `export default { threads: { a: ({ words }) => { ${write} }, b: ({ words }) => { ${read} } } };\n`,
    );
    expect(await check('sb.ts')).toMatchObject({ code: 0, stdout: expect.stringContaining('4 executions, 0 blocked') });
    folder.write('none.mjs', 'export default {};\n');
    expect(await check('none.mjs')).toMatchObject({
      code: 2,
      stderr: 'pool: none.mjs: the default export is no program to check: it has no `threads`\n',
    });
  });

  it('explores on two threads what one explores', async () => {
    const threads = 'abcdef'.split('').map((name) => `${name}: ({ words }) => { words.fetchAdd(0, 1n); }`);
    folder.write('ainc.mjs', `export default { threads: { ${threads.join(', ')} } };\n`);
    expect(await check('ainc.mjs', '--threads', '2')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('720 executions, 0 blocked'),
    });
    const litmus = await check('sb.litmus', '--threads', '2');
    expect(litmus).toMatchObject({ code: 1, stderr: 'sb.litmus: 1 violation\n' });
    expect(litmus.stdout).toContain('~exists: does not hold (1 as it says, 3 not)\n');
    expect((await check('ainc.mjs', '--threads', '2', '--executions', '1')).code).toBe(0);
  });

  it('prints JSON', async () => {
    const { stdout } = await check('sb.litmus', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'sb.litmus',
      model: 'rc11',
      executions: 4,
      blocked: 0,
      exhausted: true,
      claim: { quantifier: '~exists', holds: false, positive: 1, negative: 3 },
      findings: [],
    });
  });

  it('says when a bound has ended it', async () => {
    const { code, stdout } = await check('sb.litmus', '--executions', '2', '--model', 'sc');
    expect(code).toBe(0);
    expect(stdout).toContain('2 executions');
    expect(stdout).toContain('not exhausted: the bound on executions was reached');
  });

  it('refuses what it cannot check, by name and line', async () => {
    folder.write('loop.litmus', SB.replace('int r0 =', 'for (;;) {}\n  int r0 ='));
    expect(await check('loop.litmus')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'loop.litmus:5: `for` is not supported\n',
    });
    expect(await check('no.litmus')).toMatchObject({ code: 2, stdout: '' });
    folder.write('endless.litmus', SB.replace('int r0 =', 'while (1) {}\n  int r0 ='));
    expect(await check('endless.litmus')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'endless.litmus: thread P0 has paused 1000000 times without touching memory: it does not end\n',
    });
    writeFileSync(join(folder.path, 'latin.litmus'), Buffer.from(SB.replace('{}', '// f\xfcr\n{}'), 'latin1'));
    expect(await check('latin.litmus')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'latin.litmus:2:5: error: the byte 0xfc is no UTF-8, which sources are written in\n',
    });
  });
});
