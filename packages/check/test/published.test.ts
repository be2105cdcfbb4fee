/** The litmus tests of GenMC's suite, and its synthetic programs without waiting. */
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../src/index.ts';
import {
  ARRAY,
  all,
  type Body,
  each,
  from,
  loads,
  type Published,
  program,
  published,
  sizes,
  stores,
  W,
  X,
  Y,
  Z,
} from './published.ts';

const LITMUS: { readonly [name: string]: Published } = {
  CoRR2: { program: program(stores([X, 1]), stores([X, 2]), loads(X, X), loads(X, X)), sc: 72 },
  IRIWish: {
    program: program(
      (t) => t.store(X, 1, 'relaxed'),
      (t) => t.store(Y, t.load(X, 'relaxed')),
      (t) => [t.load(X, 'relaxed'), t.fence('acq-rel'), t.load(Y, 'relaxed')],
      (t) => [t.load(Y, 'relaxed'), t.fence('acq-rel'), t.load(X, 'relaxed')],
    ),
    sc: 27,
  },
  'fr+w+w+w+reads': {
    program: program(...each(3, (index) => (t) => t.store(X, index + 1, 'relaxed')), (t) =>
      [X, X, X, X].map((at) => t.load(at, 'relaxed')),
    ),
    sc: 210,
  },
  'inc+inc+RR+W+RR': {
    program: program(
      ...each(2, () => (t) => t.fetchAdd(X, 1, 'relaxed')),
      ...each(2, () => (t) => [t.load(X, 'relaxed'), t.load(X, 'relaxed')]),
      (t) => t.store(X, 8, 'relaxed'),
    ),
    sc: 600,
  },
  'viktor-relseq': {
    program: program(
      (t) => [t.fetchAdd(X, 1, 'relaxed'), t.fetchAdd(X, 1, 'relaxed')],
      (t) => [t.fetchAdd(X, 1, 'acquire'), t.fetchAdd(X, 1, 'relaxed')],
      (t) => t.fetchAdd(X, 1, 'release'),
      (t) => t.fetchAdd(X, 1, 'relaxed'),
    ),
    sc: 180,
  },
  'MPU+rels+acq': {
    program: program(
      (t) => [t.store(X, 1, 'relaxed'), t.store(Y, 0), t.store(Y, 1, 'relaxed')],
      (t) => t.fetchAdd(Y, 1, 'relaxed'),
      (t) => t.load(Y) > 1n && t.store(X, 2, 'relaxed'),
    ),
    sc: 12,
  },
  'MPU2+rel+acq': {
    program: program(
      (t) => [t.store(X, 1, 'plain'), t.store(Y, 1)],
      (t) => t.compareExchange(Y, 2, 3, 'relaxed'),
      (t) => t.compareExchange(Y, 1, 2, 'relaxed'),
      (t) => t.load(Y) > 2n && t.store(X, 2, 'plain'),
    ),
    sc: 14,
  },
  'MPU2+rels+acqf': {
    program: program(
      (t) => [t.store(X, 1, 'relaxed'), t.store(Y, 0), t.store(Y, 1, 'relaxed')],
      (t) => t.compareExchange(Y, 2, 3, 'relaxed'),
      (t) => t.compareExchange(Y, 1, 2, 'relaxed'),
      (t) => t.load(Y, 'relaxed') > 2n && [t.fence('acquire'), t.store(X, 2, 'relaxed')],
    ),
    sc: 35,
  },
  'Z6.U': {
    program: program(
      (t) => [t.store(X, 1, 'seq-cst'), t.store(Y, 1)],
      (t) => [t.fetchAdd(Y, 1, 'seq-cst'), t.load(Y, 'relaxed')],
      (t) => [t.store(Y, 3, 'seq-cst'), t.load(X, 'seq-cst')],
    ),
    sc: 18,
  },
  'LB+fr-fr-data+data': {
    program: program(
      (t) => [t.load(X, 'relaxed'), t.store(Y, 1, 'relaxed')],
      (t) => [t.load(Y, 'relaxed'), t.load(Y, 'relaxed'), t.store(X, 1, 'relaxed')],
      (t) => t.store(Y, 2, 'relaxed'),
    ),
    sc: 16,
  },
  WWmerge1: {
    program: program(
      (t) => [t.load(X), t.load(Y, 'seq-cst')],
      (t) => [t.store(X, 1, 'seq-cst'), t.store(X, 2, 'seq-cst')],
      (t) => [t.store(Y, 1, 'seq-cst'), t.load(X, 'seq-cst')],
    ),
    sc: 15,
  },
  atomicpo: {
    program: program(
      (t) => [t.store(Y, 1, 'relaxed'), t.fence('acq-rel'), t.store(X, 1, 'relaxed')],
      (t) => [t.exchange(X, 1, 'relaxed'), t.exchange(Y, 1, 'relaxed')],
    ),
    sc: 3,
  },
  detour: {
    program: program(
      (t) => t.store(X, 1, 'relaxed'),
      (t) => [t.store(X, t.load(Z, 'relaxed') - 1n, 'relaxed'), t.store(Y, t.load(X, 'relaxed'), 'relaxed')],
      (t) => t.store(Z, t.load(Y, 'relaxed'), 'relaxed'),
    ),
    sc: 9,
  },
  relseq: {
    program: program(
      (t) => [t.store(X, 1, 'relaxed'), t.store(Y, 1), t.store(Y, 2, 'relaxed')],
      (t) => t.exchange(Y, 3, 'relaxed'),
      (t) => [t.load(Y, 'relaxed'), t.fence('acq-rel'), t.load(X, 'relaxed')],
    ),
    sc: 16,
  },
};

function increments(words: number): (threads: number) => ModelProgram {
  return (threads) =>
    program(
      ...each(threads, () => (t) => {
        for (let at = 0; at < words; at++) t.fetchAdd(at, 1, 'relaxed');
      }),
    );
}

const SYNTHETIC: { readonly [name: string]: Published } = {
  ...sizes('ainc', increments(1), { 6: all(720) }),
  ...sizes('binc', increments(2), { 2: { sc: 4, rc11: 4 }, 3: { sc: 36, rc11: 36 } }),
  ...sizes('cinc', increments(3), { 2: { sc: 8, rc11: 8 }, 3: { sc: 216, rc11: 216 } }),
  ...sizes(
    'cas',
    (threads) => program(...each(threads, (index) => (t) => t.compareExchange(X, 0, index + 1, 'relaxed'))),
    { 2: all(2), 3: all(3), 4: all(4), 5: all(5) },
  ),
  ...sizes(
    'casrot',
    (threads) => program(...each(threads, (index) => (t) => t.compareExchange(X, index, index + 1, 'relaxed'))),
    { 6: all(144), 7: all(523) },
  ),
  ...sizes(
    'casw',
    (threads) =>
      program(...each(threads, (index) => (t) => [t.compareExchange(X, 0, 1, 'relaxed'), t.store(X, index + 3)])),
    { 2: { sc: 6, rc11: 6, rf: 4 }, 3: { sc: 66, rc11: 66, rf: 24 }, 4: { sc: 1200, rc11: 1200, rf: 200 } },
  ),
  ...sizes(
    'wcas',
    (threads) => program(stores([X, 2]), ...each(threads, () => (t) => t.compareExchange(X, 2, 3, 'relaxed'))),
    { 2: all(5), 3: all(13), 4: all(33), 5: all(81), 6: all(193), 7: all(449) },
  ),
  ...sizes(
    'inc',
    (threads) => program(...each(threads, (index) => (t) => t.store(X, t.load(X, 'relaxed') + (1n << BigInt(index))))),
    { 2: { rf: 3 }, 3: { rf: 16 }, 4: { rf: 125 } },
  ),
  ...sizes('rw', (threads) => program(...each(threads, (index) => (t) => [t.load(X, 'relaxed'), t.store(X, index)])), {
    2: { sc: 4 },
    3: { sc: 36 },
    4: { sc: 576 },
  }),
  ...sizes(
    'wrw',
    (threads) => program(stores([X, 1]), ...each(threads, (index) => (t) => [t.load(X, 'relaxed'), t.store(X, index)])),
    { 2: { sc: 22, rf: 8 }, 3: { sc: 300, rf: 50 }, 4: { sc: 6576, rf: 432 } },
  ),
  ...sizes('wainc', (threads) => program(stores([X, 9]), ...each(threads, () => (t) => t.fetchAdd(X, 1, 'relaxed'))), {
    4: all(120),
  }),
  ...sizes('readers', (threads) => program(stores([X, 1]), ...each(threads, () => loads(X))), { 13: all(8192) }),
  ...sizes('N-writers', (threads) => program(...each(threads, (index) => stores([X, index])), loads(X)), {
    5: { sc: 720 },
  }),
  ...sizes(
    'CoA',
    (writers) =>
      program(
        (t) => [t.store(X, 1), t.load(Y), t.load(X)],
        (t) => [t.store(X, 2), t.load(Z), t.load(X)],
        ...each(writers - 1, (index) => stores([Y, index], [Z, index])),
      ),
    {
      1: { sc: 4, rc11: 4, rf: 3 },
      2: { sc: 15, rc11: 16, rf: 12 },
      3: { sc: 130, rc11: 144, rf: 27 },
      4: { sc: 2028, rc11: 2304, rf: 48 },
    },
  ),
  ...sizes(
    'par_length',
    (turns) =>
      program(
        ...each(2, (index) => (t) => {
          for (let turn = 0; turn < turns; turn++) {
            t.store(ARRAY + index, turn, 'seq-cst');
            t.load(ARRAY + index, 'seq-cst');
          }
          t.store(X, index, 'seq-cst');
          t.load(X, 'seq-cst');
        }),
      ),
    { 4: { sc: 4 }, 6: { sc: 4 } },
  ),
  ...sizes(
    'eratosthenes',
    (size) =>
      program(
        ...each(2, () => (t) => {
          for (let at = 0; at < size; at++) {
            if (t.load(at) !== 0n) continue;
            t.store(at, 1);
            for (let multiple = 2 * at + 2; multiple < size; multiple += at + 2) t.store(multiple, 2);
          }
        }),
      ),
    { 5: { sc: 398 } },
  ),
  ...sizes(
    'commits',
    (commits) =>
      from(
        { [Y]: commits },
        ...each(2, (index) => (t) => {
          for (let turn = 0, done = 0; BigInt(done) < t.load(Y) && turn < 6; turn++) {
            t.store(X, index + 1);
            if (t.load(X) === BigInt(index + 1)) done++;
          }
        }),
      ),
    { 2: { sc: 1734 } },
  ),
  ...sizes(
    'dekker2-fixed',
    (turns) => {
      const side =
        (own: number, other: number, flag: number): Body =>
        (t) => [t.store(own, 1, 'seq-cst'), t.load(other, 'seq-cst') === 0n && t.store(flag, 1, 'relaxed')];
      const ifBoth =
        (act: (t: ModelThread, turn: number) => unknown): Body =>
        (t) => {
          if (t.load(Z, 'relaxed') === 0n || t.load(W, 'relaxed') === 0n) return;
          for (let turn = 0; turn < turns; turn++) act(t, turn);
        };
      return program(
        side(Y, X, Z),
        side(X, Y, W),
        ifBoth((t, turn) => t.store(X, turn, 'relaxed')),
        ifBoth((t) => t.load(X, 'relaxed')),
      );
    },
    { 2: { sc: 6 }, 3: { sc: 6 }, 4: { sc: 6 } },
  ),
  ...sizes(
    'lastzero',
    (writers) =>
      program(
        (t) => {
          for (let at = writers; t.load(at) !== 0n; at--);
        },
        ...each(writers, (index) => (t) => t.store(index + 1, t.load(index) + 1n)),
      ),
    { 10: { sc: 3328 } },
  ),
  ...sizes(
    'SharedPtr',
    (turns) =>
      from(
        { [X]: 3, [Y]: 4 },
        ...each(2, (index) => (t) => {
          t.store(Z, 1 - index);
          for (let turn = 0; turn < turns; turn++) t.load(index);
          const at = Number(t.load(Z));
          t.store(at, t.load(at) + 3n);
        }),
      ),
    { 100: { sc: 410 } },
  ),
  fib_bench: {
    program: from(
      { [X]: 1, [Y]: 1 },
      ...[X, Y].map((own) => (t: ModelThread) => {
        for (let turn = 0; turn < 5; turn++) t.store(own, t.load(X) + t.load(Y));
      }),
      loads(X, Y),
    ),
    sc: 218_243,
  },
  big0: {
    program: program(
      loads(X, Y, Z, W, X, Y, Z),
      loads(X, Y, Z),
      stores([X, 1], [Y, 1], [X, 2], [Y, 2], [X, 3], [Y, 3]),
      stores([Z, 1], [W, 1], [Z, 2], [W, 2], [Z, 3], [W, 3]),
    ),
    sc: 69_112,
  },
};

published('litmus tests', LITMUS);
published('synthetic programs', SYNTHETIC);

type Write = 'rlx' | 'rel' | 'relf' | 'rels';
type Read = 'rlx' | 'acq' | 'acqf';

/** Writes a plain word and then says so in another: by a release, behind a release fence, or late in a release sequence. */
function writer(write: Write): Body {
  return (t) => {
    t.store(X, 1, 'plain');
    if (write === 'relf') t.fence('release');
    if (write === 'rels') t.store(Y, 0);
    t.store(Y, 1, write === 'rel' ? 'release' : 'relaxed');
  };
}

/** Uses the plain word if it has heard so. */
function user(read: Read, most: bigint, use: (t: ModelThread) => unknown): Body {
  return (t) => {
    if (t.load(Y, read === 'acq' ? 'acquire' : 'relaxed') <= most) return;
    if (read === 'acqf') t.fence('acquire');
    use(t);
  };
}

/** Between the two, nothing, one update or two. */
const HANDED_ON: { readonly [name: string]: (write: Write, read: Read) => ModelProgram } = {
  MP: (write, read) =>
    program(
      writer(write),
      user(read, 0n, (t) => t.load(X, 'plain')),
    ),
  S: (write, read) =>
    program(
      writer(write),
      user(read, 0n, (t) => t.store(X, 2, 'plain')),
    ),
  MPU: (write, read) =>
    program(
      writer(write),
      (t) => t.fetchAdd(Y, 1, 'relaxed'),
      user(read, 1n, (t) => t.store(X, 2, 'plain')),
    ),
  MPU2: (write, read) =>
    program(
      writer(write),
      (t) => t.compareExchange(Y, 2, 3, 'relaxed'),
      (t) => t.compareExchange(Y, 1, 2, 'relaxed'),
      user(read, 2n, (t) => t.store(X, 2, 'plain')),
    ),
};

describe.each(Object.keys(HANDED_ON))('races of %s', (name) => {
  it.each(['rlx', 'rel', 'relf', 'rels'] as const)('%s', (write) => {
    for (const read of ['rlx', 'acq', 'acqf'] as const) {
      const isOrdered = write !== 'rlx' && read !== 'rlx';
      const report = check((HANDED_ON[name] as (typeof HANDED_ON)['MP'])(write, read));
      expect(report.findings.map(({ kind }) => kind)).toEqual(isOrdered ? [] : ['data race']);
    }
  });
});
