/** Programs of GenMC's suite that wait, and its data structures. */
import type { ModelProgram, ModelThread } from '../src/index.ts';
import { ARRAY, all, type Body, each, from, type Published, program, published, sizes, X, Y } from './published.ts';

/** Herlihy and Wing's queue: takers look through what was there when they came. */
function herlihyWing(): ModelProgram {
  const put = (t: ModelThread, value: number): void => t.store(ARRAY + Number(t.fetchAdd(X, 1)), value);
  const take = (t: ModelThread): void => {
    const end = Number(t.load(X));
    for (let at = 0, taken = 0n; taken === 0n; at++) {
      t.assume(at < end);
      taken = t.exchange(ARRAY + at, 0);
    }
  };
  return program(
    (t) => [put(t, 1), take(t)],
    (t) => [put(t, 2), put(t, 3)],
    (t) => [take(t), put(t, 4)],
    (t) => [take(t), take(t)],
  );
}

/** Lamport's fast mutual exclusion for two. */
function lamport(): ModelProgram {
  const free = (t: ModelThread, at: number): void => t.until(() => t.load(at, 'seq-cst') === 0n);
  return program(
    ...each(2, (index) => (t) => {
      const own = ARRAY + index;
      for (;;) {
        t.store(own, 1, 'seq-cst');
        t.store(X, index + 1, 'seq-cst');
        if (t.load(Y, 'seq-cst') !== 0n) {
          t.store(own, 0, 'seq-cst');
          free(t, Y);
          continue;
        }
        t.store(Y, index + 1, 'seq-cst');
        if (t.load(X, 'seq-cst') === BigInt(index + 1)) break;
        t.store(own, 0, 'seq-cst');
        for (let other = 0; other < 2; other++) free(t, ARRAY + other);
        if (t.load(Y, 'seq-cst') === BigInt(index + 1)) break;
        free(t, Y);
      }
      t.store(Y, 0, 'seq-cst');
      t.store(own, 0, 'seq-cst');
    }),
  );
}

/** A counter that all threads wait to see full. */
function barrier(t: ModelThread, at: number, threads: number): void {
  t.fetchAdd(at, 1);
  t.until(() => t.load(at) === BigInt(threads));
}

function barriers(rounds: number): (threads: number) => ModelProgram {
  return (threads) =>
    program(
      ...each(threads, () => (t) => {
        for (let round = 0; round < rounds; round++) barrier(t, round, threads);
      }),
    );
}

function spinLock(t: ModelThread, at: number, section: () => void): void {
  t.until(() => t.compareExchange(at, 0, 1, 'seq-cst') === 0n);
  section();
  t.store(at, 0, 'seq-cst');
}

/** Writes `first` to `last` to each place, in turn. */
function counting(first: number, last: number, ...places: number[]): Body {
  return (t) => {
    for (let value = first; value <= last; value++) for (const at of places) t.store(at, value, 'seq-cst');
  };
}

const WAITING: { readonly [name: string]: Published } = {
  'hwqueue-ra': { program: herlihyWing(), sc: 5155 },
  lamport: { program: lamport(), sc: 16 },
  ...sizes('barrier1', barriers(1), { 3: { sc: 6 }, 4: { sc: 24 } }),
  ...sizes('barrier2', barriers(2), { 3: { sc: 36 } }),
  'barrier-transc': { program: barriers(6)(2), sc: 64 },
  // Without what GenMC knows of barriers: the orders in which threads come to one count.
  'barrier3 3': {
    program: program(...each(3, () => (t) => spinLock(t, X, () => {})), ...each(3, () => (t) => barrier(t, Y, 3))),
    rf: 36,
  },
  'barrier-lock': {
    program: program(
      ...each(2, () => (t) => {
        for (let round = 0; round < 2; round++) {
          barrier(t, ARRAY + round, 2);
          spinLock(t, X, () => t.store(Y, t.load(Y, 'plain') + 1n, 'plain'));
        }
      }),
    ),
    sc: 16,
  },
  ...sizes('spin-cas3', (threads) => program(...each(threads, () => (t) => spinLock(t, X, () => {}))), {
    3: all(6),
    4: all(24),
    5: all(120),
  }),
  'spin-cas2': {
    program: program(
      ...each(3, () => (t) => {
        const seen = t.load(X, 'seq-cst');
        t.assume(t.compareExchange(X, seen, 42, 'seq-cst') === seen);
      }),
      (t) => t.store(X, 1, 'seq-cst'),
    ),
    sc: 42,
  },
  doubleloop: {
    program: program(
      (t) => t.until(() => t.load(X, 'seq-cst') !== 0n || t.load(Y, 'seq-cst') !== 0n),
      (t) => t.load(X, 'seq-cst') === 0n && t.store(Y, 1, 'seq-cst'),
      (t) => t.load(Y, 'seq-cst') === 0n && t.store(X, 1, 'seq-cst'),
    ),
    sc: 4,
  },
  'spin-cas-res': {
    program: program(counting(0, 41, X), (t) =>
      t.until(() => {
        const expected = t.load(X, 'seq-cst') === 42n ? 0n : 1n;
        return t.compareExchange(X, expected, 42, 'seq-cst') === expected;
      }),
    ),
    sc: 3,
  },
  'spin-cas-res-invalid': {
    program: program(counting(0, 2, X), (t) => {
      for (let turn = 0, expected = 0n; turn < 3; turn++) {
        const seen = t.compareExchange(X, expected, 42, 'seq-cst');
        if (seen === expected) return;
        expected = seen;
      }
    }),
    sc: 5,
  },
  'spin-2cas-samebranch': {
    program: program(counting(1, 42, X, Y), (t) =>
      t.until(() => [X, Y].some((at) => t.compareExchange(at, 42, 17, 'seq-cst') === 42n)),
    ),
    sc: 43,
  },
  'spin-2cas-join2': {
    program: program(counting(1, 42, X), (t) => {
      const seen = t.load(X, 'seq-cst');
      t.assume(t.compareExchange(X, seen, seen === 42n ? 42 : 17, 'seq-cst') === seen);
    }),
    sc: 43,
  },
  'spin-fai-fail': {
    program: program(
      ...each(2, () => (t) => {
        if (t.fetchAdd(X, 1, 'seq-cst') !== 0n) t.fetchAdd(X, -1, 'seq-cst');
      }),
      (t) => [t.load(X, 'seq-cst'), t.load(X, 'seq-cst')],
    ),
    sc: 20,
  },
  'loop-peel2': {
    program: program(counting(0, 41, X), ...each(2, () => (t) => t.until(() => t.load(X, 'seq-cst') === 0n))),
    sc: 4,
  },
  'assume-disj': {
    program: program(counting(1, 42, X, Y), (t) => t.assume([X, Y].some((at) => t.load(at, 'seq-cst') === 42n))),
    sc: 43,
  },
};

/** Treiber's stack on words that hold a node and a count of changes. */
function treiberStack(): ModelProgram {
  const [TOP, NEXT, VALUE] = [0, 10, 20];
  const push = (t: ModelThread, node: number): void => {
    t.store(VALUE + node, node, 'plain');
    for (;;) {
      const old = t.load(TOP);
      t.store(NEXT + node, old, 'relaxed');
      if (t.compareExchange(TOP, old, pointer(node, old), 'release', 'relaxed') === old) return;
    }
  };
  const pop = (t: ModelThread): void =>
    t.until(() => {
      const old = t.load(TOP);
      const node = nodeOf(old);
      if (node === 0) return true;
      const next = nodeOf(t.load(NEXT + node, 'relaxed'));
      if (t.compareExchange(TOP, old, pointer(next, old), 'release', 'relaxed') !== old) return false;
      t.load(ARRAY + Number(t.load(VALUE + node, 'plain')), 'relaxed');
      return true;
    });
  return program(...each(2, (index) => (t) => [t.store(ARRAY + index + 1, 17, 'relaxed'), push(t, index + 1)]), pop);
}

function nodeOf(pointer: bigint): number {
  return Number(BigInt.asUintN(32, pointer));
}

/** Its count is one more than that of `last`. */
function pointer(node: number, last: bigint): bigint {
  return BigInt(node) | (((last >> 32n) + 1n) << 32n);
}

/** Michael and Scott's queue; each of two threads puts and takes. An empty-handed turn of taking waits for another thread. */
function michaelScottQueue(): ModelProgram {
  const [HEAD, TAIL, NEXT, VALUE] = [0, 1, 10, 20];
  const put = (t: ModelThread, node: number): void => {
    t.store(VALUE + node, 1, 'plain');
    t.store(NEXT + node, t.load(NEXT + node, 'relaxed'), 'relaxed');
    for (;;) {
      const tail = t.load(TAIL);
      const next = t.load(NEXT + nodeOf(tail));
      if (t.load(TAIL, 'relaxed') !== tail) continue;
      const linked =
        nodeOf(next) === 0 && t.compareExchange(NEXT + nodeOf(tail), next, pointer(node, next), 'release') === next;
      const last = linked ? node : nodeOf(t.load(NEXT + nodeOf(tail)));
      t.compareExchange(TAIL, tail, pointer(last, tail), 'release');
      if (linked) return;
    }
  };
  const take = (t: ModelThread): void =>
    t.until(() => {
      const head = t.load(HEAD);
      const tail = t.load(TAIL, 'relaxed');
      const next = t.load(NEXT + nodeOf(head));
      if (t.load(HEAD, 'relaxed') !== head) return false;
      if (nodeOf(head) === nodeOf(tail)) {
        if (nodeOf(next) === 0) return true;
        t.compareExchange(TAIL, tail, pointer(nodeOf(next), tail), 'release');
        return false;
      }
      t.load(VALUE + nodeOf(next), 'plain');
      return t.compareExchange(HEAD, head, pointer(nodeOf(next), head), 'release') === head;
    });
  return from({ [HEAD]: 1, [TAIL]: 1 }, ...each(2, (index) => (t) => [put(t, index + 2), take(t)]));
}

/** A stack whose operations try once (from Pulte and others, 2019): what each thread pushes, pops and pushes again. */
function tryingStack(taking: 'acquire' | 'relaxed', ...plans: (readonly [number, number, number])[]): ModelProgram {
  const [HEAD, NEXT, DATA] = [0, 10, 20];
  const push = (t: ModelThread, node: number): void => {
    t.store(DATA + node, 1, 'relaxed');
    const head = t.load(HEAD, 'relaxed');
    t.store(NEXT + node, head, 'relaxed');
    t.compareExchange(HEAD, head, node, 'release', 'relaxed');
  };
  const pop = (t: ModelThread): void => {
    const head = t.load(HEAD, taking);
    if (head === 0n) return;
    t.load(DATA + Number(head), 'relaxed');
    const next = t.load(NEXT + Number(head), 'relaxed');
    t.compareExchange(HEAD, head, next, taking === 'acquire' ? 'release' : 'relaxed');
  };
  return program(
    ...plans.map(([before, pops, after], index) => (t: ModelThread) => {
      for (let count = 0; count < before; count++) push(t, 4 * index + count + 1);
      for (let count = 0; count < pops; count++) pop(t);
      for (let count = 0; count < after; count++) push(t, 4 * index + before + count + 1);
    }),
  );
}

/** A queue of that kind: one thread makes it and puts, one puts, one takes, the others if they find it made. */
function tryingQueue(): ModelProgram {
  const [HEAD, TAIL, MADE, NEXT, DATA] = [0, 1, 2, 10, 20];
  const put = (t: ModelThread, node: number): void => {
    t.store(DATA + node, 1, 'plain');
    t.store(NEXT + node, 0, 'relaxed');
    for (;;) {
      const tail = Number(t.load(TAIL));
      const next = t.load(NEXT + tail, 'relaxed');
      if (next === 0n) {
        if (t.compareExchange(NEXT + tail, 0, node, 'release') === 0n) t.store(TAIL, node);
        return;
      }
      t.store(TAIL, next);
    }
  };
  const take = (t: ModelThread): void => {
    const head = t.load(HEAD);
    const next = t.load(NEXT + Number(head));
    if (next === 0n) return;
    if (t.compareExchange(HEAD, head, next, 'relaxed') === head) t.load(DATA + Number(next), 'plain');
  };
  return program(
    (t) => {
      t.store(NEXT + 1, 0);
      for (const at of [HEAD, TAIL, MADE]) t.store(at, 1);
      put(t, 2);
    },
    (t) => t.load(MADE) !== 0n && put(t, 3),
    (t) => t.load(MADE) !== 0n && take(t),
  );
}

/** Chase and Lev's deque: what each thread pushes, pops, pushes again and steals. */
function workStealing(...plans: (readonly [number, number, number, number])[]): ModelProgram {
  const [BOTTOM, TOP, CELLS, SIZE] = [0, 1, 10, 10n];
  const cell = (index: bigint): number => CELLS + Number(index % SIZE);
  const push = (t: ModelThread): void => {
    const bottom = t.load(BOTTOM, 'relaxed');
    if (bottom - t.load(TOP) >= SIZE) return;
    t.store(cell(bottom), 1, 'relaxed');
    t.store(BOTTOM, bottom + 1n);
  };
  const pop = (t: ModelThread): void => {
    const bottom = t.load(BOTTOM, 'relaxed');
    t.store(BOTTOM, bottom - 1n, 'relaxed');
    t.fence();
    const top = t.load(TOP, 'relaxed');
    if (bottom > top) t.load(cell(bottom - 1n), 'relaxed');
    if (bottom > top + 1n) return;
    if (bottom > top) t.compareExchange(TOP, top, top + 1n);
    t.store(BOTTOM, bottom, 'relaxed');
  };
  const steal = (t: ModelThread): void => {
    const top = t.load(TOP, 'relaxed');
    t.fence();
    if (t.load(BOTTOM) <= top) return;
    t.load(cell(top), 'relaxed');
    t.compareExchange(TOP, top, top + 1n, 'release');
  };
  return program(
    ...plans.map((plan) => (t: ModelThread) => {
      [push, pop, push, steal].forEach((act, index) => {
        for (let count = 0; count < (plan[index] as number); count++) act(t);
      });
    }),
  );
}

/** FreeBSD's ring buffer; each of three threads puts and takes. */
function ringBuffer(): ModelProgram {
  const [PUT, PUT_DONE, TAKEN, TAKEN_DONE, CELLS, MASK] = [0, 1, 2, 3, 10, 7n];
  const move = (t: ModelThread, head: number, limit: number, lead: bigint, act: (cell: number) => void): void => {
    const at = t.load(head, 'relaxed');
    const next = (at + 1n) & MASK;
    if (((at + lead) & MASK) === t.load(limit, 'relaxed')) return;
    t.assume(t.compareExchange(head, at, next, 'acq-rel') === at);
    if (lead === 1n) t.fence();
    act(CELLS + Number(at));
    t.until(() => t.load(head + 1, 'relaxed') === at);
    if (lead === 0n) t.fence();
    t.store(head + 1, next, 'relaxed');
  };
  return program(
    ...each(3, (index) => (t) => {
      move(t, PUT, TAKEN_DONE, 1n, (cell) => t.store(cell, index + 1, 'relaxed'));
      move(t, TAKEN, PUT_DONE, 0n, (cell) => t.load(cell, 'relaxed'));
    }),
  );
}

/** A lock that is free (0), held (1) or held and waited for (2), on a futex of its own as musl's. */
function futexLock(): ModelProgram {
  const [LOCK, SIGNAL, SHARED] = [0, 1, 2];
  const wait = (t: ModelThread): void => {
    const signal = t.load(SIGNAL);
    if (t.load(LOCK) === 2n) t.until(() => t.load(SIGNAL) !== signal);
  };
  return program(
    ...each(2, (index) => (t) => {
      if (t.compareExchange(LOCK, 0, 1, 'acquire') !== 0n)
        t.until(() => {
          t.compareExchange(LOCK, 1, 2, 'relaxed');
          wait(t);
          return t.compareExchange(LOCK, 0, 2, 'acquire') === 0n;
        });
      t.store(SHARED, index, 'plain');
      if (t.compareExchange(LOCK, 1, 0, 'release') === 1n) return;
      t.store(LOCK, 0);
      t.fetchAdd(SIGNAL, 1, 'release');
    }),
  );
}

/** Linux's reader-writer lock, a reader and a writer, who look three times at a lock that is not free. */
function readerWriterLock(): ModelProgram {
  const [LOCK, SHARED, BIAS] = [0, 1, 1n << 20n];
  const take = (t: ModelThread, share: bigint, isFree: (lock: bigint) => boolean): boolean => {
    while (!isFree(BigInt.asIntN(64, t.fetchSub(LOCK, share, 'acquire')))) {
      t.fetchAdd(LOCK, share, 'relaxed');
      for (let looks = 0; !isFree(BigInt.asIntN(64, t.load(LOCK, 'relaxed'))); looks++) if (looks === 3) return false;
    }
    return true;
  };
  return from(
    { [LOCK]: Number(BIAS) },
    (t) => take(t, 1n, (lock) => lock > 0n) && [t.load(SHARED, 'plain'), t.fetchAdd(LOCK, 1, 'release')],
    (t) => take(t, BIAS, (lock) => lock === BIAS) && [t.store(SHARED, 42, 'plain'), t.fetchAdd(LOCK, BIAS, 'release')],
  );
}

const STRUCTURES: { readonly [name: string]: Published } = {
  'treiber-stack': { program: treiberStack(), sc: 18 },
  'ms-queue': { program: michaelScottQueue(), sc: 50 },
  stc: { program: tryingStack('acquire', [2, 1, 0], [0, 1, 1]), sc: 37 },
  'stc-opt': { program: tryingStack('relaxed', [2, 1, 0], [0, 1, 1]), sc: 37 },
  qu: { program: tryingQueue(), sc: 39 },
  'chase-lev': { program: workStealing([5, 3, 2, 0], [0, 0, 0, 1]), sc: 59 },
  dq: { program: workStealing([2, 1, 1, 0], [0, 0, 0, 2], [0, 0, 0, 1]), sc: 1373 },
  buf_ring: { program: ringBuffer(), sc: 273 },
  mutex: { program: futexLock(), sc: 12 },
  linuxrwlocks: { program: readerWriterLock(), sc: 14 },
};

published('programs that wait', WAITING);
published('data structures', STRUCTURES);
