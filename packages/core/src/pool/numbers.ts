/**
 * The number forms of the atomic operations, twice behind one interface. A 64-bit atomic in JavaScript makes a bigint,
 * which is an allocation; through a small WebAssembly function the value crosses as an f64 and V8 inlines the call. Where
 * WebAssembly must not be compiled (a content security policy without 'wasm-unsafe-eval'), `PlainNumbers` does the same
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

/** The twin on `Atomics`. `words` is replaced when the pool sees that the memory has grown. */
export class PlainNumbers implements Numbers {
  words: BigUint64Array;
  readonly #fence = new Int32Array(new SharedArrayBuffer(4));

  constructor(words: BigUint64Array) {
    this.words = words;
  }
  load(at: number): number {
    return Number(Atomics.load(this.words, at));
  }
  store(at: number, value: number): void {
    Atomics.store(this.words, at, BigInt(value));
  }
  loadPlain(at: number): number {
    return Number(this.words[at]);
  }
  storePlain(at: number, value: number): void {
    this.words[at] = BigInt(value);
  }
  compareExchange(at: number, expected: number, replacement: number): number {
    return Number(Atomics.compareExchange(this.words, at, BigInt(expected), BigInt(replacement)));
  }
  exchange(at: number, value: number): number {
    return Number(Atomics.exchange(this.words, at, BigInt(value)));
  }
  add(at: number, addend: number): number {
    return Number(Atomics.add(this.words, at, BigInt(addend)));
  }
  sub(at: number, subtrahend: number): number {
    return Number(Atomics.sub(this.words, at, BigInt(subtrahend)));
  }
  and(at: number, mask: number): number {
    return Number(Atomics.and(this.words, at, BigInt(mask)));
  }
  or(at: number, mask: number): number {
    return Number(Atomics.or(this.words, at, BigInt(mask)));
  }
  xor(at: number, mask: number): number {
    return Number(Atomics.xor(this.words, at, BigInt(mask)));
  }
  /** JavaScript has no fence of its own; a read-modify-write takes its place in the one total order of all atomics. */
  fence(): void {
    Atomics.or(this.#fence, 0, 0);
  }
}
