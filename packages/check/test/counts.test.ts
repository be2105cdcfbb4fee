/** Programs of the literature whose numbers of executions are known, under both models. */
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram } from '../src/index.ts';
import { type Body, each, program, X, Y } from './published.ts';

function lastZero(writers: number): ModelProgram {
  return program(
    (t) => {
      for (let at = writers; t.load(at) !== 0n; at--);
    },
    ...each(writers, (index) => (t) => t.store(index + 1, t.load(index) + 1n)),
  );
}

const readX: Body = (t) => {
  t.load(X);
};

/** Threads insert four hashes each into a table; only from 12 threads on do they meet. */
function indexer(threads: number): ModelProgram {
  const slots = 128;
  return program(
    ...each(threads, (index) => (t) => {
      for (let message = 1; message <= 4; message++) {
        const hash = message * 11 + index;
        let at = (hash * 7) % slots;
        while (t.compareExchange(at, 0, hash, 'seq-cst') !== 0n) at = (at + 1) % slots;
      }
    }),
  );
}

/** Two threads add each other's word to their own, `turns` times; a third one looks. */
function fibonacci(turns: number): ModelProgram {
  const add =
    (own: number): Body =>
    (t) => {
      for (let turn = 0; turn < turns; turn++) t.store(own, t.load(X, 'seq-cst') + t.load(Y, 'seq-cst'), 'seq-cst');
    };
  const look: Body = (t) => [t.load(X, 'seq-cst'), t.load(Y, 'seq-cst')];
  return {
    ...program(add(X), add(Y), look),
    initial: (words) => {
      words.store(X as never, 1n);
      words.store(Y as never, 1n);
    },
  };
}

const COUNTS: readonly (readonly [name: string, program: ModelProgram, sc: number, rc11: number])[] = [
  [
    'SB',
    program(
      (t) => [t.store(X, 1), t.load(Y)],
      (t) => [t.store(Y, 1), t.load(X)],
    ),
    3,
    4,
  ],
  [
    'SB, seq-cst',
    program(
      (t) => [t.store(X, 1, 'seq-cst'), t.load(Y, 'seq-cst')],
      (t) => [t.store(Y, 1, 'seq-cst'), t.load(X, 'seq-cst')],
    ),
    3,
    3,
  ],
  [
    'SB, fences',
    program(
      (t) => [t.store(X, 1, 'relaxed'), t.fence(), t.load(Y, 'relaxed')],
      (t) => [t.store(Y, 1, 'relaxed'), t.fence(), t.load(X, 'relaxed')],
    ),
    3,
    3,
  ],
  [
    'MP',
    program(
      (t) => [t.store(X, 1), t.store(Y, 1)],
      (t) => [t.load(Y), t.load(X)],
    ),
    3,
    3,
  ],
  [
    'MP, relaxed',
    program(
      (t) => [t.store(X, 1, 'relaxed'), t.store(Y, 1, 'relaxed')],
      (t) => [t.load(Y, 'relaxed'), t.load(X, 'relaxed')],
    ),
    3,
    4,
  ],
  [
    'MP, relaxed with fences',
    program(
      (t) => [t.store(X, 1, 'relaxed'), t.fence('release'), t.store(Y, 1, 'relaxed')],
      (t) => [t.load(Y, 'relaxed'), t.fence('acquire'), t.load(X, 'relaxed')],
    ),
    3,
    3,
  ],
  [
    'MP, x plain',
    program(
      (t) => [t.store(X, 1, 'plain'), t.store(Y, 1)],
      (t) => t.load(Y) === 1n && t.load(X, 'plain'),
    ),
    2,
    2,
  ],
  [
    'LB',
    program(
      (t) => [t.load(Y), t.store(X, 1)],
      (t) => [t.load(X), t.store(Y, 1)],
    ),
    3,
    3,
  ],
  [
    'S',
    program(
      (t) => [t.store(X, 2, 'relaxed'), t.store(Y, 1, 'relaxed')],
      (t) => [t.load(Y, 'relaxed'), t.store(X, 1, 'relaxed')],
    ),
    3,
    4,
  ],
  [
    '2+2W',
    program(
      (t) => [t.store(X, 1), t.store(Y, 2)],
      (t) => [t.store(Y, 1), t.store(X, 2)],
    ),
    3,
    4,
  ],
  [
    '2+2W, seq-cst',
    program(
      (t) => [t.store(X, 1, 'seq-cst'), t.store(Y, 2, 'seq-cst')],
      (t) => [t.store(Y, 1, 'seq-cst'), t.store(X, 2, 'seq-cst')],
    ),
    3,
    3,
  ],
  [
    'LB3',
    program(...each(3, (index) => (t) => [t.load(index, 'relaxed'), t.store((index + 1) % 3, 1, 'relaxed')])),
    7,
    7,
  ],
  [
    'CoRR',
    program(
      (t) => [t.store(X, 1), t.store(X, 2)],
      (t) => [t.load(X), t.load(X)],
    ),
    6,
    6,
  ],
  [
    'CoRR1',
    program(
      (t) => t.store(X, 1),
      (t) => t.store(X, 2),
      (t) => [t.load(X), t.load(X)],
      readX,
    ),
    36,
    36,
  ],
  [
    'IRIW',
    program(
      (t) => t.store(X, 1, 'seq-cst'),
      (t) => t.store(Y, 1, 'seq-cst'),
      (t) => [t.load(X), t.load(Y, 'seq-cst')],
      (t) => [t.load(Y), t.load(X, 'seq-cst')],
    ),
    15,
    16,
  ],
  ...[2, 6, 24, 120].map(
    (count, index) =>
      [`ainc ${index + 2}`, program(...each(index + 2, () => (t) => t.fetchAdd(X, 1))), count, count] as const,
  ),
  ...[4, 36, 576].map(
    (count, index) =>
      [
        `inc ${index + 2}`,
        program(...each(index + 2, (thread) => (t) => t.store(X, t.load(X) + (1n << BigInt(thread))))),
        count,
        count,
      ] as const,
  ),
  ...[2, 5, 14, 43].map(
    (count, index) =>
      [
        `casrot ${index + 2}`,
        program(...each(index + 2, (thread) => (t) => t.compareExchange(X, thread, thread + 1))),
        count,
        count,
      ] as const,
  ),
  ['readers 2', program((t) => t.store(X, 1), ...each(2, () => readX)), 4, 4],
  ['readers 8', program((t) => t.store(X, 1), ...each(8, () => readX)), 256, 256],
  ['wainc 2', program((t) => t.store(X, 9), ...each(2, () => (t) => t.fetchAdd(X, 1))), 6, 6],
  ['wainc 3', program((t) => t.store(X, 9), ...each(3, () => (t) => t.fetchAdd(X, 1))), 24, 24],
  // One exchange finds the zero; the others find what it left, since nothing may come between an update and what it read.
  ...[2, 3, 5].map(
    (count) =>
      [
        `casw ${count}`,
        program(...each(count, (thread) => (t) => t.compareExchange(X, 0, thread + 1))),
        count,
        count,
      ] as const,
  ),
  // Orders of the writes.
  ...[2, 6, 24].map(
    (count, index) =>
      [
        `lastwrite ${index + 2}`,
        program(...each(index + 2, (thread) => (t) => t.store(X, thread + 1))),
        count,
        count,
      ] as const,
  ),
  ['lastzero 5', lastZero(5), 64, 64],
  ['indexer 11', indexer(11), 1, 1],
  ['indexer 12', indexer(12), 8, 8],
  ['indexer 13', indexer(13), 64, 64],
  ['fib_bench 3', fibonacci(3), 1698, 1698],
  ['fib_bench 4', fibonacci(4), 19_605, 19_605],
];

describe('executions of known programs', () => {
  it.each(COUNTS)('%s', (_, known, sc, rc11) => {
    for (const [model, count] of [
      ['sc', sc],
      ['rc11', rc11],
    ] as const) {
      const report = check(known, { model });
      expect(report).toMatchObject({ model, executions: count, blocked: 0, exhausted: true, findings: [] });
    }
  });
});

/** Threads take a ticket each and wait until it is served: the order of the tickets is all that there is to choose. */
function ticketLock(threads: number): ModelProgram {
  const [TICKETS, SERVED, COUNT] = [0, 1, 2];
  const names = each(threads, () => (t) => {
    const ticket = t.fetchAdd(TICKETS, 1);
    t.until(() => t.load(SERVED) === ticket);
    t.store(COUNT, t.load(COUNT, 'plain') + 1n, 'plain');
    t.store(SERVED, ticket + 1n);
  });
  return { ...program(...names), final: (end) => end.assert(end.words.load(COUNT as never) === BigInt(threads)) };
}

/** Peterson's lock for two; `order` is that of its accesses. */
function peterson(order: 'seq-cst' | undefined): ModelProgram {
  const [FLAGS, TURN, COUNT] = [0, 2, 3];
  const side =
    (own: number): Body =>
    (t) => {
      t.store(FLAGS + own, 1, order);
      t.store(TURN, 1 - own, order);
      t.until(() => t.load(FLAGS + 1 - own, order) === 0n || t.load(TURN, order) === BigInt(own));
      t.store(COUNT, t.load(COUNT) + 1n);
      t.store(FLAGS + own, 0, order);
    };
  return { ...program(side(0), side(1)), final: (end) => end.assert(end.words.load(COUNT as never) === 2n) };
}

describe('locks that spin', () => {
  it.each([
    [2, 2],
    [3, 6],
    [4, 24],
  ])('a ticket lock of %i threads is gone through in %i orders', (threads, executions) => {
    for (const model of ['sc', 'rc11'] as const)
      expect(check(ticketLock(threads), { model, spinAssume: true })).toMatchObject({
        executions,
        exhausted: true,
        findings: [],
      });
  });

  it("Peterson's excludes if its accesses are seq-cst, and not if they release and acquire", () => {
    const kinds = (order: 'seq-cst' | undefined, model: 'sc' | 'rc11'): string[] =>
      check(peterson(order), { model, spinAssume: true }).findings.map(({ kind }) => kind);
    expect(kinds('seq-cst', 'rc11')).toEqual([]);
    expect(kinds(undefined, 'sc')).toEqual([]);
    expect(kinds(undefined, 'rc11')).toContain('final condition');
  });
});
