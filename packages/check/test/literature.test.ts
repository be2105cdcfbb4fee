/**
 * The classical shapes of the literature (Alglave, Maranget and Tautschnig, "Herding Cats", TOPLAS 2014; Maranget, Sarkar and
 * Sewell, "A Tutorial Introduction to the ARM and POWER Relaxed Memory Models", 2012), each with the one outcome that it is about.
 * No outcome is one of sequential consistency. Relaxed accesses allow each but those of coherence and those that need a cycle of
 * program order and reads-from; release and acquire forbid those that are causal; seq-cst accesses forbid all.
 */
import { describe, expect, it } from 'vitest';
import { checkLitmus, parseLitmus } from '../src/index.ts';

type Strength = 'relaxed' | 'release/acquire' | 'seq-cst';
const NEVER: readonly Strength[] = [];
const ONLY_RELAXED: readonly Strength[] = ['relaxed'];
const NOT_CAUSAL: readonly Strength[] = ['relaxed', 'release/acquire'];

/** Threads as `Wx1 Ry`: stores with what they store, loads into `r0`, `r1`, ... of the thread; the outcome; who allows it. */
const SHAPES: { readonly [name: string]: readonly [string, string, readonly Strength[]] } = {
  SB: ['Wx1 Ry | Wy1 Rx', '0:r0=0 /\\ 1:r0=0', NOT_CAUSAL],
  MP: ['Wx1 Wy1 | Ry Rx', '1:r0=1 /\\ 1:r1=0', ONLY_RELAXED],
  LB: ['Rx Wy1 | Ry Wx1', '0:r0=1 /\\ 1:r0=1', NEVER],
  S: ['Wx2 Wy1 | Ry Wx1', '1:r0=1 /\\ x=2', ONLY_RELAXED],
  R: ['Wx1 Wy1 | Wy2 Rx', 'y=2 /\\ 1:r0=0', NOT_CAUSAL],
  '2+2W': ['Wx1 Wy2 | Wy1 Wx2', 'x=1 /\\ y=1', NOT_CAUSAL],
  '3.2W': ['Wx1 Wy2 | Wy1 Wz2 | Wz1 Wx2', 'x=1 /\\ y=1 /\\ z=1', NOT_CAUSAL],
  IRIW: ['Wx1 | Wy1 | Rx Ry | Ry Rx', '2:r0=1 /\\ 2:r1=0 /\\ 3:r0=1 /\\ 3:r1=0', NOT_CAUSAL],
  IRRWIW: ['Wx2 | Rx Ry | Wy1 | Ry Wx1', '1:r0=2 /\\ 1:r1=0 /\\ 3:r0=1 /\\ x=2', NOT_CAUSAL],
  IRWIW: ['Wx2 | Rx Wy1 | Wy2 | Ry Wx1', '1:r0=2 /\\ 3:r0=2 /\\ x=2 /\\ y=2', NOT_CAUSAL],
  WRC: ['Wx1 | Rx Wy1 | Ry Rx', '1:r0=1 /\\ 2:r0=1 /\\ 2:r1=0', ONLY_RELAXED],
  WWC: ['Wx2 | Rx Wy1 | Ry Wx1', '1:r0=2 /\\ 2:r0=1 /\\ x=2', ONLY_RELAXED],
  'W+RWC': ['Wx1 Wy1 | Ry Rz | Wz1 Rx', '1:r0=1 /\\ 1:r1=0 /\\ 2:r0=0', NOT_CAUSAL],
  RWC: ['Wx1 | Rx Ry | Wy1 Rx', '1:r0=1 /\\ 1:r1=0 /\\ 2:r0=0', NOT_CAUSAL],
  WRW_WR: ['Wx1 | Rx Wy1 | Wy2 Rx', '1:r0=1 /\\ y=2 /\\ 2:r0=0', NOT_CAUSAL],
  WRR_2W: ['Wx2 | Rx Ry | Wy1 Wx1', '1:r0=2 /\\ 1:r1=0 /\\ x=2', NOT_CAUSAL],
  WRW_2W: ['Wx2 | Rx Wy1 | Wy2 Wx1', '1:r0=2 /\\ x=2 /\\ y=2', NOT_CAUSAL],
  ISA2: ['Wx1 Wy1 | Ry Wz1 | Rz Rx', '1:r0=1 /\\ 2:r0=1 /\\ 2:r1=0', ONLY_RELAXED],
  'Z6.0': ['Wx1 Wy1 | Ry Wz1 | Wz2 Rx', '1:r0=1 /\\ z=2 /\\ 2:r0=0', NOT_CAUSAL],
  'Z6.1': ['Wx2 Wy1 | Wy2 Wz1 | Rz Wx1', 'x=2 /\\ y=2 /\\ 2:r0=1', NOT_CAUSAL],
  'Z6.2': ['Wx2 Wy1 | Ry Wz1 | Rz Wx1', 'x=2 /\\ 1:r0=1 /\\ 2:r0=1', ONLY_RELAXED],
  'Z6.3': ['Wx1 Wy1 | Wy2 Wz1 | Rz Rx', 'y=2 /\\ 2:r0=1 /\\ 2:r1=0', NOT_CAUSAL],
  'Z6.4': ['Wx1 Wy1 | Wy2 Rz | Wz1 Rx', 'y=2 /\\ 1:r0=0 /\\ 2:r0=0', NOT_CAUSAL],
  'Z6.5': ['Wx1 Wy1 | Wy2 Wz1 | Wz2 Rx', 'y=2 /\\ z=2 /\\ 2:r0=0', NOT_CAUSAL],
  '3.SB': ['Wx1 Ry | Wy1 Rz | Wz1 Rx', '0:r0=0 /\\ 1:r0=0 /\\ 2:r0=0', NOT_CAUSAL],
  '3.LB': ['Rx Wy1 | Ry Wz1 | Rz Wx1', '0:r0=1 /\\ 1:r0=1 /\\ 2:r0=1', NEVER],
  CoRR: ['Wx1 | Rx Rx', '1:r0=1 /\\ 1:r1=0', NEVER],
  CoRR2: ['Wx1 | Wx2 | Rx Rx | Rx Rx', '2:r0=1 /\\ 2:r1=2 /\\ 3:r0=2 /\\ 3:r1=1', NEVER],
  CoRW: ['Rx Wx1', '0:r0=1', NEVER],
  CoRW2: ['Wx1 | Rx Wx2', '1:r0=1 /\\ x=1', NEVER],
  CoWR: ['Wx1 Rx | Wx2', '0:r0=2 /\\ x=1', NEVER],
  CoWR0: ['Wx1 Rx', '0:r0=0', NEVER],
  CoWW: ['Wx1 Wx2', 'x=1', NEVER],
};

const ORDERS: { readonly [strength in Strength]: readonly [store: string, load: string] } = {
  relaxed: ['memory_order_relaxed', 'memory_order_relaxed'],
  'release/acquire': ['memory_order_release', 'memory_order_acquire'],
  'seq-cst': ['memory_order_seq_cst', 'memory_order_seq_cst'],
};

/** With `fences`, a seq-cst one stands between every two accesses. */
function litmus(name: string, threads: string, outcome: string, strength: Strength, fences = false): string {
  const [store, load] = ORDERS[strength];
  const bodies = threads.split(' | ').map((thread, index) => {
    let registers = 0;
    const statements = thread.split(' ').map((access) => {
      const word = access[1];
      return access[0] === 'W'
        ? `atomic_store_explicit(${word}, ${access[2]}, ${store});`
        : `int r${registers++} = atomic_load_explicit(${word}, ${load});`;
    });
    const between = fences ? '\n  atomic_thread_fence(memory_order_seq_cst);\n  ' : '\n  ';
    return `P${index}(atomic_int* x, atomic_int* y, atomic_int* z) {\n  ${statements.join(between)}\n}\n`;
  });
  return `C ${name}\n{ x = 0; y = 0; z = 0; }\n${bodies.join('')}exists (${outcome})\n`;
}

describe.each(Object.entries(SHAPES))('%s', (name, [threads, outcome, allowed]) => {
  it.each(Object.keys(ORDERS) as Strength[])('%s', (strength) => {
    const test = parseLitmus(name, litmus(name, threads, outcome, strength));
    expect(checkLitmus(test)).toMatchObject({ holds: allowed.includes(strength), exhausted: true, findings: [] });
    expect(checkLitmus(test, { model: 'sc' })).toMatchObject({ holds: false, exhausted: true, findings: [] });
  });

  it('relaxed, with a seq-cst fence between every two accesses', () => {
    const test = parseLitmus(name, litmus(name, threads, outcome, 'relaxed', true));
    expect(checkLitmus(test)).toMatchObject({ holds: false, exhausted: true });
  });
});

/**
 * Tests of mixed orders, with what RC11 says of them according to Dartagnan's suite (Ponce de León and others): accesses as
 * above, each with its order, `U` adds one, `F` is a fence. None is possible under sequential consistency.
 */
const MIXED: { readonly [name: string]: readonly [threads: string, outcome: string, allowed: boolean] } = {
  'imm-E3.1': ['Wx1.rlx Wy1.rel | Ry.acq Rx.rlx', '1:r0=1 /\\ 1:r1=0', false],
  'imm-E3.2': ['Ux.rlx | Wx2.rlx Rx.rlx', '0:r0=0 /\\ 1:r0=1', false],
  'imm-E3.3': ['Rx.rlx Wy1.rel | Ry.rlx Wx1.rel', '0:r0=1 /\\ 1:r0=1', false],
  'imm-E3.4': ['Rx.acq Wy1.rel | Ry.acq Wx1.rel', '0:r0=1 /\\ 1:r0=1', false],
  'imm-E3.6': ['Rx.rlx Wy1.rel Ry.rlx Wzr1.rlx | Rz.rlx Wxr0.rlx', '0:r0=1 /\\ 0:r1=1 /\\ 1:r0=1', false],
  'imm-E3.7': ['Rz.rlx Wxr0-1.rlx Rx.rlx Wyr1.rlx | Ry.rlx Wzr0.rlx', '0:r0=1 /\\ 0:r1=1 /\\ 1:r0=1', false],
  'imm-E3.8': [
    'Rx.acq F.sc Ry.acq | Wx1.rel | Wy1.rel | Ry.acq F.sc Rx.acq',
    '0:r0=1 /\\ 0:r1=0 /\\ 3:r0=1 /\\ 3:r1=0',
    false,
  ],
  'imm-E3.8-alt': [
    'Rx.acq Ry.acq | Wx1.rel | Wy1.rel | Ry.acq Rx.acq',
    '0:r0=1 /\\ 0:r1=0 /\\ 3:r0=1 /\\ 3:r1=0',
    true,
  ],
  'imm-E3.10': ['Ry.rlx Wzr0.rlx | Rz.rlx Ux.rel Wyr1+1.rlx', '0:r0=1 /\\ 1:r0=1 /\\ 1:r1=1', false],
  'imm-R2': ['Wy1.rlx Wx1.rel | Ux.ar Wx3.rlx | Rx.acq Ry.rlx', '1:r0=1 /\\ 2:r0=3 /\\ 2:r1=0', false],
  'imm-R2-alt': ['Wy1.rlx Wx1.rel | F.rel Ux.acq Wx3.rlx | Rx.acq Ry.rlx', '1:r0=1 /\\ 2:r0=3 /\\ 2:r1=0', true],
  'RWC-sc-acq-sc-sc-sc': ['Wx1.sc | Rx.acq Ry.sc | Wy1.sc Rx.sc', '1:r0=1 /\\ 1:r1=0 /\\ 2:r0=0', true],
  'IRIW-sc-sc-acq-sc-acq-sc': [
    'Wx1.sc | Wy1.sc | Rx.acq Ry.sc | Ry.acq Rx.sc',
    '2:r0=1 /\\ 2:r1=0 /\\ 3:r0=1 /\\ 3:r1=0',
    true,
  ],
  example1: ['Wx1.rlx | Rx.rlx Rx.rlx | Wx2.sc Ry.sc | Wy1.sc Rx.sc', '1:r0=1 /\\ 1:r1=2 /\\ 2:r0=0 /\\ 3:r0=1', false],
};

const ORDER_NAMES: { readonly [order: string]: string } = {
  rlx: 'memory_order_relaxed',
  acq: 'memory_order_acquire',
  rel: 'memory_order_release',
  ar: 'memory_order_acq_rel',
  sc: 'memory_order_seq_cst',
};

function mixed(name: string, threads: string, outcome: string): string {
  const bodies = threads.split(' | ').map((thread, index) => {
    let registers = 0;
    const statements = thread.split(' ').map((event) => {
      const [what, order] = event.split('.') as [string, string];
      const [word, value] = [what[1], what.slice(2)];
      if (what === 'F') return `atomic_thread_fence(${ORDER_NAMES[order]});`;
      if (what[0] === 'W') return `atomic_store_explicit(${word}, ${value}, ${ORDER_NAMES[order]});`;
      const call = what[0] === 'R' ? `atomic_load_explicit(${word}, ` : `atomic_fetch_add_explicit(${word}, 1, `;
      return `int r${registers++} = ${call}${ORDER_NAMES[order]});`;
    });
    return `P${index}(atomic_int* x, atomic_int* y, atomic_int* z) {\n  ${statements.join('\n  ')}\n}\n`;
  });
  return `C ${name}\n{}\n${bodies.join('')}exists (${outcome})\n`;
}

describe('mixed orders', () => {
  it.each(Object.entries(MIXED))('%s', (name, [threads, outcome, allowed]) => {
    const test = parseLitmus(name, mixed(name, threads, outcome));
    expect(checkLitmus(test)).toMatchObject({ holds: allowed, exhausted: true, findings: [] });
    expect(checkLitmus(test, { model: 'sc' })).toMatchObject({ holds: false, exhausted: true, findings: [] });
  });
});
