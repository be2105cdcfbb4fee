/** Threads that go on from kept states see what threads see that are run from their beginning, whatever the program. */
import { assemble, formatErrors, load } from '@pool/vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CheckOptions,
  check,
  formatFinding,
  type ModelProgram,
  type ModelThread,
  programThreads,
  type ResumableThread,
  type ThreadBody,
} from '../src/index.ts';

const PROGRAMS = process.env.POOL_LONG ? 10_000 : 400;

function assembled(text: string): ModelProgram {
  const result = assemble({ name: 'random.pasm', text });
  if (!result.ok) throw new Error(`${formatErrors(result.errors)}\n${text}`);
  return programThreads(load(result.bytes));
}

function mapThreads(program: ModelProgram, change: (body: ThreadBody) => ThreadBody): ModelProgram {
  const threads = Object.entries(program.threads).map(([name, body]): [string, ThreadBody] => [name, change(body)]);
  return { ...program, threads: Object.fromEntries(threads) };
}

/** The same threads, each run from its beginning every time. */
function replayed(program: ModelProgram): ModelProgram {
  return mapThreads(program, (body) => (thread) => body(thread));
}

/** The same threads, which keep every state, whatever it costs; `restored` is told whenever one is put back to it. */
function watched(program: ModelProgram, restored: () => void): ModelProgram {
  return mapThreads(program, (body) =>
    Object.assign((): void => {}, {
      resumable(thread: Parameters<ThreadBody>[0]): ResumableThread {
        const inner = body.resumable?.(thread) as ResumableThread;
        return {
          restart: () => inner.restart(),
          step: () => inner.step(),
          get work() {
            return inner.work;
          },
          price: { work: 0, bytes: 1 },
          save: (into) => inner.save(into),
          restore(state) {
            restored();
            inner.restore(state);
          },
          isSame: (one, other) => inner.isSame(one, other),
        };
      },
    }),
  );
}

/** Two shared words; `seen` is what the thread has learnt so far, and its answer. */
const place = fc.constantFrom('w.x', 'w.y');
const small = fc.integer({ min: 0, max: 2 });
/** Instructions with labels that `#` makes unique. */
const instruction = fc.oneof(
  { weight: 3, arbitrary: place.map((at) => `shared_load got, ${at}\nLEARN`) },
  { weight: 3, arbitrary: fc.tuple(place, small).map(([at, value]) => `shared_store ${at}, ${value}`) },
  { weight: 1, arbitrary: place.map((at) => `shared_store ${at}, seen`) },
  { weight: 2, arbitrary: place.map((at) => `shared_fetch_add got, ${at}, 1\nLEARN`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, small, small)
      .map(([at, old, value]) => `shared_cas got, ${at}, ${old}, ${value}\nLEARN`),
  },
  { weight: 1, arbitrary: fc.constant('shared_barrier') },
  { weight: 1, arbitrary: fc.constant('call seen, remember(seen)') },
  { weight: 1, arbitrary: fc.constant('call seen, work(seen)') },
  {
    weight: 1,
    arbitrary: place.map(
      (at) => `again#:\nshared_load got, ${at}\nbr_ne got, 0, done#\nshared_pause\nbr again#\ndone#:\nLEARN`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, place)
      .map(
        ([at, other]) =>
          `shared_store ${at}, 2\nshared_load got, ${other}\nbr_eq got, 1, done#\nshared_pause\nread#:\nshared_load got, ${other}\nbr_eq got, 1, done#\nshared_pause\nbr read#\ndone#:\nLEARN`,
      ),
  },
  { weight: 1, arbitrary: small.map((value) => `br_ne seen, ${value}, fine#\nshared_fetch_add _, w.x, 1\nfine#:`) },
  { weight: 1, arbitrary: small.map((value) => `br_ne seen, ${value}, fine#\ntrap "it has seen ${value}"\nfine#:`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, small, fc.constantFrom(-1, 1000))
      .map(([at, value, timeout]) => `shared_wait got, ${at}, ${value}, ${timeout}\nLEARN`),
  },
  { weight: 1, arbitrary: place.map((at) => `shared_notify got, ${at}, 1\nLEARN`) },
);
const texts = fc
  .array(fc.array(instruction, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 3 })
  .filter((threads) => threads.reduce((sum, { length }) => sum + length, 0) <= 9)
  .map((threads) => {
    const functions = threads.map((body, index) => {
      const lines = body.map((text, at) => text.replaceAll('#', `${at}`));
      return `func thread_t${index}() -> seen {\ni64.const seen, 0\n${lines.join('\n')}\nret seen\n}\n`;
    });
    return `${RANDOM_HEAD}${functions.join('').replaceAll('LEARN', 'i64.mul seen, seen, 3\ni64.add seen, seen, got')}`;
  });

/** `remember` answers what it was told before; `work` is more of it than a copy of all private memory. */
const RANDOM_HEAD = `window w {
  x
  y
}
data kept = words 5
func remember(new) -> old {
i64.load old, [kept]
i64.store [kept], new
ret old
}
func work(seed) -> sum {
mov sum, seed
i64.const n, 0
again:
i64.add sum, sum, n
i64.store [kept + 8], sum
i64.add n, n, 1
br_lt_u n, 300, again
i64.load sum, [kept + 8]
ret sum
}
func never() {
call _, remember(0)
call _, work(0)
ret
}
`;

const options = fc.record<CheckOptions>(
  {
    model: fc.constantFrom('sc', 'rc11'),
    spinAssume: fc.boolean(),
    unroll: fc.constantFrom(1, 2),
    eventsPerThread: fc.constantFrom(6, 14),
    plant: fc.constantFrom({ torn: () => true }, { stores: () => true }),
  },
  { requiredKeys: ['eventsPerThread'] },
);

/** A report without how long it took, and how it was known that a thread spins: by its state, or by its turns alone. */
function seen(program: ModelProgram, given: CheckOptions): object {
  const { milliseconds: _, spunThreads: __, findings, outcomes, ...report } = check(program, given);
  return { ...report, outcomes: [...outcomes], findings: findings.map(formatFinding) };
}

describe('a thread that goes on from kept states', () => {
  it('sees what one sees that is run from its beginning', () => {
    let restored = 0;
    let found = 0;
    fc.assert(
      fc.property(texts, options, (text, given) => {
        const program = assembled(text);
        const bounds = { ...given, executions: 300 };
        const expected = seen(replayed(program), bounds);
        const watching = watched(program, () => {
          restored += 1;
        });
        expect(seen(watching, bounds)).toEqual(expected);
        expect(seen(program, bounds)).toEqual(expected);
        if ((expected as { findings: unknown[] }).findings.length > 0) found += 1;
      }),
      { numRuns: PROGRAMS },
    );
    expect(restored).toBeGreaterThan(2 * PROGRAMS);
    expect(found).toBeGreaterThan(PROGRAMS / 20);
  });

  it('does not take one branch for another', () => {
    // While y is revisited the branches are gone through at a higher level; the first `last` is read anew after that.
    const operations = (thread: ModelThread) => [
      () => thread.load(1),
      () => BigInt(thread.choose(2)),
      () => thread.load(2),
      () => thread.load(3),
    ];
    const body = (thread: ModelThread): void => {
      for (const [index, operation] of operations(thread).entries()) thread.observe(`${index}`, operation());
    };
    const resumable = (thread: ModelThread): ResumableThread => {
      let answers: bigint[] | undefined;
      return {
        restart: () => {
          answers = undefined;
        },
        step() {
          const next = operations(thread)[answers?.length ?? 0];
          if (answers === undefined) answers = [];
          else if (next !== undefined) answers.push(next());
          if (answers.length < 4) return true;
          for (const [index, answer] of answers.entries()) thread.observe(`${index}`, answer);
          return false;
        },
        work: 0,
        price: { work: 0, bytes: 1 },
        save: () => answers?.slice(),
        restore: (state) => {
          answers = (state as bigint[]).slice();
        },
        isSame: () => false,
      };
    };
    const others = {
      early: (thread: ModelThread) => {
        thread.store(3, 1);
        thread.store(3, 2);
      },
      late: (thread: ModelThread) => thread.store(1, 0),
    };
    const program = (chooser: ThreadBody): ModelProgram => ({
      threads: { early: others.early, chooser, late: others.late },
    });
    const expected = seen(program(body), {});
    expect(seen(program(Object.assign((): void => {}, { resumable })), {})).toEqual(expected);
  });

  it('keeps no more states than it is to, and writes over those that it needs no more', () => {
    for (const [bytes, most] of [
      [1, 64],
      [2 ** 22, 4],
      [2 ** 30, 1],
    ] as const) {
      let made = 0;
      const resumable = (thread: ModelThread): ResumableThread => {
        let at = 0;
        return {
          restart: () => {
            at = 0;
          },
          step() {
            if (at > 0) thread.load(0);
            at += 1;
            return at <= 100;
          },
          work: 0,
          price: { work: 0, bytes },
          save(into) {
            if (into === undefined) made += 1;
            const state = (into ?? { at }) as { at: number };
            state.at = at;
            return state;
          },
          restore: (state) => {
            at = (state as { at: number }).at;
          },
          isSame: () => false,
        };
      };
      const reader = Object.assign((): void => {}, { resumable });
      const report = check({ threads: { reader, writer: (thread) => thread.store(0, 1) } });
      expect(report).toMatchObject({ executions: 101, exhausted: true });
      expect(made).toBe(most);
    }
  });
});
