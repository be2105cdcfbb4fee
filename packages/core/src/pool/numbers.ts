/**
 * The number forms of the atomic operations, twice behind one interface. A 64-bit atomic in JavaScript makes a bigint,
 * which is an allocation; through a small WebAssembly function the value crosses as an f64. Where WebAssembly must not be
 * compiled (a content security policy without 'wasm-unsafe-eval'), `plainNumbers` does the same work on `Atomics`. Both check
 * alike; `Pool` has only made sure that an address is an integer of 32 bits.
 */
import { ACCELERATOR } from '../generated/accelerator.ts';

/** Where a check that fails goes. */
export interface Faults {
  /** The address is not below the limit. Throws, unless a larger limit has been set in the meantime that covers it. */
  outside(at: number): void;
  /** An operand is no integer of 0..2^53-1; nothing was written. */
  unfit(operand: unknown): never;
  /** A result is above 2^53-1: the word was not to hold that. A read-modify-write has taken place. */
  inexact(result: bigint): never;
}

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
  /** Addresses below this value, in words, are there. At first none. */
  readonly limit: { value: number };
}

let compiled: WebAssembly.Module | undefined;

/** The number forms of WebAssembly, and what it has besides: steps on cells, see ../cell-steps.ts. */
export interface AcceleratedNumbers extends Numbers {
  fill(at: number, lap: number, low: number, claim: number, column: number, value: number, full: number): number;
  fillOwn(at: number, lap: number, low: number, column: number, value: number, full: number): number;
  fillOwnDouble(at: number, lap: number, low: number, column: number, value: number, full: number): number;
  drain(at: number, lap: number, low: number, column: number, lanes: number): number;
  fillOwnWord(at: number, lap: number, low: number, column: number, value: bigint, full: number): number;
  drainWord(at: number, lap: number, low: number, column: number, lanes: number): bigint;
  /** Not 0 once `drainWord` had none to give, of which any might be one; whoever looks puts it back. */
  readonly missed: { value: number };
  drainDouble(at: number, lap: number, low: number, column: number, lanes: number): number;
  moveBoth(at: number, from: number, to: number, then: number, before: number, after: number): number;
  moveAndSee(at: number, from: number, to: number, then: number): number;
  claimUnits(tail: number, entries: number, mask: number, units: number, entry: number, head: number): number;
  post(slot: number, value: number, counter: number, next: number): number;
}

/** The WebAssembly twin, or `undefined` where compiling is forbidden or threads are missing. */
export function acceleratedNumbers(memory: WebAssembly.Memory, faults: Faults): AcceleratedNumbers | undefined {
  try {
    compiled ??= new WebAssembly.Module(ACCELERATOR);
    const { outside, unfit, inexact } = faults;
    const { exports } = new WebAssembly.Instance(compiled, { pool: { memory, outside, unfit, inexact } });
    return exports as unknown as AcceleratedNumbers;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) return undefined;
    // A policy that forbids compilation throws an error of the embedder's own choosing, often an EvalError of another realm.
    if (error instanceof Error || (error as { name?: unknown } | null)?.name !== undefined) return undefined;
    throw error;
  }
}

/** The twin on `Atomics`, over the view that `words` answers with: the pool replaces it when it sees that the memory has grown. */
export function plainNumbers(words: () => BigUint64Array, faults: Faults): Numbers {
  const fence = new Int32Array(new SharedArrayBuffer(4));
  const limit = { value: 0 };

  /** The view as it is after the check, which may have renewed it. */
  function having(at: number): BigUint64Array {
    if (at >= limit.value) faults.outside(at);
    return words();
  }
  function whole(operand: number): bigint {
    if (!(operand >= 0 && operand <= Number.MAX_SAFE_INTEGER && Math.floor(operand) === operand)) faults.unfit(operand);
    return BigInt(operand);
  }
  function exact(result: bigint): number {
    if (result > Number.MAX_SAFE_INTEGER) faults.inexact(result);
    return Number(result);
  }

  return {
    load: (at) => exact(Atomics.load(having(at), at)),
    store(at, value) {
      Atomics.store(having(at), at, whole(value));
    },
    loadPlain: (at) => exact(having(at)[at] as bigint),
    storePlain(at, value) {
      having(at)[at] = whole(value);
    },
    compareExchange: (at, expected, replacement) =>
      exact(Atomics.compareExchange(having(at), at, whole(expected), whole(replacement))),
    exchange: (at, value) => exact(Atomics.exchange(having(at), at, whole(value))),
    add: (at, addend) => exact(Atomics.add(having(at), at, whole(addend))),
    sub: (at, subtrahend) => exact(Atomics.sub(having(at), at, whole(subtrahend))),
    and: (at, mask) => exact(Atomics.and(having(at), at, whole(mask))),
    or: (at, mask) => exact(Atomics.or(having(at), at, whole(mask))),
    xor: (at, mask) => exact(Atomics.xor(having(at), at, whole(mask))),
    /** JavaScript has no fence of its own; a read-modify-write takes its place in the one total order of all atomics. */
    fence() {
      Atomics.or(fence, 0, 0);
    },
    limit,
  };
}
