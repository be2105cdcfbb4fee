/** Pruned spins lose nothing: random litmus tests with loops end in the same states, whether or not their spins are pruned. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, checkLitmus, type LitmusReport, type ModelThread, parseLitmus } from '../src/index.ts';

const word = fc.constantFrom('x', 'y');
const few = fc.integer({ min: 0, max: 2 });

/** A text with what stands for each `?`. */
function filled(text: string, ...parts: fc.Arbitrary<string | number>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((given) => given.reduce<string>((so, part) => so.replace('?', String(part)), text));
}

const statement = fc.oneof(
  filled('atomic_store_explicit(?, ?, memory_order_?);', word, few, fc.constantFrom('relaxed', 'release', 'seq_cst')),
  filled('r? = atomic_load_explicit(?, memory_order_?);', fc.nat(1), word, fc.constantFrom('relaxed', 'acquire')),
  filled('r1 = atomic_exchange(?, ?);', word, few),
  filled('e = ?;', fc.nat(1)),
);

const condition = fc.oneof(
  filled('atomic_load(?) ? ?', word, fc.constantFrom('==', '!='), fc.nat(1)),
  filled('!atomic_compare_exchange_?(?, &e, ?)', fc.constantFrom('strong', 'weak'), word, few),
  filled('atomic_exchange(?, 1) == ?', word, fc.nat(1)),
);

/** All touch memory in every turn: others may never end. */
const { loop } = fc.letrec<{ loop: string; body: string }>((tie) => ({
  body: fc
    .array(fc.oneof({ maxDepth: 1 }, { weight: 4, arbitrary: statement }, tie('loop')), { maxLength: 2 })
    .map((statements) => statements.join(' ')),
  loop: fc.oneof(
    filled('while (?) { ? }', condition, tie('body')),
    filled('while (r0 == ?) { r0 = atomic_load(?); ? }', fc.nat(1), word, tie('body')),
  ),
}));

const litmus = fc.tuple(fc.array(statement, { minLength: 1, maxLength: 3 }), statement, loop, statement).map(
  ([first, before, waiting, after]) => `C test
{}
P0(atomic_int* x, atomic_int* y) { int r0, r1, e; ${first.join(' ')} }
P1(atomic_int* x, atomic_int* y) { int r0, r1, e; ${before} ${waiting} ${after} }
locations [0:r0; 0:r1; 1:r0; 1:r1; 1:e; x; y;]
exists (true)`,
);

/** Executions of one test, those that block included: with more it is passed over. */
const MOST = 2000;

it.each(['sc', 'rc11'] as const)('%s', (model) => {
  let compared = 0;
  fc.assert(
    fc.property(litmus, (text) => {
      const test = parseLitmus('test.litmus', text);
      const [pruned, all] = [true, false].map((spinAssume) =>
        checkLitmus(test, { model, spinAssume, eventsPerThread: 12, executions: MOST }),
      ) as [LitmusReport, LitmusReport];
      if (!pruned.exhausted || all.stoppedBy !== undefined) return;
      compared += 1;
      expect([...pruned.outcomes.keys()].sort()).toEqual([...all.outcomes.keys()].sort());
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(250);
});

describe('what counts, or looks elsewhere the next time, is no spin', () => {
  const sets = (thread: ModelThread): void => thread.store(0, 1);
  const SPINNING = { spinAssume: true } as const;

  it('a thread that parks after some turns is seen to park', () => {
    const sleeper = ({ words }: ModelThread): void => {
      for (let turn = 0; turn < 2; turn++) {
        if (words.load(0 as never) === 1n) return;
        words.pause();
      }
      words.wait(1 as never, 0n);
    };
    const waker = ({ words }: ModelThread): void => {
      words.store(0 as never, 1n);
      words.notify(1 as never);
    };
    const kinds = (spinAssume: boolean): string[] =>
      check({ threads: { sleeper, waker } }, { spinAssume }).findings.map(({ kind }) => kind);
    expect(kinds(true)).toEqual(['lost wake-up']);
    expect(kinds(true)).toEqual(kinds(false));
  });

  it('a thread that gives up after some turns is seen to give up', () => {
    const impatient = (thread: ModelThread): void => {
      let turns = 0;
      thread.until(() => ++turns > 2 || thread.load(0) === 1n);
      thread.assert(turns <= 2, 'gave up');
    };
    expect(check({ threads: { impatient, sets } }, SPINNING).findings).toMatchObject([
      { message: 'impatient: gave up' },
    ]);
  });

  it.each([40, 400])('a thread that gives up after %i turns is seen to give up', (most) => {
    const impatient = (thread: ModelThread): void => {
      for (let turns = 0; thread.load(0) === 0n; turns++) {
        thread.assert(turns < most, 'gave up');
        thread.words.pause();
      }
    };
    expect(check({ threads: { impatient } }, SPINNING).findings).toMatchObject([{ message: 'impatient: gave up' }]);
  });

  it('what it does after more turns than `spinRounds` is not seen', () => {
    const impatient = (thread: ModelThread): void => {
      let turns = 0;
      thread.until(() => ++turns > 20 || thread.load(0) === 1n);
      thread.assert(turns <= 20, 'gave up');
    };
    const seen = (spinRounds: number) => check({ threads: { impatient } }, { ...SPINNING, spinRounds });
    expect(seen(19)).toMatchObject({ findings: [{ kind: 'stuck thread' }], spunThreads: ['impatient'] });
    expect(seen(20)).toMatchObject({ findings: [{ kind: 'assertion' }], spunThreads: [] });
  });

  it('what is known of a turn is known of that turn alone', () => {
    const waits = (thread: ModelThread): void => {
      const most = thread.load(1) === 1n ? 3 : Number.POSITIVE_INFINITY;
      for (let turns = 0; thread.load(0) === 0n; turns++) {
        thread.assert(turns < most, 'gave up');
        thread.words.pause();
      }
    };
    const tells = (thread: ModelThread): void => thread.store(1, 1);
    for (const threads of [
      { waits, tells },
      { tells, waits },
    ])
      expect(
        check({ threads }, SPINNING)
          .findings.map(({ kind }) => kind)
          .sort(),
      ).toEqual(['assertion', 'stuck thread']);
  });

  it('a pause in no loop, and backing off before a look, are no end', () => {
    const pauses = (thread: ModelThread): void => {
      for (let pause = 0; pause < 8; pause++) thread.words.pause();
      thread.assert(thread.load(0) === 0n, 'it is set');
    };
    const report = check({ threads: { pauses, sets } }, SPINNING);
    expect(report).toMatchObject({ blocked: 1, executions: 1, findings: [{ message: 'pauses: it is set' }] });
  });

  it('a thread that looks at two words in turn finds the one that is set', () => {
    const looks = (thread: ModelThread): void => {
      for (let at = 1; thread.load(at) !== 1n; at = 1 - at) thread.words.pause();
    };
    const report = check({ threads: { looks, sets } }, { ...SPINNING, eventsPerThread: 8 });
    expect(report.findings).toEqual([]);
    expect(report.executions).toBeGreaterThan(1);
  });

  it('a spin is one still: what it waits for comes once', () => {
    const waits = (thread: ModelThread): void => {
      while (thread.load(0) === 0n) thread.words.pause();
    };
    expect(check({ threads: { waits, sets } }, SPINNING)).toMatchObject({
      executions: 1,
      blocked: 1,
      exhausted: true,
      findings: [],
    });
    expect(check({ threads: { waits } }, SPINNING).findings).toMatchObject([{ kind: 'stuck thread' }]);
  });
});
