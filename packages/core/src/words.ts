/**
 * The seam. The instruction table of the shared group is this interface, and everything above it (allocators, channels,
 * the virtual machine) is written on it and never on `Atomics`: so the same code runs on real memory (`Pool`), inside a
 * granted window, under a recorder, and under a checker that explores every interleaving.
 *
 * Orderings named here are the ones *promised*. JavaScript's and WebAssembly's atomics are all sequentially consistent,
 * that is stronger; callers may rely on the promise only.
 *
 * Every method rejects alike, whatever implements it: an address that is not an integer inside the words throws
 * `AddressError`; a value outside 0..2^64-1 (or, in a `Number` form, one that is no integer of 0..2^53-1) throws
 * `ValueError` before anything is written. A `Number` form says that the word stays below 2^53: where it
 * finds one that does not, it throws `CorruptError`; a read-modify-write has taken place by then.
 */
import type { Address } from './brands.ts';

/** The ordering of a compare-exchange: the contract's default, or one total order with every other `seq-cst` operation. */
export type ExchangeOrder = 'acq-rel' | 'seq-cst';

/** How a wait ended: woken, the word held another value, or time ran out. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out';

export interface WaitOptions {
  /** Milliseconds; default: no limit. Negative counts as 0. */
  readonly timeout?: number;
}

export interface WaitAsyncOptions extends WaitOptions {
  /** Rejects the promise with the signal's reason. The parked waiter cannot be withdrawn; a wake that reaches it is passed on. */
  readonly signal?: AbortSignal;
  /** Whether the pending promise keeps the process alive, where that is a question. Default: true. */
  readonly keepAlive?: boolean;
}

/** What bulk methods copy from and to: whole bytes, or whole words in the machine's byte order (little-endian everywhere). */
export type BulkSource = Uint8Array | BigUint64Array | Float64Array;

export interface Words {
  /** The number of words there are now; addresses 0..size-1 are valid. Grows, never shrinks. */
  readonly size: number;

  /** `shared_load`. Acquire. */
  load(at: Address): bigint;
  /** `shared_load` of a word known to stay below 2^53. Acquire. */
  loadNumber(at: Address): number;
  /** `shared_store`. Release. */
  store(at: Address, value: bigint): void;
  storeNumber(at: Address, value: number): void;

  /** `shared_cas`. Writes `replacement` if the word holds `expected`; returns the old value either way. AcqRel, or SeqCst on request. */
  compareExchange(at: Address, expected: bigint, replacement: bigint, order?: ExchangeOrder): bigint;
  compareExchangeNumber(at: Address, expected: number, replacement: number, order?: ExchangeOrder): number;
  /** `shared_exchange`. Returns the old value. AcqRel. */
  exchange(at: Address, value: bigint): bigint;
  exchangeNumber(at: Address, value: number): number;
  /** `shared_fetch_add`. Adds modulo 2^64 and returns the old value. AcqRel. */
  fetchAdd(at: Address, addend: bigint): bigint;
  fetchAddNumber(at: Address, addend: number): number;
  /** `shared_fetch_sub`. Subtracts modulo 2^64 and returns the old value. AcqRel. */
  fetchSub(at: Address, subtrahend: bigint): bigint;
  fetchSubNumber(at: Address, subtrahend: number): number;
  /** `shared_fetch_and`, `or`, `xor`. Return the old value. AcqRel. */
  fetchAnd(at: Address, mask: bigint): bigint;
  fetchAndNumber(at: Address, mask: number): number;
  fetchOr(at: Address, mask: bigint): bigint;
  fetchOrNumber(at: Address, mask: number): number;
  fetchXor(at: Address, mask: bigint): bigint;
  fetchXorNumber(at: Address, mask: number): number;

  /** `shared_barrier`. A sequentially consistent fence. */
  fence(): void;

  /**
   * `shared_wait`. Parks the thread while the word holds `expected`; comparing and parking are one step, so a `notify`
   * after a change of the word is never missed. SeqCst. @throws {MustNotBlockError} where blocking is forbidden
   */
  wait(at: Address, expected: bigint, options?: WaitOptions): WaitResult;
  /**
   * As `wait`, without blocking. Rejects when the signal aborts, and with `DetachedError` when this thread detaches from the pool.
   * No engine can withdraw a waiter: one that was aborted takes a kilobyte or two until the word's next notification.
   */
  waitAsync(at: Address, expected: bigint, options?: WaitAsyncOptions): Promise<WaitResult>;
  /** `shared_notify`. Wakes up to `count` waiters of the word (default: all), oldest first; returns how many. SeqCst. */
  notify(at: Address, count?: number): number;
  /** `shared_pause`. Tells the processor that this is a spin loop. */
  pause(): void;

  /**
   * The plain methods: not atomic, not ordered. Only for words that are the caller's own between a reservation and a
   * publication; anything else is a data race, which the checker reports.
   */
  loadPlain(at: Address): bigint;
  loadPlainNumber(at: Address): number;
  storePlain(at: Address, value: bigint): void;
  storePlainNumber(at: Address, value: number): void;
  /**
   * Copies the first `byteLength` bytes of `source`, by default all, into the words from `at` on, `skip` bytes after the beginning of
   * that word. `Float64Array` elements arrive as their bits.
   */
  copyIn(at: Address, source: BulkSource, skip?: number, byteLength?: number): void;
  /** Fills the first `byteLength` bytes of `target`, by default all, from the words from `at` on, `skip` bytes after the beginning of that word. */
  copyOut(at: Address, target: BulkSource, skip?: number, byteLength?: number): void;
  /** Sets `count` words from `at` on to `value`. */
  fill(at: Address, count: number, value: bigint): void;
}
