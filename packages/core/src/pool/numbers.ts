/**
 * The number forms of the atomic operations, twice behind one interface. A 64-bit atomic in JavaScript makes a bigint,
 * which is an allocation; through a small WebAssembly function the value crosses as an f64 and V8 inlines the call. Where
 * WebAssembly must not be compiled (a content security policy without 'wasm-unsafe-eval'), `plainNumbers` does the same
 * work on `Atomics`. Neither checks anything: `Pool` checks addresses, operands and results alike for both.
 */
import { ACCELERATOR } from '../generated/accelerator.ts';

export interface Numbers {
  load(at: number): number;
  store(at: number, value: number): void;
  loadPlain(at: number): number;
  storePlain(at: number, value: number): void;
  compareExchange(at: number, expected: number, replacement: number): number;
  exchange(at: number, value: number): number;
  add(at: number, addend: number): number;
  sub(at: number, subtrahend: number): number;
  and(at: number, mask: number): number;
  or(at: number, mask: number): number;
  xor(at: number, mask: number): number;
  fence(): void;
}

let compiled: WebAssembly.Module | undefined;

/** The WebAssembly twin, or `undefined` where compiling is forbidden or threads are missing. */
export function acceleratedNumbers(memory: WebAssembly.Memory): Numbers | undefined {
  try {
    compiled ??= new WebAssembly.Module(ACCELERATOR);
    return new WebAssembly.Instance(compiled, { pool: { memory } }).exports as unknown as Numbers;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) return undefined;
    // A policy that forbids compilation throws an error of the embedder's own choosing, often an EvalError of another realm.
    if (error instanceof Error || (error as { name?: unknown } | null)?.name !== undefined) return undefined;
    throw error;
  }
}

/** The twin on `Atomics`, over the view that `words` answers with: the pool replaces it when it sees that the memory has grown. */
export function plainNumbers(words: () => BigUint64Array): Numbers {
  const fence = new Int32Array(new SharedArrayBuffer(4));
  return {
    load: (at) => Number(Atomics.load(words(), at)),
    store(at, value) {
      Atomics.store(words(), at, BigInt(value));
    },
    loadPlain: (at) => Number(words()[at]),
    storePlain(at, value) {
      words()[at] = BigInt(value);
    },
    compareExchange: (at, expected, replacement) =>
      Number(Atomics.compareExchange(words(), at, BigInt(expected), BigInt(replacement))),
    exchange: (at, value) => Number(Atomics.exchange(words(), at, BigInt(value))),
    add: (at, addend) => Number(Atomics.add(words(), at, BigInt(addend))),
    sub: (at, subtrahend) => Number(Atomics.sub(words(), at, BigInt(subtrahend))),
    and: (at, mask) => Number(Atomics.and(words(), at, BigInt(mask))),
    or: (at, mask) => Number(Atomics.or(words(), at, BigInt(mask))),
    xor: (at, mask) => Number(Atomics.xor(words(), at, BigInt(mask))),
    /** JavaScript has no fence of its own; a read-modify-write takes its place in the one total order of all atomics. */
    fence() {
      Atomics.or(fence, 0, 0);
    },
  };
}
