/** `Words` on a `Memory`: each method is the access that the contract promises, no stronger. */
import {
  type Address,
  AddressError,
  type BulkSource,
  CorruptError,
  type ExchangeOrder,
  ValueError,
  type WaitOptions,
  type WaitResult,
  WORD_BYTES,
  type Words,
} from '@pool/core';
import { ModelError } from '../errors.ts';
import { ACQ_REL, ACQUIRE, PLAIN, RELEASE, SEQ_CST } from '../graph/orders.ts';
import { ADD, AND, COMPARE_EXCHANGE, EXCHANGE, type Memory, OR, SUBTRACT, XOR } from './memory.ts';

export class ModelWords implements Words {
  readonly size: number;
  readonly #memory: Memory;
  readonly #refuse: (why: string) => never;

  /** `refuse` throws, of what is not modelled. */
  constructor(memory: Memory, size: number, refuse: (why: string) => never = refuseModel) {
    this.#memory = memory;
    this.size = size;
    this.#refuse = refuse;
  }

  load(at: Address): bigint {
    return this.#memory.load(this.#at(at), ACQUIRE);
  }
  loadNumber(at: Address): number {
    return toNumber(this.load(at));
  }
  store(at: Address, value: bigint): void {
    this.#memory.store(this.#at(at), word(value), RELEASE);
  }
  storeNumber(at: Address, value: number): void {
    this.store(at, toWord(value));
  }

  compareExchange(at: Address, expected: bigint, replacement: bigint, order: ExchangeOrder = 'acq-rel'): bigint {
    const [code, failure] = order === 'seq-cst' ? [SEQ_CST, SEQ_CST] : [ACQ_REL, ACQUIRE];
    return this.#memory.update(COMPARE_EXCHANGE, this.#at(at), word(replacement), word(expected), code, failure);
  }
  compareExchangeNumber(at: Address, expected: number, replacement: number, order?: ExchangeOrder): number {
    return toNumber(this.compareExchange(at, toWord(expected), toWord(replacement), order));
  }
  exchange(at: Address, value: bigint): bigint {
    return this.#update(EXCHANGE, at, value);
  }
  exchangeNumber(at: Address, value: number): number {
    return toNumber(this.#update(EXCHANGE, at, toWord(value)));
  }
  fetchAdd(at: Address, addend: bigint): bigint {
    return this.#update(ADD, at, addend);
  }
  fetchAddNumber(at: Address, addend: number): number {
    return toNumber(this.#update(ADD, at, toWord(addend)));
  }
  fetchSub(at: Address, subtrahend: bigint): bigint {
    return this.#update(SUBTRACT, at, subtrahend);
  }
  fetchSubNumber(at: Address, subtrahend: number): number {
    return toNumber(this.#update(SUBTRACT, at, toWord(subtrahend)));
  }
  fetchAnd(at: Address, mask: bigint): bigint {
    return this.#update(AND, at, mask);
  }
  fetchAndNumber(at: Address, mask: number): number {
    return toNumber(this.#update(AND, at, toWord(mask)));
  }
  fetchOr(at: Address, mask: bigint): bigint {
    return this.#update(OR, at, mask);
  }
  fetchOrNumber(at: Address, mask: number): number {
    return toNumber(this.#update(OR, at, toWord(mask)));
  }
  fetchXor(at: Address, mask: bigint): bigint {
    return this.#update(XOR, at, mask);
  }
  fetchXorNumber(at: Address, mask: number): number {
    return toNumber(this.#update(XOR, at, toWord(mask)));
  }

  fence(): void {
    this.#memory.fence(SEQ_CST);
  }

  wait(at: Address, expected: bigint, options: WaitOptions = {}): WaitResult {
    const { timeout = Number.POSITIVE_INFINITY } = options;
    return this.#memory.wait(this.#at(at), word(expected), timeout !== Number.POSITIVE_INFINITY);
  }
  waitAsync(): Promise<WaitResult> {
    return this.#refuse('waitAsync is not modelled: check the blocking form');
  }
  notify(at: Address, count: number = Number.POSITIVE_INFINITY): number {
    return this.#memory.notify(this.#at(at), count);
  }
  pause(): void {
    this.#memory.pause();
  }

  loadPlain(at: Address): bigint {
    return this.#memory.load(this.#at(at), PLAIN);
  }
  loadPlainNumber(at: Address): number {
    return toNumber(this.loadPlain(at));
  }
  storePlain(at: Address, value: bigint): void {
    this.#memory.store(this.#at(at), word(value), PLAIN);
  }
  storePlainNumber(at: Address, value: number): void {
    this.storePlain(at, toWord(value));
  }
  copyIn(at: Address, source: BulkSource, skip = 0, byteLength: number = source.byteLength): void {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, byteLength);
    this.#eachWord(at, bytes.length, skip, (address, offset, from, count) => {
      const whole = new DataView(new ArrayBuffer(WORD_BYTES));
      if (count < WORD_BYTES) whole.setBigUint64(0, this.#memory.load(address, PLAIN), true);
      for (let byte = 0; byte < count; byte++) whole.setUint8(offset + byte, bytes[from + byte] as number);
      this.#memory.store(address, whole.getBigUint64(0, true), PLAIN);
    });
  }
  copyOut(at: Address, target: BulkSource, skip = 0, byteLength: number = target.byteLength): void {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, byteLength);
    this.#eachWord(at, bytes.length, skip, (address, offset, from, count) => {
      const whole = new DataView(new ArrayBuffer(WORD_BYTES));
      whole.setBigUint64(0, this.#memory.load(address, PLAIN), true);
      for (let byte = 0; byte < count; byte++) bytes[from + byte] = whole.getUint8(offset + byte);
    });
  }
  fill(at: Address, count: number, value: bigint): void {
    for (let index = 0; index < count; index++) this.storePlain((at + index) as Address, value);
  }

  /** Cuts a range of bytes at the edges of words: a word's address, the first byte in it, the first in the range, how many. */
  #eachWord(
    at: Address,
    length: number,
    skip: number,
    visit: (address: Address, offset: number, from: number, count: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const offset = (skip + done) % WORD_BYTES;
      const count = Math.min(WORD_BYTES - offset, length - done);
      visit(this.#at((at + Math.floor((skip + done) / WORD_BYTES)) as Address), offset, done, count);
      done += count;
    }
  }

  #update(update: number, at: Address, operand: bigint): bigint {
    return this.#memory.update(update, this.#at(at), word(operand), 0n, ACQ_REL, ACQUIRE);
  }

  #at(at: Address): Address {
    if (!isAddress(at, this.size)) throw addressError(at, this.size);
    return at;
  }
}

export function isAddress(at: number, size: number): boolean {
  return Number.isInteger(at) && at >= 0 && at < size;
}

export function addressError(at: number, size: number): AddressError {
  return new AddressError(at, size, 'the model');
}

function refuseModel(why: string): never {
  throw new ModelError(why);
}

function word(value: bigint): bigint {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    throw new ValueError(value, 'a word holds 0..2^64-1');
  return value;
}

function toWord(value: number): bigint {
  if (!(Number.isSafeInteger(value) && value >= 0)) throw new ValueError(value, 'a number form holds 0..2^53-1');
  return BigInt(value);
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CorruptError(`a word that was to stay below 2^53 holds ${value}`);
  return Number(value);
}
