import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Debugger, Stop } from '../src/index.ts';
import { granted } from './support/granted.ts';
import { instance } from './support/programs.ts';

const SUM = `func main(limit) -> sum {
  i64.const sum, 0
  i64.const i, 0
loop:
  call sum, add(sum, i, 1, 2)
  i64.add i, i, 1
  br_lt_u i, limit, loop
  ret sum
}
func add(a, b, c, d) -> value {
  i64.add value, a, b
  ret value
}
`;

function started(text: string, given: readonly (bigint | number)[] = [], fuel?: number): Debugger {
  return instance(text, fuel === undefined ? {} : { limits: { fuel } }).start('main', given);
}
function line(stop: Stop): number | undefined {
  return stop.kind === 'paused' ? stop.at.line : undefined;
}
function register(session: Debugger, name: string, frame = 0): bigint | undefined {
  return session.frames()[frame]?.registers.find((one) => one.name === name)?.unsigned;
}

describe('stepping', () => {
  it('runs one instruction at a time, into calls and out of them', () => {
    const session = started(SUM, [2]);
    expect(session.at).toMatchObject({ function: 'main', line: 2, instruction: 0 });
    const lines: (number | undefined)[] = [];
    let stop = session.step();
    for (; stop.kind === 'paused'; stop = session.step()) lines.push(line(stop));
    // Two constants for the call are loaded at its line.
    expect(lines.filter((one, index) => one !== lines[index - 1])).toEqual([3, 5, 11, 12, 6, 7, 5, 11, 12, 6, 7, 8]);
    expect(stop).toMatchObject({ kind: 'done', value: 1n });
    expect(() => session.step()).toThrow('the instance test has ended');
  });

  it('steps over calls, to their end', () => {
    const session = started(SUM, [2]);
    const lines: (number | undefined)[] = [];
    for (let stop = session.next(); stop.kind === 'paused'; stop = session.next()) lines.push(line(stop));
    expect(new Set(lines)).toEqual(new Set([3, 5, 6, 7, 8]));
  });

  it('finishes a function where its caller goes on', () => {
    const session = started(SUM, [3]);
    session.addBreakpoint({ function: 'add' });
    expect(line(session.continue())).toBe(11);
    expect(session.depth).toBe(1);
    expect(session.finish()).toMatchObject({ kind: 'paused', why: 'step', at: { function: 'main', line: 6 } });
    expect(session.depth).toBe(0);
    session.remove(1);
    expect(session.finish()).toMatchObject({ kind: 'done', value: 3n });
  });

  it('steps over a recursive call, and out of one, as a whole', () => {
    const session = started(
      `func main(n) -> value {
  call value, down(n)
  ret value
}
func down(n) -> value {
  i64.const value, 0
  br_eq n, 0, end
  i64.sub n, n, 1
  call value, down(n)
  i64.add value, value, 1
end:
  ret value
}`,
      [5],
    );
    session.step();
    while (line(session.next()) !== 9);
    // The calls within come back to the same instruction, and are passed over.
    expect(session.next()).toMatchObject({ kind: 'paused', why: 'step', at: { function: 'down', line: 10 } });
    expect(session.depth).toBe(1);
    expect(register(session, 'value')).toBe(4n);
    expect(session.finish()).toMatchObject({ kind: 'paused', why: 'step', at: { function: 'main', line: 3 } });
    expect(register(session, 'value')).toBe(5n);
  });

  it('ends over the same fuel as a run', () => {
    for (let fuel = 0; fuel < 60; fuel++) {
      const whole = instance(SUM, { limits: { fuel } });
      const outcome = whole.run('main', [3]);
      const session = started(SUM, [3], fuel);
      let stop: Stop = session.step();
      while (stop.kind === 'paused') stop = session.step();
      expect(stop).toEqual(outcome);
      expect(session.fuelLeft).toBe(whole.fuelLeft);
      expect(started(SUM, [3], fuel).continue()).toEqual(outcome);
    }
  });

  it('goes through branch tables', () => {
    const text = `func main(n) -> value {
  br_table n, [zero, one], other
zero:
  ret 10
one:
  ret 11
other:
  ret 12
}`;
    for (const n of [0, 1, 2]) {
      const session = started(text, [n]);
      expect(line(session.step())).toBe(4 + 2 * n);
      expect(session.finish()).toMatchObject({ kind: 'done', value: BigInt(10 + n) });
      expect(instance(text).profile('main', [n]).instructions).toBe(3);
    }
  });

  it('goes on after it ran out of fuel', () => {
    const session = started(SUM, [2], 4);
    expect(session.continue()).toMatchObject({ kind: 'exhausted', at: { function: 'main' } });
    session.addFuel(1000);
    expect(session.continue()).toMatchObject({ kind: 'done', value: 1n });
  });

  it('pays for bulk operations that cost more than a slice', () => {
    const text = `memory 2000
func main() {
  i64.const length, 131072000
  i64.const zero, 0
  memory.fill zero, zero, length
  ret
}`;
    const outcome = instance(text, { limits: { fuel: 10_000_000 } }).run();
    expect(started(text, [], 10_000_000).continue()).toEqual(outcome);
    expect(started(text, [], 1_000_000).continue()).toMatchObject({ kind: 'exhausted', at: { line: 5 } });
  });

  it('pauses after so much fuel, and goes on to where it was going', () => {
    const session = started(SUM, [300_000]);
    session.addBreakpoint({ line: 8 });
    let pauses = 0;
    let stop = session.continue(1);
    for (; stop.kind === 'paused' && stop.why === 'limit'; stop = session.continue(1)) pauses += 1;
    expect(pauses).toBeGreaterThan(1);
    expect(stop).toMatchObject({ kind: 'paused', why: 'breakpoint', at: { line: 8 } });
  });

  it('pauses in a bulk operation and in a sleep, where there is a limit', () => {
    const { pool, grant } = granted(16, 0);
    const text = `memory 16
window job words 1 {
  x
}
func main() -> r {
  memory.fill 0, 1, 1_000_000
  shared_wait r, job.x, 0, 60_000_000
  ret r
}`;
    const options = { words: pool, windows: [grant], limits: { fuel: 100_000 } };
    const outcome = instance(text, options).run();
    const session = instance(text, options).start();
    const lines: (number | undefined)[] = [];
    let stop = session.continue(1e6);
    for (; stop.kind === 'paused'; stop = session.continue(1e6)) {
      expect(stop.why).toBe('limit');
      lines.push(line(stop));
    }
    expect(lines).toEqual([6, 6, 6, 7, 7]);
    expect(stop).toEqual(outcome);
    const stepped = instance(text, options).start();
    stepped.addWatch('job.x');
    expect(stepped.continue(1e6)).toMatchObject({ why: 'limit', at: { line: 6 } });
    for (stop = stepped.step(); stop.kind === 'paused'; stop = stepped.step()) expect(stop.why).toBe('step');
    expect(stop).toEqual(outcome);
  });

  it('gives a trap its place, and lets one look around after it', () => {
    const session = started('func main(n) -> q {\n i64.const q, 1\n i64.div_u q, q, n\n ret q\n}', [0]);
    expect(session.continue()).toMatchObject({ kind: 'trap', trap: { reason: 'integer divide by zero', line: 3 } });
    expect(session.at.line).toBe(3);
    expect(register(session, 'q')).toBe(1n);
    expect(() => session.continue()).toThrow('has ended');
  });

  it('ends when the instance is started anew', () => {
    const subject = instance(SUM);
    const session = subject.start('main', [1]);
    expect(subject.run('main', [3])).toMatchObject({ kind: 'done', value: 3n });
    expect(() => session.step()).toThrow('the instance test has been started anew');
  });
});

describe('functions of the host', () => {
  const TEXT = 'import ask() -> answer\nfunc main() -> r {\n call r, ask()\n ret r\n}';

  it('are called as one instruction', () => {
    const session = instance(TEXT, { imports: { ask: () => 7n } }).start();
    expect(session.step()).toMatchObject({ why: 'step', at: { line: 4 } });
    expect(register(session, 'r')).toBe(7n);
  });

  it('cannot run the session that called them', () => {
    let called = 0;
    const ask = (): bigint => {
      called += 1;
      expect(() => session.step()).toThrow('the instance test is waiting for a function of the host');
      return 1n;
    };
    const session = instance(TEXT, { imports: { ask } }).start();
    expect(session.continue()).toMatchObject({ kind: 'done', value: 1n });
    expect(called).toBe(1);
  });
});

describe('breakpoints', () => {
  it('stop before an instruction, each time', () => {
    const session = started(SUM, [3]);
    const breakpoint = session.addBreakpoint({ line: 6 });
    expect(breakpoint).toMatchObject({ number: 1, at: [{ function: 'main', line: 6 }] });
    for (const i of [0n, 1n, 2n]) {
      expect(session.continue()).toMatchObject({ why: 'breakpoint', breakpoints: [1] });
      expect(register(session, 'i')).toBe(i);
    }
    expect(session.continue()).toMatchObject({ kind: 'done' });
  });

  it('move to the next line that has code', () => {
    expect(started(SUM, [1]).addBreakpoint({ line: 9 }).at).toMatchObject([{ line: 11 }]);
    expect(() => started(SUM, [1]).addBreakpoint({ line: 13 })).toThrow('has no code at line 13 or behind it');
  });

  it('say what there is where there is no such place', () => {
    const session = started(SUM, [1]);
    expect(() => session.addBreakpoint({ function: 'sub' })).toThrow('has no function sub; it has main, add');
    expect(() => session.addBreakpoint({ function: 'add', instruction: 9 })).toThrow('no instruction 9');
    expect(() => session.addBreakpoint({ line: 1, file: 'x.pasm' })).toThrow('has no file x.pasm; it has test.pasm');
  });

  it('are gone once removed, and can be set again', () => {
    const session = started(SUM, [3]);
    session.addBreakpoint({ line: 6 });
    expect(session.continue()).toMatchObject({ breakpoints: [1] });
    expect(session.remove(1)).toBe(true);
    expect(session.remove(1)).toBe(false);
    expect(session.addBreakpoint({ line: 6 }).number).toBe(2);
    expect(session.continue()).toMatchObject({ breakpoints: [2] });
    session.remove(2);
    expect(session.continue()).toMatchObject({ kind: 'done' });
  });

  it('stand once at a place, however it is named', () => {
    const session = started(SUM, [3]);
    session.addBreakpoint({ function: 'add' });
    for (const place of [{ function: 'add' }, { line: 11 }, { line: 10 }, { function: 'add', instruction: 0 }])
      expect(() => session.addBreakpoint(place)).toThrow('breakpoint 1 stops at add (test.pasm:11:3) already');
    expect(session.breakpoints).toHaveLength(1);
  });

  it('do not stand in the middle of an instruction', () => {
    const session = started(SUM, [3]);
    session.addBreakpoint({ line: 6 });
    session.continue();
    const call = session.at.instruction - 2; // a call with four arguments has a second part
    expect(() => session.addBreakpoint({ function: 'main', instruction: call + 1 })).toThrow(
      `instruction ${call + 1} of main is a part of the one before`,
    );
    expect(session.addBreakpoint({ function: 'main', instruction: call }).at).toMatchObject([{ line: 5 }]);
  });

  it.each([0, -1, 1.5, Number.NaN])('do not stand at line %s', (at) => {
    expect(() => started(SUM, [1]).addBreakpoint({ line: at })).toThrow('a line is a whole number from 1 on');
  });

  it('stop within a call that is stepped over', () => {
    const session = started(SUM, [1]);
    session.addBreakpoint({ line: 12 });
    while (session.at.line < 5) session.step();
    let stop = session.next();
    while (line(stop) === 5) stop = session.next();
    expect(stop).toMatchObject({ why: 'breakpoint', at: { function: 'add', line: 12 } });
  });
});

describe('looking around', () => {
  it('shows frames with their registers, in three readings', () => {
    const session = started(
      `func main() -> r {
  f64.const x, 1.5
  i64.const y, -1
  call r, inner(x)
  i64.add r, r, y
  ret r
}
func inner(z) -> z {
  ret z
}`,
    );
    session.addBreakpoint({ function: 'inner' });
    session.continue();
    const [inner, main] = session.frames();
    expect(inner).toMatchObject({ function: 'inner', line: 9, registers: [{ name: 'z', double: 1.5, written: true }] });
    expect(main?.registers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'x', double: 1.5, written: true }),
        expect.objectContaining({ name: 'y', signed: -1n, unsigned: 2n ** 64n - 1n }),
        expect.objectContaining({ name: 'r', written: false }),
      ]),
    );
    expect(session.backTrace().map((at) => at.function)).toEqual(['inner', 'main']);
  });

  it('shows private memory', () => {
    const session = started('data text = "hi"\nfunc main() {\n i64.const a, text\n i64.store8 [a + 2], 33\n ret\n}');
    expect([...session.memory.subarray(64, 67)]).toEqual([104, 105, 0]);
    while (session.at.line < 5) session.step();
    expect(session.memory[66]).toBe(33);
  });
});

describe('words of the pool', () => {
  const TEXT = `window job words 16 {
  next
  cells[4] @ 8
}
func main() {
  i64.const i, 0
loop:
  shared_fetch_add _, job.next, 0
  shared_store job.cells[i], i
  i64.add i, i, 1
  br_lt_u i, 4, loop
  shared_store job.next, 7
  ret
}`;

  it('are read by place or window', () => {
    const { pool, grant } = granted(16, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    pool.store(grant.base, 5n);
    expect(session.word('job.next')).toBe(5n);
    expect(session.word('job', 0)).toBe(5n);
    expect(session.names.slice(0, 2).map(({ name, length }) => [name, length])).toEqual([
      ['job', 16],
      ['job.next', 1],
    ]);
    expect(() => session.word('job.nxt')).toThrow('there are no words job.nxt');
    expect(() => session.word('job.cells', 4)).toThrow('job.cells has 4 words, and no word 4');
  });

  it('are watched: the program stops behind the instruction that changes one', () => {
    const { pool, grant } = granted(16, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    session.addWatch('job.cells', 2);
    session.addWatch('job.next');
    expect(session.continue()).toMatchObject({
      why: 'watch',
      at: { line: 10 },
      changes: [{ watch: 1, name: 'job.cells[2]', before: 0n, after: 2n }],
    });
    session.remove(1);
    expect(session.continue()).toMatchObject({
      why: 'watch',
      at: { line: 13 },
      changes: [{ watch: 2, name: 'job.next', before: 0n, after: 7n }],
    });
    expect(session.continue()).toMatchObject({ kind: 'done' });
  });

  it('are watched by the place, all of them', () => {
    const { pool, grant } = granted(16, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    expect(session.addWatch('job.cells')).toMatchObject({ number: 1, name: 'job.cells', last: [0n, 0n, 0n, 0n] });
    const seen: unknown[] = [];
    for (let stop = session.continue(); stop.kind === 'paused'; stop = session.continue()) seen.push(stop.changes);
    expect(seen).toEqual(
      [1n, 2n, 3n].map((i) => [{ watch: 1, name: `job.cells[${i}]`, before: 0n, after: i }]), // the first stays 0
    );
  });

  it('are watched by the window, all of them at once', () => {
    const { pool, grant } = granted(16, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    session.addWatch('job');
    session.step();
    for (const at of [3, 15]) pool.store((grant.base + at) as typeof grant.base, 1n);
    expect(session.step()).toMatchObject({ why: 'watch', changes: [{ name: 'job[3]' }, { name: 'job[15]' }] });
  });

  it('are watched once, and not by the million', () => {
    const { pool, grant } = granted(2048, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    session.addWatch('job.next');
    expect(() => session.addWatch('job', 0)).toThrow('watch 1 watches job.next already');
    session.addWatch('job.cells');
    session.addWatch('job.cells', 0);
    expect(() => session.addWatch('job.cells')).toThrow('watch 2 watches job.cells already');
    expect(() => session.addWatch('job')).toThrow('job has 2048 words, and a watch at most 1024: name one, as job[0]');
    expect(() => session.addWatch('job.next', 1)).toThrow('job.next has 1 word, and no word 1');
    expect(() => session.addWatch('job', Number.NaN)).toThrow('job has 2048 words, and no word NaN');
    session.remove(1);
    expect(session.addWatch('job', 0)).toMatchObject({ number: 4, name: 'job[0]' });
  });

  it('may be changed by others', () => {
    const { pool, grant } = granted(16, 0);
    const session = instance(TEXT, { words: pool, windows: [grant] }).start();
    session.addWatch('job', 15);
    session.step();
    pool.store((grant.base + 15) as typeof grant.base, 1n);
    expect(session.step()).toMatchObject({ why: 'watch', changes: [{ name: 'job[15]', after: 1n }] });
  });
});

it('the session of the README does what the README says', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(readme).toContain('session.addBreakpoint({ line: 10 })');
  const text = /```\n(window job[^`]*)```/.exec(readme)?.[1] ?? '';
  const { pool, grant } = granted(16, 0);
  const options = { words: pool, windows: [grant] };
  const session = instance(text, options).start('main', [10]);
  session.addBreakpoint({ line: 10 });
  session.addWatch('job.next');
  expect(session.continue()).toMatchObject({
    kind: 'paused',
    why: 'watch',
    changes: [{ name: 'job.next', after: 1n }],
  });
  expect(session.continue()).toMatchObject({ kind: 'paused', why: 'breakpoint', at: { function: 'main', line: 10 } });
  expect(session.word('job.next')).toBe(1n);
  pool.store(grant.base, 0n);
  expect(instance(text, options).profile('main', [10])).toMatchObject({ outcome: { kind: 'done', value: 10n } });
});
