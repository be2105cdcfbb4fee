/**
 * The pool: one contiguous array of atomic 64-bit words in one shared WebAssembly memory. It is the `Words` of real memory.
 *
 * Threads get at it by `Pool.attach` with a plain, cloneable handle. The memory can grow from any thread; each thread keeps
 * views and a size of its own, which lag behind until an address is not inside them: only then is the memory asked again.
 * So growth costs nothing on the common path, and an address that another thread handed over is always found.
 *
 *   0        header          see header.ts
 *            owner table     a line a thread, see owner-table.ts
 *            segment table   a line an entry, see ../segments/table.ts
 *            words           for whoever reserves them
 */
import { type Address, MAX_POOL_WORDS, MAX_WORD, WORD_BYTES } from '../brands.ts';
import { AddressError, AttachError, DetachedError, ExhaustedError, MustNotBlockError, ValueError } from '../errors.ts';
import { registerMapping } from '../internal/mapped.ts';
import { LINE_WORDS, roundUp } from '../layout.ts';
import type { Owner } from '../owner.ts';
import { initSegmentTable, SEGMENT_TABLE } from '../segments/table.ts';
import type { BulkSource, ExchangeOrder, WaitAsyncOptions, WaitOptions, WaitResult, Words } from '../words.ts';
import { checkHeader, HEADER, HEADER_AT, LAYOUT_VERSION, MAGIC } from './header.ts';
import { acceleratedNumbers, type Numbers, PlainNumbers } from './numbers.ts';
import { OwnerTable } from './owner-table.ts';
import { timeoutOf, waitAsync } from './waiting.ts';

const PAGE_WORDS = 65536 / WORD_BYTES;
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** Which twin of the number forms a pool uses: the best there is, or `Atomics` on purpose. */
export type Engine = 'auto' | 'plain';

export interface PoolOptions {
  /** Words to reserve from, beside the pool's own tables. Rounded up to whole pages of 8,192 words. */
  readonly words: number;
  /** How many words the memory may grow to in all, tables included. Default: the size at the start, so no growth. At most 2^29. */
  readonly maxWords?: number;
  /** How many threads can be attached at once. Default: 64. */
  readonly owners?: number;
  /** How many segments there can be at once, at most 2^24 - 1. Default: 256. */
  readonly segments?: number;
  /** Checked mode, for every thread that attaches: segments carry a checksum that is compared when a reader is done. Default: false. */
  readonly checked?: boolean;
  readonly engine?: Engine;
}

export interface AttachOptions {
  readonly engine?: Engine;
}

/** What other threads attach with: plain data that survives `postMessage`. */
export interface PoolHandle {
  readonly kind: 'shared-memory-pool';
  readonly memory: WebAssembly.Memory;
}

export class Pool implements Words {
  /** The memory itself, for WebAssembly that imports it. Access through anything but `Words` is outside every guarantee. */
  readonly memory: WebAssembly.Memory;
  /** The threads attached. */
  readonly owners: OwnerTable;
  /** This thread's row in the owner table: what it signs locks, drafts and reservations with. */
  readonly owner: Owner;
  /** Which twin serves the number forms here. */
  readonly engine: 'accelerated' | 'plain';
  /** Whether checked mode is on, for all threads. */
  readonly checked: boolean;

  readonly #numbers: Numbers;
  readonly #plain: PlainNumbers;
  #size = 0;
  #u64!: BigUint64Array;
  #i64!: BigInt64Array;
  #u8!: Uint8Array;
  #attached = true;

  private constructor(memory: WebAssembly.Memory, engine: Engine, begin: (pool: Pool) => void) {
    this.memory = memory;
    this.#plain = new PlainNumbers(new BigUint64Array(memory.buffer));
    this.#refresh();
    const accelerated = engine === 'plain' ? undefined : acceleratedNumbers(memory);
    this.#numbers = accelerated ?? this.#plain;
    this.engine = accelerated ? 'accelerated' : 'plain';
    begin(this);
    registerMapping(this, (at, byteLength) => {
      const first = this.#checkBytes(at, byteLength, 0);
      return this.#u8.subarray(first, first + byteLength);
    });
    this.owners = new OwnerTable(
      this,
      this.loadNumber(HEADER_AT.owners) as Address,
      this.loadNumber(HEADER_AT.ownerRows),
    );
    this.checked = this.load(HEADER_AT.checked) === 1n;
    this.owner = this.owners.claim();
  }

  /**
   * Makes a pool and attaches this thread to it.
   * @throws {ValueError} for sizes that are no positive integers or too large
   * @throws {ExhaustedError} when the machine has no such memory to give
   */
  static create(options: PoolOptions): Pool {
    const { words, owners = 64, segments = 256, checked = false, engine = 'auto' } = options;
    const whole = (name: string, value: number, low: number, high: number): void => {
      if (!(Number.isInteger(value) && value >= low && value <= high))
        throw new ValueError(value, `\`${name}\` is an integer of ${low}..${high}`);
    };
    whole('words', words, 1, MAX_POOL_WORDS);
    whole('owners', owners, 1, 2 ** 16);
    whole('segments', segments, 0, 2 ** 24 - 1);
    const ownersAt = HEADER.size();
    const segmentsAt = ownersAt + owners * LINE_WORDS;
    const top = segmentsAt + SEGMENT_TABLE.size(segments * LINE_WORDS);
    const initial = roundUp(top + words, PAGE_WORDS);
    whole('words', initial, 1, MAX_POOL_WORDS);
    const { maxWords = initial } = options;
    whole('maxWords', maxWords, initial, MAX_POOL_WORDS);
    const maximum = roundUp(maxWords, PAGE_WORDS) / PAGE_WORDS;
    let memory: WebAssembly.Memory;
    try {
      memory = new WebAssembly.Memory({ initial: initial / PAGE_WORDS, maximum, shared: true });
    } catch (cause) {
      throw new ExhaustedError(
        `no shared memory of ${initial} words (maximum ${maximum * PAGE_WORDS}) is to be had here`,
        { cause },
      );
    }
    return new Pool(memory, engine, (pool) => {
      pool.storeNumber(HEADER_AT.maxWords, maximum * PAGE_WORDS);
      pool.storeNumber(HEADER_AT.checked, checked ? 1 : 0);
      pool.storeNumber(HEADER_AT.owners, ownersAt);
      pool.storeNumber(HEADER_AT.ownerRows, owners);
      pool.storeNumber(HEADER_AT.segments, segmentsAt);
      pool.storeNumber(HEADER_AT.segmentEntries, segments);
      pool.storeNumber(HEADER_AT.top, top);
      initSegmentTable(pool, segmentsAt as Address, segments);
      pool.store(HEADER_AT.version, LAYOUT_VERSION);
      pool.store(HEADER_AT.magic, MAGIC); // pairs with load(magic) in checkHeader(): publishes the header and the tables
    });
  }

  /**
   * Attaches this thread to a pool that another one created.
   * @throws {AttachError} if it is not a pool, or one of another layout version
   * @throws {ExhaustedError} when every owner row is taken
   */
  static attach(handle: PoolHandle, options: AttachOptions = {}): Pool {
    const memory = (handle as Partial<PoolHandle> | null | undefined)?.memory;
    if (!(memory instanceof WebAssembly.Memory))
      throw new AttachError('this is no pool handle: it carries no WebAssembly.Memory (pass what `pool.handle` gives)');
    if (!(memory.buffer instanceof SharedArrayBuffer))
      throw new AttachError('this memory is not shared between threads');
    return new Pool(memory, options.engine ?? 'auto', checkHeader);
  }

  /** What another thread attaches with. */
  get handle(): PoolHandle {
    return { kind: 'shared-memory-pool', memory: this.memory };
  }

  get size(): number {
    this.#refresh();
    return this.#size;
  }

  /** How far the memory can grow, in words. */
  get maxWords(): number {
    return this.loadNumber(HEADER_AT.maxWords);
  }

  /** How many words nobody has reserved, growth included. */
  get unreserved(): number {
    return this.maxWords - this.loadNumber(HEADER_AT.top);
  }

  /** Grows the memory by at least `words` words, rounded up to pages; returns whether there was room. Any thread may. */
  tryGrow(words: number): boolean {
    this.#assertAttached();
    if (!(Number.isInteger(words) && words >= 0)) throw new ValueError(words, 'a number of words to grow by');
    try {
      this.memory.grow(Math.ceil(words / PAGE_WORDS));
    } catch {
      return false;
    }
    this.#refresh();
    return true;
  }

  /**
   * Takes `words` words for good, from the beginning of a line on, growing the memory if need be; they hold zeros. Callable
   * from every thread. This is where allocators get their regions: nothing reserved comes back.
   * @throws {ExhaustedError} when the memory is at its maximum
   */
  reserve(words: number): Address {
    if (!(Number.isInteger(words) && words > 0)) throw new ValueError(words, 'a number of words to reserve');
    const length = roundUp(words, LINE_WORDS);
    const most = this.maxWords;
    for (;;) {
      const top = this.loadNumber(HEADER_AT.top);
      if (top + length > most)
        throw new ExhaustedError(
          `${words} words asked for, ${most - top} of the pool's ${most} are left: create it with a larger \`maxWords\``,
        );
      const missing = top + length - this.size;
      if (missing > 0 && !this.tryGrow(missing) && this.size < top + length)
        throw new ExhaustedError(`the machine gave no more memory at ${this.size} of the pool's ${most} words`);
      // Compare-exchange, not add: a reservation that fails must not move the top past the end.
      if (this.compareExchangeNumber(HEADER_AT.top, top, top + length) === top) return top as Address;
    }
  }

  /** Leaves the pool: frees this thread's owner row. Every later use of this object throws `DetachedError`. */
  detach(): void {
    if (!this.#attached) return;
    this.owners.release(this.owner);
    this.#attached = false;
    this.#size = 0;
  }

  dispose(): void {
    this.detach();
  }
  [Symbol.dispose](): void {
    this.detach();
  }

  load(at: Address): bigint {
    this.#check(at);
    return Atomics.load(this.#u64, at);
  }
  loadNumber(at: Address): number {
    this.#check(at);
    return exact(this.#numbers.load(at));
  }
  store(at: Address, value: bigint): void {
    this.#check(at);
    Atomics.store(this.#u64, at, unsigned(value));
  }
  storeNumber(at: Address, value: number): void {
    this.#check(at);
    this.#numbers.store(at, whole(value));
  }
  compareExchange(at: Address, expected: bigint, replacement: bigint, _order?: ExchangeOrder): bigint {
    this.#check(at);
    return Atomics.compareExchange(this.#u64, at, unsigned(expected), unsigned(replacement));
  }
  compareExchangeNumber(at: Address, expected: number, replacement: number, _order?: ExchangeOrder): number {
    this.#check(at);
    return exact(this.#numbers.compareExchange(at, whole(expected), whole(replacement)));
  }
  exchange(at: Address, value: bigint): bigint {
    this.#check(at);
    return Atomics.exchange(this.#u64, at, unsigned(value));
  }
  exchangeNumber(at: Address, value: number): number {
    this.#check(at);
    return exact(this.#numbers.exchange(at, whole(value)));
  }
  fetchAdd(at: Address, addend: bigint): bigint {
    this.#check(at);
    return Atomics.add(this.#u64, at, unsigned(addend));
  }
  fetchAddNumber(at: Address, addend: number): number {
    this.#check(at);
    return exact(this.#numbers.add(at, whole(addend)));
  }
  fetchSub(at: Address, subtrahend: bigint): bigint {
    this.#check(at);
    return Atomics.sub(this.#u64, at, unsigned(subtrahend));
  }
  fetchSubNumber(at: Address, subtrahend: number): number {
    this.#check(at);
    return exact(this.#numbers.sub(at, whole(subtrahend)));
  }
  fetchAnd(at: Address, mask: bigint): bigint {
    this.#check(at);
    return Atomics.and(this.#u64, at, unsigned(mask));
  }
  fetchAndNumber(at: Address, mask: number): number {
    this.#check(at);
    return exact(this.#numbers.and(at, whole(mask)));
  }
  fetchOr(at: Address, mask: bigint): bigint {
    this.#check(at);
    return Atomics.or(this.#u64, at, unsigned(mask));
  }
  fetchOrNumber(at: Address, mask: number): number {
    this.#check(at);
    return exact(this.#numbers.or(at, whole(mask)));
  }
  fetchXor(at: Address, mask: bigint): bigint {
    this.#check(at);
    return Atomics.xor(this.#u64, at, unsigned(mask));
  }
  fetchXorNumber(at: Address, mask: number): number {
    this.#check(at);
    return exact(this.#numbers.xor(at, whole(mask)));
  }

  fence(): void {
    this.#assertAttached();
    this.#numbers.fence();
  }

  wait(at: Address, expected: bigint, options: WaitOptions = {}): WaitResult {
    this.#check(at);
    const signed = BigInt.asIntN(64, unsigned(expected));
    try {
      return Atomics.wait(this.#i64, at, signed, timeoutOf(options.timeout));
    } catch (error) {
      if (error instanceof TypeError) throw new MustNotBlockError();
      throw error;
    }
  }
  async waitAsync(at: Address, expected: bigint, options: WaitAsyncOptions = {}): Promise<WaitResult> {
    this.#check(at);
    return waitAsync(this.#i64, at, BigInt.asIntN(64, unsigned(expected)), options);
  }
  notify(at: Address, count: number = Number.POSITIVE_INFINITY): number {
    this.#check(at);
    if (!(count >= 0)) throw new ValueError(count, 'a number of waiters to wake');
    return Atomics.notify(this.#i64, at, count);
  }
  pause(): void {
    pause();
  }

  loadPlain(at: Address): bigint {
    this.#check(at);
    return this.#u64[at] as bigint;
  }
  loadPlainNumber(at: Address): number {
    this.#check(at);
    return exact(this.#numbers.loadPlain(at));
  }
  storePlain(at: Address, value: bigint): void {
    this.#check(at);
    this.#u64[at] = unsigned(value);
  }
  storePlainNumber(at: Address, value: number): void {
    this.#check(at);
    this.#numbers.storePlain(at, whole(value));
  }
  copyIn(at: Address, source: BulkSource, skip = 0): void {
    const begin = this.#checkBytes(at, source.byteLength, skip);
    this.#u8.set(bytesOf(source), begin);
  }
  copyOut(at: Address, target: BulkSource, skip = 0): void {
    const begin = this.#checkBytes(at, target.byteLength, skip);
    bytesOf(target).set(this.#u8.subarray(begin, begin + target.byteLength));
  }
  fill(at: Address, count: number, value: bigint): void {
    if (!(Number.isInteger(count) && count >= 0)) throw new ValueError(count, 'a number of words to fill');
    this.#checkBytes(at, count * WORD_BYTES, 0);
    this.#u64.fill(unsigned(value), at, at + count);
  }

  /** One comparison for an integer, one for the range; NaN, fractions, negatives and 2^32 fail the first. */
  #check(at: number): void {
    if (at >>> 0 !== at || at >= this.#size) this.#miss(at);
  }

  /** The slow path: perhaps the memory has grown since. */
  #miss(at: number): void {
    this.#refresh();
    if (at >>> 0 !== at || at >= this.#size) throw new AddressError(at, this.#size);
  }

  #checkBytes(at: number, byteLength: number, skip: number): number {
    if (!(Number.isInteger(skip) && skip >= 0)) throw new ValueError(skip, 'a number of bytes to skip');
    const end = at + Math.ceil((skip + byteLength) / WORD_BYTES);
    if (at >>> 0 !== at || end > this.#size) {
      this.#refresh();
      if (at >>> 0 !== at || end > this.#size) throw new AddressError(at >>> 0 === at ? end - 1 : at, this.#size);
    }
    return at * WORD_BYTES + skip;
  }

  #refresh(): void {
    this.#assertAttached();
    const { buffer } = this.memory;
    const size = Math.floor(buffer.byteLength / WORD_BYTES);
    if (size === this.#size) return;
    this.#u64 = new BigUint64Array(buffer);
    this.#i64 = new BigInt64Array(buffer);
    this.#u8 = new Uint8Array(buffer);
    this.#plain.words = this.#u64;
    this.#size = size;
  }

  #assertAttached(): void {
    if (!this.#attached) throw new DetachedError('this thread has detached from the pool');
  }
}

const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {});

function unsigned(value: bigint): bigint {
  if (BigInt.asUintN(64, value) !== value) throw new ValueError(value, `a word holds 0..${MAX_WORD}`);
  return value;
}

function whole(value: number): number {
  if (!(value >= 0 && value <= MAX_NUMBER && Math.floor(value) === value))
    throw new ValueError(value, 'the number forms take an integer of 0..2^53-1');
  return value;
}

function exact(value: number): number {
  if (value > MAX_NUMBER)
    throw new ValueError(value, 'the word is above 2^53-1, which a number cannot carry exactly: use the bigint form');
  return value;
}

function bytesOf(array: BulkSource): Uint8Array {
  return array instanceof Uint8Array ? array : new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
