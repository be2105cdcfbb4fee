/** Programs of the virtual machine, checked as threads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, formatErrors, load, type VerifiedProgram } from '@pool/vm';
import { describe, expect, it } from 'vitest';
import { check, formatFinding, programThreads } from '../src/index.ts';

function assembled(text: string): VerifiedProgram {
  const result = assemble({ name: 'test.pasm', text });
  if (!result.ok) throw new Error(formatErrors(result.errors));
  return load(result.bytes);
}

const spinLock = readFileSync(join(import.meta.dirname, '..', 'examples', 'spin-lock.pasm'), 'utf8');

describe('a program', () => {
  it('that counts its spins is seen to come to the end of them', () => {
    const program = programThreads(
      assembled(`
window w {
  flag
}
func thread_one() {
  i64.add n, 0, 0
again:
  shared_load f, w.flag
  br_eq f, 1, seen
  i64.add n, n, 1
  br_eq n, 3, gaveup
  shared_pause
  br again
gaveup:
  trap "gave up"
seen:
  ret
}
func thread_two() {
  shared_store w.flag, 1
  ret
}
`),
    );
    for (const spinRounds of [1, 1000]) {
      const report = check(program, { spinAssume: true, spinRounds });
      expect(report).toMatchObject({ executions: 3, blocked: 1, exhausted: true, spunThreads: [] });
      expect(report.findings[0]?.message).toContain('gave up');
    }
  });

  it('is explored thread by thread', () => {
    for (const model of ['sc', 'rc11'] as const)
      expect(check(programThreads(assembled(spinLock)), { model, spinAssume: true })).toMatchObject({
        executions: 2,
        findings: [],
        exhausted: true,
      });
  });

  it('may call its words and threads what every object has', () => {
    const body = ' shared_store w.aaaaaaaaa, 1\n shared_store w.bbbbbbb, 2\n ret\n';
    const text = `window w {\n aaaaaaaaa\n bbbbbbb\n}\nfunc thread___proto__() {\n${body}}\n`;
    const result = assemble({ name: 'test.pasm', text });
    if (!result.ok) throw new Error(formatErrors(result.errors));
    // No assembly names a place so; a binary may.
    const binary = Buffer.from(result.bytes).toString('latin1');
    const renamed = binary.replace('w.aaaaaaaaa', 'constructor').replace('w.bbbbbbb', '__proto__');
    const { names, ...model } = programThreads(load(Buffer.from(renamed, 'latin1')));
    expect(Object.entries(names ?? {})).toEqual([
      ['constructor', 0],
      ['__proto__', 1],
    ]);
    const { witnesses } = check({ ...model, names: names ?? {}, final: (end) => end.witness('it ends') });
    expect(witnesses.map(formatFinding)).toEqual([
      'witness: it ends\n1  __proto__  store constructor = 1 (release)\n2  __proto__  store __proto__ = 2 (release)',
    ]);
  });

  it('has the orders of the contract, and no stronger', () => {
    const thread = (name: string, own: string, other: string): string =>
      `func thread_${name}() -> seen {\n shared_store w.${own}, 1\n shared_load seen, w.${other}\n ret seen\n}\n`;
    const text = (between: string): string =>
      `window w {\n x\n y\n}\n${thread('a', 'x', 'y')}${thread('b', 'y', 'x')}`.replaceAll(
        ' shared_load',
        `${between} shared_load`,
      );
    const count = (between: string, model: 'sc' | 'rc11'): number =>
      check(programThreads(assembled(text(between))), { model }).executions;
    expect([count('', 'sc'), count('', 'rc11')]).toEqual([3, 4]);
    expect([count(' shared_barrier\n', 'sc'), count(' shared_barrier\n', 'rc11')]).toEqual([3, 3]);
  });

  it('whose lock is taken by load and store is found out', () => {
    const planted = spinLock.replace(
      'shared_cas before, lock, FREE, HELD ',
      'shared_load before, lock\n  br_ne before, FREE, spin\n  shared_store lock, HELD\n  br mine\nspin:\n',
    );
    const report = check(programThreads(assembled(planted.replace('br_eq before, FREE, mine', ''))), {
      spinAssume: true,
    });
    expect(report.exhausted).toBe(true);
    expect(report.findings).toHaveLength(1);
    const text = formatFinding(report.findings[0] as (typeof report.findings)[number]);
    expect(text).toContain('final condition: ');
    expect(text).toContain('a deposit is lost');
    expect(text).toMatch(/two +load account\.lock gives 0 \(acquire\)/);
  });

  it('answers with what its threads return, and begins with what `initial` stores', () => {
    const program = programThreads(
      assembled(
        `
        window w { x; y }
        func initial() { shared_store w.x, 7
          ret }
        func thread_a() -> seen { shared_exchange seen, w.x, 1
          ret seen }
        func thread_b() -> seen { shared_exchange seen, w.x, 2
          ret seen }`
          .replace('{ x; y }', '{\n x\n y\n }')
          .replaceAll('{ shared', '{\n shared'),
      ),
    );
    expect(check(program).outcomes).toEqual(
      new Map([
        ['a=7 b=1', 1],
        ['a=2 b=7', 1],
      ]),
    );
  });

  it.each([
    ['func main() {\n ret\n }', 'has no thread: a function whose name begins with thread_'],
    [
      'func thread_a(x) -> y {\n mov y, x\n ret y\n }',
      'function thread_a is run by the checker, and so has no parameters',
    ],
    [
      'import now() -> t\nfunc thread_a() -> t {\n call t, now()\n ret t\n }',
      'imports functions of a host, which are not modelled',
    ],
    [
      'window w slots 1 {\n slot s\n }\nfunc thread_a() {\n swap_segment _, w.s, 0\n ret\n }',
      'uses segments, which are not modelled',
    ],
  ])('that cannot be checked is refused: %s', (text, message) => {
    expect(() => programThreads(assembled(text))).toThrow(message);
  });

  it('that runs for ever by itself is refused, with the line', () => {
    const program = programThreads(assembled('func thread_a() {\nagain:\n nop\n br again\n }'));
    expect(() => check(program)).toThrow(/function thread_a has used 10000000 units of fuel by test\.pasm:\d/);
  });
});
