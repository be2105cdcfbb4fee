/**
 * Words that hold integers. Each class writes its methods out instead of sharing them through a decoder: a shared method sees
 * every kind of cell, and V8 then calls what it would have inlined.
 */
import { type Address, type ExchangeOrder, type Slot, ValueError } from '@pool/core';
import type { HandleCell, IntegerCell } from './cell.ts';
import type { Place } from './field.ts';

/** 0..2^64-1, as a bigint. */
export class UnsignedCell<Value extends bigint = bigint> implements IntegerCell<Value>, HandleCell<Value> {
  readonly #place: Place;
  constructor(place: Place) {
    this.#place = place;
  }
  get address(): Address {
    return this.#place.address;
  }
  get slot(): Slot {
    return this.#place.address as number as Slot;
  }
  load(): Value {
    return this.#place.words.load(this.#place.address) as Value;
  }
  store(value: Value): void {
    this.#place.words.store(this.#place.address, value);
  }
  exchange(value: Value): Value {
    return this.#place.words.exchange(this.#place.address, value) as Value;
  }
  compareExchange(expected: Value, replacement: Value, order?: ExchangeOrder): Value {
    return this.#place.words.compareExchange(this.#place.address, expected, replacement, order) as Value;
  }
  tryReplace(expected: Value, replacement: Value, order?: ExchangeOrder): boolean {
    return this.#place.words.compareExchange(this.#place.address, expected, replacement, order) === expected;
  }
  fetchAdd(addend: Value): Value {
    return this.#place.words.fetchAdd(this.#place.address, addend) as Value;
  }
  fetchSub(subtrahend: Value): Value {
    return this.#place.words.fetchSub(this.#place.address, subtrahend) as Value;
  }
  fetchAnd(mask: Value): Value {
    return this.#place.words.fetchAnd(this.#place.address, mask) as Value;
  }
  fetchOr(mask: Value): Value {
    return this.#place.words.fetchOr(this.#place.address, mask) as Value;
  }
  fetchXor(mask: Value): Value {
    return this.#place.words.fetchXor(this.#place.address, mask) as Value;
  }
  loadPlain(): Value {
    return this.#place.words.loadPlain(this.#place.address) as Value;
  }
  storePlain(value: Value): void {
    this.#place.words.storePlain(this.#place.address, value);
  }
}

/** -2^63..2^63-1, as a bigint; the word holds it in two's complement. */
export class SignedCell implements IntegerCell<bigint> {
  readonly #place: Place;
  constructor(place: Place) {
    this.#place = place;
  }
  get address(): Address {
    return this.#place.address;
  }
  load(): bigint {
    return BigInt.asIntN(64, this.#place.words.load(this.#place.address));
  }
  store(value: bigint): void {
    this.#place.words.store(this.#place.address, bitsOf(value));
  }
  exchange(value: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.exchange(this.#place.address, bitsOf(value)));
  }
  compareExchange(expected: bigint, replacement: bigint, order?: ExchangeOrder): bigint {
    const { words, address } = this.#place;
    return BigInt.asIntN(64, words.compareExchange(address, bitsOf(expected), bitsOf(replacement), order));
  }
  tryReplace(expected: bigint, replacement: bigint, order?: ExchangeOrder): boolean {
    const { words, address } = this.#place;
    const bits = bitsOf(expected);
    return words.compareExchange(address, bits, bitsOf(replacement), order) === bits;
  }
  fetchAdd(addend: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.fetchAdd(this.#place.address, bitsOf(addend)));
  }
  fetchSub(subtrahend: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.fetchSub(this.#place.address, bitsOf(subtrahend)));
  }
  fetchAnd(mask: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.fetchAnd(this.#place.address, bitsOf(mask)));
  }
  fetchOr(mask: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.fetchOr(this.#place.address, bitsOf(mask)));
  }
  fetchXor(mask: bigint): bigint {
    return BigInt.asIntN(64, this.#place.words.fetchXor(this.#place.address, bitsOf(mask)));
  }
  loadPlain(): bigint {
    return BigInt.asIntN(64, this.#place.words.loadPlain(this.#place.address));
  }
  storePlain(value: bigint): void {
    this.#place.words.storePlain(this.#place.address, bitsOf(value));
  }
}

/** 0..2^53-1, as a number: the fast forms of `Words`. */
export class NumberCell<Value extends number = number> implements IntegerCell<Value> {
  readonly #place: Place;
  constructor(place: Place) {
    this.#place = place;
  }
  get address(): Address {
    return this.#place.address;
  }
  load(): Value {
    return this.#place.words.loadNumber(this.#place.address) as Value;
  }
  store(value: Value): void {
    this.#place.words.storeNumber(this.#place.address, value);
  }
  exchange(value: Value): Value {
    return this.#place.words.exchangeNumber(this.#place.address, value) as Value;
  }
  compareExchange(expected: Value, replacement: Value, order?: ExchangeOrder): Value {
    return this.#place.words.compareExchangeNumber(this.#place.address, expected, replacement, order) as Value;
  }
  tryReplace(expected: Value, replacement: Value, order?: ExchangeOrder): boolean {
    return this.#place.words.compareExchangeNumber(this.#place.address, expected, replacement, order) === expected;
  }
  fetchAdd(addend: Value): Value {
    return this.#place.words.fetchAddNumber(this.#place.address, addend) as Value;
  }
  fetchSub(subtrahend: Value): Value {
    return this.#place.words.fetchSubNumber(this.#place.address, subtrahend) as Value;
  }
  fetchAnd(mask: Value): Value {
    return this.#place.words.fetchAndNumber(this.#place.address, mask) as Value;
  }
  fetchOr(mask: Value): Value {
    return this.#place.words.fetchOrNumber(this.#place.address, mask) as Value;
  }
  fetchXor(mask: Value): Value {
    return this.#place.words.fetchXorNumber(this.#place.address, mask) as Value;
  }
  loadPlain(): Value {
    return this.#place.words.loadPlainNumber(this.#place.address) as Value;
  }
  storePlain(value: Value): void {
    this.#place.words.storePlainNumber(this.#place.address, value);
  }
}

function bitsOf(value: bigint): bigint {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value)
    throw new ValueError(value, 'an i64 is a bigint of -2^63..2^63-1');
  return BigInt.asUintN(64, value);
}
