/** `pool check` as a process: what it prints, writes and ends with. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
    expect(weak.stdout).toContain(
      '\n\nfinal condition: this execution ends as ~exists says that none does\n1  P0  store x = 1',
    );
    expect(weak.stdout).toMatch(/\nfr {2}2 -> 3, 4 -> 1\nends with 0:r0=0; 1:r0=0\n$/);
    const strong = await check('sb.litmus', '--model', 'sc', '--svg', 'none');
    expect(strong).toMatchObject({ code: 0, stderr: '' });
    expect(strong.stdout).toContain('3 executions');
    expect(strong.stdout).toMatch(/~exists: holds \(0 as it says, 3 not\)\n$/);
    expect(readdirSync(join(folder.path, 'none'))).toEqual([]);
  });

  it('draws the execution that breaks a claim, or answers a question, from one thread or two', async () => {
    for (const threads of ['1', '2']) {
      const { stderr } = await check('sb.litmus', '--dot', 'new/claim', '--svg', 'new/claim', '--threads', threads);
      expect(stderr).toBe('sb.litmus: 1 violation\n');
      const claim = join(folder.path, 'new', 'claim');
      expect(readdirSync(claim)).toEqual(['1-final-condition.dot', '1-final-condition.svg']);
      expect(readFileSync(join(claim, '1-final-condition.dot'), 'utf8')).toContain('label="R acquire y = 0"');
      const picture = readFileSync(join(claim, '1-final-condition.svg'), 'utf8');
      expect(picture).toContain('final condition: this execution ends as ~exists says that none does');
      expect(picture).toContain('load y = 0 (acquire)');
    }
    folder.write('may.litmus', SB.replace('~exists', 'exists'));
    const { code, stdout, stderr } = await check('may.litmus', '--svg', 'answer');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /\nexists: yes \(1 as it says, 3 not\)\n\nwitness: this execution ends as exists asks\n1 {2}P0 /,
    );
    expect(readdirSync(join(folder.path, 'answer'))).toEqual(['1-witness.svg']);
    const no = await check('may.litmus', '--model', 'sc');
    expect(no.code).toBe(0);
    expect(no.stdout).toMatch(/\nexists: no \(0 as it says, 3 not\)\n$/);
  });

  it('says what outcomes count', async () => {
    folder.write('writes.litmus', 'C w\n{}\nP0(int* x) { *x = 1; }\nP1(int* x) { *x = 2; }\nexists (x=1)\n');
    const { stdout } = await check('writes.litmus', '--equivalence', 'rf');
    expect(stdout).toMatch(
      /\n1 execution, .*\noutcomes, by rf-co, since a word ends with its last write\n {2}1 {2}x=1\n {2}1 {2}x=2\n/,
    );
    folder.write(
      'seen.mjs',
      "export default { threads: { a: (t) => t.observe('x', t.load(0)), b: (t) => t.store(0, 1) } };\n",
    );
    expect((await check('seen.mjs', '--equivalence', 'rf')).stdout).toMatch(
      /\n2 executions, .*\noutcomes, by rf\n {2}1 {2}x=0\n/,
    );
    const json = JSON.parse((await check('writes.litmus', '--equivalence', 'rf', '--json')).stdout);
    expect(json).toMatchObject({ equivalence: 'rf', executions: 1, outcomesBy: 'rf-co', outcomes: [{}, {}] });
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

  it('shows how a thread comes to ask for a word that there is not', async () => {
    const threads = 'a(t) { t.store(Number(t.load(0)), 1); }, b: (t) => t.store(0, 9)';
    folder.write('far.mjs', `export default { words: 4, threads: { ${threads} } };\n`);
    const { code, stdout, stderr } = await check('far.mjs');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'far.mjs: 1 violation\n' });
    expect(stdout).toMatch(
      /\n2 executions, 1 blocked, [\s\S]*\nassertion: a: AddressError: address 9 is not in the model,/,
    );
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
      equivalence: 'rf-co',
      outcomesBy: 'rf-co',
      claim: { quantifier: '~exists', holds: false, positive: 1, negative: 3 },
      findings: [
        {
          kind: 'final condition',
          message: 'this execution ends as ~exists says that none does',
          outcome: '0:r0=0; 1:r0=0',
          steps: [{ thread: 'P0', text: 'store x = 1 (release)' }, {}, {}, {}],
          edges: [
            { kind: 'fr', from: 1, to: 2 },
            { kind: 'fr', from: 3, to: 0 },
          ],
          sequential: false,
        },
      ],
      witnesses: [],
    });
    folder.write('may.litmus', SB.replace('~exists', 'exists'));
    expect(JSON.parse((await check('may.litmus', '--json')).stdout)).toMatchObject({
      claim: { quantifier: 'exists', holds: true },
      findings: [],
      witnesses: [{ kind: 'witness', outcome: '0:r0=0; 1:r0=0', steps: [{}, {}, {}, {}], sequential: false }],
    });
  });

  it('says in JSON too that it was interrupted, or which bound has ended it', async () => {
    const threads = 'abcdefghijkl'.split('').map((name) => `${name}: ({ words }) => { words.fetchAdd(0, 1n); }`);
    folder.write('long.mjs', `console.log(); export default { threads: { ${threads.join(', ')} } };\n`);
    for (const count of ['1', '2']) {
      // The module has printed a line: the exploration begins.
      const run = await pool(['check', 'long.mjs', '--json', '--threads', count], {
        cwd: folder.path,
        onOutput: (kill) => kill('SIGINT'),
      });
      expect(run).toMatchObject({ code: 130, stderr: 'pool: long.mjs: interrupted, and not exhausted\n' });
      expect(JSON.parse(run.stdout)).toMatchObject({ exhausted: false, stoppedBy: 'interrupted', findings: [] });
    }
    const { stdout, code } = await check('long.mjs', '--memory', '1');
    expect(code).toBe(0);
    expect(stdout).toContain('not exhausted: the bound on memory (--memory) was reached\n');
    expect(JSON.parse((await check('long.mjs', '--time', '1 ms', '--json')).stdout).stoppedBy).toBe('milliseconds');
  });

  it('ends threads that do not give control back, on a signal and after the bound on time', async () => {
    folder.write('loop.mjs', 'console.log(); export default { threads: { a() { while (true) {} } } };\n');
    const silent = (what: string): string => `loop.mjs: ${what} has not given control back for 2 s, and was ended\n`;
    for (const [signal, code, threads] of [
      ['SIGINT', 130, '1'],
      ['SIGTERM', 143, '2'],
    ] as const) {
      const run = await pool(['check', 'loop.mjs', '--json', '--threads', threads], {
        cwd: folder.path,
        onOutput: (kill) => kill(signal),
      });
      const stderr = `${silent('thread a')}pool: loop.mjs: interrupted, and not exhausted\n`;
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr });
      expect(JSON.parse(run.stdout)).toMatchObject({ executions: 0, exhausted: false, stoppedBy: 'interrupted' });
    }
    const timed = await check('loop.mjs', '--time', '10 ms', '--model', 'sc');
    expect(timed).toMatchObject({ code: 0, stderr: silent('thread a') });
    expect(timed.stdout).toMatch(
      /^\nloop\.mjs: sc\n0 executions, .*\nnot exhausted: the bound on time \(--time\) was reached\n$/,
    );
    folder.write('loop.mjs', 'while (true) {}\n');
    expect(await check('loop.mjs', '--time', '10 ms')).toMatchObject({ code: 0, stderr: silent('the module') });
  });

  it('tells what it had found before a thread did not give control back', async () => {
    const threads = 'bcdefghi'.split('').map((name) => `${name}: (t) => { t.fetchAdd(0, 1); }`);
    const a = "a(t) { t.store(1, 1, 'plain'); while (performance.now() > end) {} }, z(t) { t.load(1, 'plain'); }";
    folder.write(
      'late.mjs',
      `const end = performance.now() + 300;\nexport default { threads: { ${threads.join(', ')}, ${a} } };\n`,
    );
    const { code, stdout, stderr } = await check('late.mjs', '--time', '1 s');
    expect(stderr).toMatch(/^late\.mjs: thread a has not .*\nlate\.mjs: 1 violation\n$/);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n[1-9][\d,]* executions, .*\nnot exhausted: the bound on time \(--time\) was reached\n/);
    expect(stdout).toContain('data race: a and z access word 1, and nothing orders them\n1  a');
  });

  it('says when a bound has ended it', async () => {
    const { code, stdout } = await check('sb.litmus', '--executions', '2', '--model', 'sc');
    expect(code).toBe(0);
    expect(stdout).toContain('2 executions');
    expect(stdout).toContain('not exhausted: the bound on executions (--executions, blocked ones count) was reached\n');
    folder.write('all.litmus', SB.replace(/~exists.*/, 'forall (0:r0=2)'));
    const spin = 'a(t) { while (t.load(0) === 0n) t.words.pause(); }, b: (t) => t.store(0, 1)';
    folder.write('spin.mjs', `export default { threads: { ${spin} } };\n`);
    for (const [options, line] of [
      ['--unroll 3', 'not exhausted: --unroll has cut a (--spin-assume prunes spin loops)'],
      ['', 'not exhausted: the bound on the events of a thread has cut a (--spin-assume prunes spin loops)'],
      [
        '--unroll 3 --executions 2',
        'not exhausted: the bound on executions (--executions, blocked ones count) was reached; --unroll has cut a (--spin-assume prunes spin loops)',
      ],
      ['--spin-assume', 'taken to spin for ever, as --spin-rounds turns were alike: a'],
    ] as const)
      expect((await check('spin.mjs', ...options.split(' ').filter(Boolean))).stdout).toContain(`\n${line}\n`);
    const broken = await check('all.litmus', '--executions', '1');
    expect(broken).toMatchObject({ code: 1, stderr: 'all.litmus: 1 violation\n' });
    expect(broken.stdout).toContain('final condition: this execution does not end as forall says that all do\n1  P0');
  });

  it('refuses what it cannot check, by name and line', async () => {
    folder.write('loop.litmus', SB.replace('int r0 =', 'goto end;\n  int r0 ='));
    expect(await check('loop.litmus')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'pool: loop.litmus:5: `goto` is not supported\n',
    });
    for (const [file, what] of [
      ['no.litmus', 'litmus test'],
      ['no.mjs', 'module'],
      ['no.pasm', 'program'],
    ] as const)
      expect(await check(file)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `pool: ${file}: there is no such ${what}\n`,
      });
    folder.write('bad.pasm', 'threads');
    expect(await check('bad.pasm')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^pool: bad\.pasm:1:1: error: /),
    });
    folder.write('nobody.mjs', 'export default { threads: { a: 3 } };');
    expect(await check('nobody.mjs')).toMatchObject({
      code: 2,
      stderr: 'pool: nobody.mjs: the thread a of the default export is no function\n',
    });
    folder.write('begin.mjs', "export default { threads: { a() {} }, initial() { throw new Error('no'); } };");
    expect(await check('begin.mjs')).toMatchObject({ code: 2, stderr: 'pool: begin.mjs: `initial` throws: no\n' });
    folder.write('begin.pasm', `${COUNTER}func initial() {\n  trap "no"\n}\n`);
    for (const threads of ['1', '2'])
      expect(await check('begin.pasm', '--threads', threads)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /^pool: begin\.pasm: `initial` throws: trap in begin: .*: no\n +at initial \(begin\.pasm:20:3\)\n$/,
        ),
      });
    const late = {
      'thread a': 'export default { threads: { a: async () => {} } };',
      '`initial`': 'export default { threads: { a() {} }, async initial() { throw new Error("no"); } };',
      '`final`': 'export default { threads: { a() {} }, async final(end) { end.assert(false); } };',
    };
    for (const [what, text] of Object.entries(late)) {
      folder.write('late.mjs', text);
      for (const threads of ['1', '2'])
        expect(await check('late.mjs', '--threads', threads)).toMatchObject({
          code: 2,
          stderr: `pool: late.mjs: ${what} is asynchronous: what is checked ends when its function returns\n`,
        });
    }
    folder.write('misspelt.mjs', 'export default { threads: { a() {} }, finally(end) { end.assert(false); } };');
    expect(await check('misspelt.mjs')).toMatchObject({
      code: 2,
      stderr:
        'pool: misspelt.mjs: a program has no `finally`: there are threads, words, names, uninitialised, initial, final\n',
    });
    folder.write('endless.litmus', SB.replace('int r0 =', 'while (1) {}\n  int r0 ='));
    expect(await check('endless.litmus')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'pool: endless.litmus: the `while` in line 5, of P0, has gone round 1000000 times: it does not end\n',
    });
    writeFileSync(join(folder.path, 'latin.litmus'), Buffer.from(SB.replace('{}', '// f\xfcr\n{}'), 'latin1'));
    expect(await check('latin.litmus')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'pool: latin.litmus:2:5: error: the byte 0xfc is no UTF-8, which sources are written in\n',
    });
  });

  it('asks for a place for what it draws before it explores anything', async () => {
    symlinkSync('nowhere', join(folder.path, 'dangling'));
    for (const option of ['--svg', '--dot'])
      for (const place of ['sb.litmus', 'sb.litmus/pictures', 'dangling', '/proc/pictures/of']) {
        const { code, stdout, stderr } = await check('sb.litmus', option, place);
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr.startsWith(`pool: ${place}: this folder cannot be made, or written to: `)).toBe(true);
      }
  });
});
