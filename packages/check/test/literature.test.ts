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
