import { type HostImports, instantiate, LinkError } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { instance, program, run } from './support/programs.ts';

const CLOCK = `
import now() -> time
import log(value)
func main(x) -> r {
  call start, now()
  call log(x)
  call end, now()
  i64.sub r, end, start
  ret r
}`;

function clock() {
  const logged: bigint[] = [];
  let time = 100n;
  const imports: HostImports = {
    now() {
      time += 5n;
      return time;
    },
    log(value: bigint) {
      logged.push(value);
    },
  };
  return { imports, logged };
}

describe('imports', () => {
  test('are called with words and give words back', () => {
    const { imports, logged } = clock();
    expect(run(CLOCK, [-1], { imports })).toBe(5n);
    expect(logged).toEqual([2n ** 64n - 1n]);
  });

  test.each([0, 1, 3, 4, 9, 10, 15])('%i arguments arrive in their order', (count) => {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    let given: bigint[] = [];
    const take = (...words: bigint[]) => {
      given = words;
      return -1n;
    };
    Object.defineProperty(take, 'length', { value: count });
    const text = `import take(${names.join(', ')}) -> r
func main() -> r {
  call _, take(${names.map((_, index) => index + 1).join(', ')})
  call take(${names.map((_, index) => index + 1).join(', ')})
  call r, take(${names.map((_, index) => index + 1).join(', ')})
  ret r
}`;
    expect(run(text, [], { imports: { take } })).toBe(2n ** 64n - 1n);
    expect(given).toEqual(names.map((_, index) => BigInt(index + 1)));
  });

  test('a result may be dropped', () => {
    const { imports, logged } = clock();
    expect(run(CLOCK.replace('call log(x)', 'call now()\n  call log(1)'), [0], { imports })).toBe(10n);
    expect(logged).toEqual([1n]);
  });

  test('the host may look into private memory', () => {
    let said = '';
    const subject = instance(
      'data hello = "hello"\nimport say(at, length)\nfunc main() {\n call say(hello, hello.length)\n ret\n}',
      {
        imports: {
          say(at: bigint, length: bigint) {
            said = new TextDecoder().decode(subject.memory.subarray(Number(at), Number(at + length)));
          },
        },
      },
    );
    expect(subject.run()).toMatchObject({ kind: 'done' });
    expect(said).toBe('hello');
  });
});

describe('linking', () => {
  const link = (imports: HostImports) => () => instantiate(program(CLOCK), { name: 'guest', imports });
  test('names the import that is missing, and those that are there', () => {
    expect(link({ now: () => 0n })).toThrow(LinkError);
    expect(link({ now: () => 0n })).toThrow('program test imports log, which is not granted; granted: now');
    expect(() => instantiate(program(CLOCK))).toThrow('imports now, which is not granted; granted: nothing');
  });

  test('does not take what every object has', () => {
    expect(() => instance('import toString() -> r\nfunc main() -> r {\n call r, toString()\n ret r\n}')).toThrow(
      'imports toString, which is not granted',
    );
  });

  test('names the import of another arity, and both numbers', () => {
    expect(link({ now: () => 0n, log: () => undefined })).toThrow(
      'program test imports log with 1 parameter, and the granted function takes 0',
    );
  });

  test.each([-1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, 5n, '5', undefined])('refuses %s for a price', (fuel) => {
    const now = { call: () => 0n, fuel: fuel as number };
    expect(link({ now, log: (_) => undefined })).toThrow(LinkError);
    expect(link({ now, log: (_) => undefined })).toThrow(
      /^import now: its price in fuel is a whole number of at least 0, not (-1|NaN|1\.5|Infinity|5n|"5"|undefined)$/,
    );
  });

  test.each([null, undefined, 5n, 'log', {}, { fuel: 3 }, { call: 'log', fuel: 3 }])(
    'refuses %s for a function',
    (log) => {
      expect(link({ now: () => 0n, log: log as never })).toThrow(
        'import log is a function, or { call, fuel } with a price',
      );
    },
  );

  test('looks at all of the table, also at what the program does not import', () => {
    const { imports } = clock();
    expect(link({ ...imports, later: { call: () => 0n, fuel: -1 } })).toThrow('import later: its price');
  });
});

describe('a function of the host that fails is a trap of the program', () => {
  const failing = (now: () => unknown) =>
    instance(CLOCK, { name: 'tenant', imports: { ...clock().imports, now }, limits: { fuel: 100 } }).run('main', [0]);

  test('at its place, with what was thrown, its fuel charged', () => {
    const outcome = failing(() => {
      throw new RangeError('no clock');
    });
    expect(outcome).toMatchObject({
      kind: 'trap',
      trap: {
        reason: 'host function',
        message: 'now: no clock',
        program: 'tenant',
        function: 'main',
        file: 'test.pasm',
        line: 5,
        column: 3,
        fuelLeft: 84,
        backTrace: [{ function: 'main', line: 5 }],
      },
    });
  });

  test.each([
    ['nothing', undefined, 'now gave back undefined, and its result is a word'],
    ['a number', 5, 'now gave back number, and its result is a word'],
    ['2^64', 2n ** 64n, 'now gave back a number outside -2^63 to 2^64 - 1, and its result is a word of 64 bits'],
    ['less than -2^63', -(2n ** 63n) - 1n, expect.stringContaining('now gave back a number outside')],
  ])('that gives back %s', (_, value, message) => {
    expect(failing(() => value)).toMatchObject({ kind: 'trap', trap: { reason: 'host function', message } });
  });

  test('that throws what is no error', () => {
    const outcome = failing(() => {
      AbortSignal.abort('words').throwIfAborted();
    });
    expect(outcome).toMatchObject({ trap: { message: 'now: words' } });
  });

  test('that runs the very instance', () => {
    const subject = instance('import again()\nfunc main() {\n call again()\n ret\n}', {
      imports: { again: () => subject.run() },
    });
    expect(subject.run()).toMatchObject({
      kind: 'trap',
      trap: { message: 'again: program test is waiting for a function of the host' },
    });
    expect(subject.run()).toMatchObject({ kind: 'trap', trap: { reason: 'host function', line: 3 } });
  });
});

describe('fuel', () => {
  test('a call costs 16 units, and what the host asks', () => {
    const spent = (fuel: number) => {
      const { imports } = clock();
      const subject = instance(CLOCK, {
        imports: { ...imports, log: { call: (_: bigint) => undefined, fuel } },
        limits: { fuel: 1000 },
      });
      subject.run('main', [0]);
      return 1000 - subject.fuelLeft;
    };
    expect(spent(0)).toBe(3 * 16 + 2);
    expect(spent(200)).toBe(3 * 16 + 2 + 200);
  });

  test('what is left can be seen from within', () => {
    const seen: number[] = [];
    const subject = instance('import look()\nfunc main() {\n call look()\n call look()\n ret\n}', {
      imports: { look: () => seen.push(subject.fuelLeft) },
      limits: { fuel: 5_000_000 },
    });
    subject.run();
    expect(seen).toEqual([4_999_984, 4_999_968]);
  });

  test('a call that is too dear is not made, and made once when there is more', () => {
    const { imports, logged } = clock();
    const log = { call: imports.log as (value: bigint) => void, fuel: 50 };
    const subject = instance(CLOCK, { imports: { ...imports, log }, limits: { fuel: 40 } });
    expect(subject.run('main', [7])).toMatchObject({ kind: 'exhausted', at: { line: 6 } });
    expect(logged).toEqual([]);
    expect(subject.resume(42)).toMatchObject({ kind: 'exhausted', at: { line: 7 } });
    expect(logged).toEqual([7n]);
    expect(subject.resume(18)).toMatchObject({ kind: 'done', value: 5n, fuelLeft: 0 });
    expect(logged).toEqual([7n]);
  });
});
