/**
 * `Words` over one shared memory: a class made for that memory, whose methods close over its views and its accelerator.
 *
 * Why a class for each pool, and not fields of one class: to V8 a variable that is assigned once is a constant, so a call of
 * the accelerator compiles to the WebAssembly call itself; through a field, the second pool of a process makes every such call
 * in the program an indirect one, at three times the cost. Call sites that see up to four pools keep the direct calls
 * (polymorphic inlining); beyond that they pay the indirect one.
 */
import { type Address, MAX_WORD, WORD_BYTES } from '../brands.ts';
import { assertWord, type CellSteps, registerCellSteps, WrittenOut } from '../cell-steps.ts';
import { AddressError, CorruptError, DetachedError, MustNotBlockError, ValueError } from '../errors.ts';
import type { MappedBytes, Mapping } from '../internal/mapped.ts';
import type { BulkSource, ExchangeOrder, WaitAsyncOptions, WaitOptions, WaitResult, Words } from '../words.ts';
import { checkedLength, copyBytesIn, copyBytesOut, copyWordsIn, KeptViews } from './copying.ts';
import { type AcceleratedNumbers, acceleratedNumbers, type Faults, plainNumbers } from './numbers.ts';
import type { Engine, Pool } from './pool.ts';
import { type Abandon, timeoutOf, waitAsync } from './waiting.ts';

/** What the pool needs of its memory beside the words. */
export interface MemoryControl {
  readonly memory: WebAssembly.Memory;
  readonly engine: 'accelerated' | 'plain';
  /** Looks at how large the memory is now. @throws {DetachedError} after `close` */
  refresh(): number;
  /** From here on every operation throws `DetachedError`; asynchronous waits that are pending reject with it. */
  close(): void;
  readonly map: Mapping;
}

type PoolBase = abstract new (control: MemoryControl, begin: (pool: Pool) => void) => Pool;

/** Opens `memory` as a pool: `Base` with words that close over it. `begin` runs as soon as the words work. */
export function openOver(
  Base: PoolBase,
  memory: WebAssembly.Memory,
  engine: Engine,
  begin: (pool: Pool) => void,
): Pool {
  // Asked for once: if another thread's growth came between two askings, the views would be of two sizes from here on.
  const { buffer: opened } = memory;
  let u64 = new BigUint64Array(opened);
  let i64 = new BigInt64Array(opened);
  let u8 = new Uint8Array(opened);
  let mapped: MappedBytes = { bytes: u8, view: new DataView(opened) };
  /** In words; 0 once detached, so that the one range check finds that too. The number forms have the same as their limit. */
  let size = 0;
  let attached = true;
  const pending = new Set<Abandon>();
  const [sources, targets] = [new KeptViews(), new KeptViews()];
  const faults: Faults = { outside, unfit, inexact };
  const accelerated = engine === 'plain' ? undefined : acceleratedNumbers(memory, faults);
  // Each a variable of its own, assigned once: a constant to V8, where a property of an object would be looked up.
  const { load, store, compareExchange, exchange, add, sub, and, or, xor, fence, loadPlain, storePlain, limit } =
    accelerated ?? plainNumbers(() => u64, faults);
  resize(u64.length);

  function resize(words: number): void {
    size = words;
    limit.value = words;
  }

  function assertAttached(): void {
    if (!attached) throw detached();
  }

  /**
   * Growing by nothing is what makes an engine look: V8 tells the other threads of a growth by an interrupt, so that without it
   * `memory.buffer` may lag behind an address that has already arrived here.
   */
  function refresh(): number {
    assertAttached();
    memory.grow(0);
    const { buffer } = memory;
    if (buffer.byteLength !== u8.byteLength) {
      u64 = new BigUint64Array(buffer);
      i64 = new BigInt64Array(buffer);
      u8 = new Uint8Array(buffer);
      mapped = { bytes: u8, view: new DataView(buffer) };
      resize(u64.length);
    }
    return size;
  }

  /** Where a range check fails that is written out in each method, for an inlined call costs more than the check: perhaps the memory has grown since. */
  function outside(at: number): void {
    refresh();
    if (at >>> 0 !== at || at >= size) throw new AddressError(at, size);
  }

  function checkBytes(at: number, byteLength: number, skip: number): number {
    if (!(Number.isInteger(skip) && skip >= 0)) throw new ValueError(skip, 'a number of bytes to skip');
    const end = at + Math.ceil((skip + byteLength) / WORD_BYTES);
    if (at >>> 0 !== at || end > size) {
      refresh();
      if (at >>> 0 !== at || end > size) throw new AddressError(at >>> 0 === at ? end - 1 : at, size);
    }
    return at * WORD_BYTES + skip;
  }

  class MemoryPool extends Base {
    override get size(): number {
      return refresh();
    }

    override load(at: Address): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.load(u64, at);
    }
    override loadNumber(at: Address): number {
      if (at >>> 0 !== at) outside(at);
      return load(at);
    }
    override store(at: Address, value: bigint): void {
      if (at >>> 0 !== at || at >= size) outside(at);
      Atomics.store(u64, at, unsigned(value));
    }
    override storeNumber(at: Address, value: number): void {
      if (at >>> 0 !== at) outside(at);
      if (typeof value !== 'number') unfit(value);
      store(at, value);
    }
    override compareExchange(at: Address, expected: bigint, replacement: bigint, _order?: ExchangeOrder): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.compareExchange(u64, at, unsigned(expected), unsigned(replacement));
    }
    override compareExchangeNumber(at: Address, expected: number, replacement: number, _order?: ExchangeOrder): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof expected !== 'number') unfit(expected);
      if (typeof replacement !== 'number') unfit(replacement);
      return compareExchange(at, expected, replacement);
    }
    override exchange(at: Address, value: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.exchange(u64, at, unsigned(value));
    }
    override exchangeNumber(at: Address, value: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof value !== 'number') unfit(value);
      return exchange(at, value);
    }
    override fetchAdd(at: Address, addend: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.add(u64, at, unsigned(addend));
    }
    override fetchAddNumber(at: Address, addend: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof addend !== 'number') unfit(addend);
      return add(at, addend);
    }
    override fetchSub(at: Address, subtrahend: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.sub(u64, at, unsigned(subtrahend));
    }
    override fetchSubNumber(at: Address, subtrahend: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof subtrahend !== 'number') unfit(subtrahend);
      return sub(at, subtrahend);
    }
    override fetchAnd(at: Address, mask: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.and(u64, at, unsigned(mask));
    }
    override fetchAndNumber(at: Address, mask: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof mask !== 'number') unfit(mask);
      return and(at, mask);
    }
    override fetchOr(at: Address, mask: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.or(u64, at, unsigned(mask));
    }
    override fetchOrNumber(at: Address, mask: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof mask !== 'number') unfit(mask);
      return or(at, mask);
    }
    override fetchXor(at: Address, mask: bigint): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return Atomics.xor(u64, at, unsigned(mask));
    }
    override fetchXorNumber(at: Address, mask: number): number {
      if (at >>> 0 !== at) outside(at);
      if (typeof mask !== 'number') unfit(mask);
      return xor(at, mask);
    }

    override fence(): void {
      assertAttached();
      fence();
    }

    override wait(at: Address, expected: bigint, options: WaitOptions = {}): WaitResult {
      if (at >>> 0 !== at || at >= size) outside(at);
      const signed = BigInt.asIntN(64, unsigned(expected));
      try {
        return Atomics.wait(i64, at, signed, timeoutOf(options.timeout));
      } catch (error) {
        if (error instanceof TypeError) throw new MustNotBlockError();
        throw error;
      }
    }
    override async waitAsync(at: Address, expected: bigint, options: WaitAsyncOptions = {}): Promise<WaitResult> {
      if (at >>> 0 !== at || at >= size) outside(at);
      return waitAsync(i64, at, BigInt.asIntN(64, unsigned(expected)), options, pending);
    }
    override notify(at: Address, count: number = Number.POSITIVE_INFINITY): number {
      if (at >>> 0 !== at || at >= size) outside(at);
      if (!(count >= 0)) throw new ValueError(count, 'a number of waiters to wake');
      return Atomics.notify(i64, at, count);
    }
    override pause(): void {
      pause();
    }

    override loadPlain(at: Address): bigint {
      if (at >>> 0 !== at || at >= size) outside(at);
      return u64[at] as bigint;
    }
    override loadPlainNumber(at: Address): number {
      if (at >>> 0 !== at) outside(at);
      return loadPlain(at);
    }
    override storePlain(at: Address, value: bigint): void {
      if (at >>> 0 !== at || at >= size) outside(at);
      u64[at] = unsigned(value);
    }
    override storePlainNumber(at: Address, value: number): void {
      if (at >>> 0 !== at) outside(at);
      if (typeof value !== 'number') unfit(value);
      storePlain(at, value);
    }
    override copyIn(at: Address, source: BulkSource, skip = 0, byteLength: number = source.byteLength): void {
      const words = skip === 0 ? sources.kept(source, byteLength) : undefined;
      if (words !== undefined && at >>> 0 === at && at + words.length <= size) {
        copyWordsIn(u64, at, words);
        return;
      }
      const begin = checkBytes(at, checkedLength(source, byteLength), skip);
      if (skip === 0 && sources.copyIn(u64, at, source, byteLength)) return;
      copyBytesIn(u8, begin, bytesOf(source), byteLength);
    }
    override copyOut(at: Address, target: BulkSource, skip = 0, byteLength: number = target.byteLength): void {
      const words = skip === 0 ? targets.kept(target, byteLength) : undefined;
      if (words !== undefined && at >>> 0 === at && at + words.length <= size) {
        targets.fill(u64, u8, at, words);
        return;
      }
      const begin = checkBytes(at, checkedLength(target, byteLength), skip);
      if (skip === 0 && targets.copyOut(u64, u8, at, target, byteLength)) return;
      copyBytesOut(u8, begin, bytesOf(target), byteLength);
    }
    override fill(at: Address, count: number, value: bigint): void {
      if (!(Number.isInteger(count) && count >= 0)) throw new ValueError(count, 'a number of words to fill');
      checkBytes(at, count * WORD_BYTES, 0);
      u64.fill(unsigned(value), at, at + count);
    }
  }

  const control: MemoryControl = {
    memory,
    engine: accelerated ? 'accelerated' : 'plain',
    refresh,
    close() {
      attached = false;
      resize(0);
      for (const abandon of pending) abandon(detached());
    },
    map(at, byteLength) {
      checkBytes(at, byteLength, 0);
      return mapped;
    },
  };
  const pool = new MemoryPool(control, begin);
  if (accelerated) registerCellSteps(pool, acceleratedSteps(pool, accelerated));
  return pool;

  function acceleratedSteps(
    words: Words,
    {
      fill,
      fillOwn,
      fillOwnDouble,
      fillOwnWord,
      drainWord,
      missed,
      drain,
      drainDouble,
      claimUnits,
      post,
      moveBoth,
      moveAndSee,
    }: AcceleratedNumbers,
  ): CellSteps {
    class MemoryCells extends WrittenOut {
      override fill(
        cell: Address,
        lap: number,
        low: number,
        claim: number,
        column: number,
        value: number,
        full: number,
      ): number {
        if (cell >>> 0 !== cell) outside(cell);
        if (typeof value !== 'number') unfit(value);
        return fill(cell, lap, low, claim, column, value, full);
      }
      override fillOwn(cell: Address, lap: number, low: number, column: number, value: number, full: number): number {
        if (cell >>> 0 !== cell) outside(cell);
        if (typeof value !== 'number') unfit(value);
        return fillOwn(cell, lap, low, column, value, full);
      }
      override fillOwnDouble(
        cell: Address,
        lap: number,
        low: number,
        column: number,
        value: number,
        full: number,
      ): number {
        if (cell >>> 0 !== cell) outside(cell);
        if (typeof value !== 'number') return super.fillOwnDouble(cell, lap, low, column, value, full); // refuses it
        return fillOwnDouble(cell, lap, low, column, value, full);
      }
      override fillOwnWord(
        cell: Address,
        lap: number,
        low: number,
        column: number,
        value: bigint,
        full: number,
      ): number {
        assertWord(value);
        if (cell >>> 0 !== cell) outside(cell);
        return fillOwnWord(cell, lap, low, column, value, full);
      }
      override drainWord(cell: Address, lap: number, low: number, column: number, lanes: number): bigint | undefined {
        if (cell >>> 0 !== cell) outside(cell);
        const value = drainWord(cell, lap, low, column, lanes);
        if (missed.value === 0) return BigInt.asUintN(64, value);
        missed.value = 0;
        return undefined;
      }
      override drain(cell: Address, lap: number, low: number, column: number, lanes: number): number {
        if (cell >>> 0 !== cell) outside(cell);
        return drain(cell, lap, low, column, lanes);
      }
      override drainDouble(cell: Address, lap: number, low: number, column: number, lanes: number): number {
        if (cell >>> 0 !== cell) outside(cell);
        return drainDouble(cell, lap, low, column, lanes);
      }
      override post(slot: Address, value: number, counter: Address, next: number): number {
        if (slot >>> 0 !== slot) outside(slot);
        if (counter >>> 0 !== counter) outside(counter);
        if (typeof value !== 'number') unfit(value);
        if (typeof next !== 'number') unfit(next);
        return post(slot, value, counter, next);
      }
      override claimUnits(
        tail: Address,
        entries: Address,
        mask: number,
        units: number,
        entry: number,
        head: number,
      ): number {
        if (tail >>> 0 !== tail) outside(tail);
        if (entries >>> 0 !== entries) outside(entries);
        if (typeof entry !== 'number') unfit(entry);
        if (typeof head !== 'number') unfit(head);
        return claimUnits(tail, entries, mask, units, entry, head);
      }
      override moveBoth(at: Address, from: number, to: number, then: Address, before: number, after: number): boolean {
        if (at >>> 0 !== at) outside(at);
        if (then >>> 0 !== then) outside(then);
        if (typeof from !== 'number') unfit(from);
        if (typeof to !== 'number') unfit(to);
        if (typeof before !== 'number') unfit(before);
        if (typeof after !== 'number') unfit(after);
        return moveBoth(at, from, to, then, before, after) !== 0;
      }
      override moveAndSee(at: Address, from: number, to: number, then: Address): number {
        if (at >>> 0 !== at) outside(at);
        if (then >>> 0 !== then) outside(then);
        if (typeof from !== 'number') unfit(from);
        if (typeof to !== 'number') unfit(to);
        return moveAndSee(at, from, to, then);
      }
    }
    return new MemoryCells(words);
  }
}

const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {});

function detached(): DetachedError {
  return new DetachedError('this thread has detached from the pool');
}

function unsigned(value: bigint): bigint {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    throw new ValueError(value, `a word holds 0..${MAX_WORD}`);
  return value;
}

function unfit(operand: unknown): never {
  throw new ValueError(operand, 'the number forms take an integer of 0..2^53-1');
}

function inexact(result: bigint): never {
  throw new CorruptError(`a word that was to stay below 2^53 holds ${result}: no number carries that exactly`);
}

function bytesOf(array: BulkSource): Uint8Array {
  return array instanceof Uint8Array ? array : new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
