/**
 * Words whose bits mean something else than an integer: a double, or two integers of 32 bits. The bits change their meaning in
 * one private buffer that is seen through three views, so nothing is computed.
 */
import { type Address, type ExchangeOrder, ValueError } from '@pool/core';
import type { Cell, FloatCell, Pair } from './cell.ts';
import type { Place } from './field.ts';

const bits: BigUint64Array = new BigUint64Array(1);
const double: Float64Array = new Float64Array(bits.buffer);
/** The low half first: every platform there is stores words little-endian. */
const halves: Uint32Array = new Uint32Array(bits.buffer);

/** An IEEE 754 double. */
export class DoubleCell implements FloatCell {
  readonly #place: Place;
  constructor(place: Place) {
    this.#place = place;
  }
  get address(): Address {
    return this.#place.address;
  }
  load(): number {
    return toDouble(this.#place.words.load(this.#place.address));
  }
  store(value: number): void {
    this.#place.words.store(this.#place.address, fromDouble(value));
  }
  exchange(value: number): number {
    return toDouble(this.#place.words.exchange(this.#place.address, fromDouble(value)));
  }
  compareExchange(expected: number, replacement: number, order?: ExchangeOrder): number {
    const { words, address } = this.#place;
    return toDouble(words.compareExchange(address, fromDouble(expected), fromDouble(replacement), order));
  }
  tryReplace(expected: number, replacement: number, order?: ExchangeOrder): boolean {
    const { words, address } = this.#place;
    const before = fromDouble(expected);
    return words.compareExchange(address, before, fromDouble(replacement), order) === before;
  }
  fetchAdd(addend: number): number {
    const { words, address } = this.#place;
    for (let before = words.load(address); ; ) {
      const value = toDouble(before);
      const seen = words.compareExchange(address, before, fromDouble(value + addend)); // pairs with every load of the field
      if (seen === before) return value;
      before = seen;
    }
  }
  loadPlain(): number {
    return toDouble(this.#place.words.loadPlain(this.#place.address));
  }
  storePlain(value: number): void {
    this.#place.words.storePlain(this.#place.address, fromDouble(value));
  }
}

/** Two unsigned integers of 32 bits. */
export class PairCell implements Cell<Pair> {
  readonly #place: Place;
  constructor(place: Place) {
    this.#place = place;
  }
  get address(): Address {
    return this.#place.address;
  }
  load(): Pair {
    return toPair(this.#place.words.load(this.#place.address));
  }
  store(value: Pair): void {
    this.#place.words.store(this.#place.address, fromPair(value));
  }
  exchange(value: Pair): Pair {
    return toPair(this.#place.words.exchange(this.#place.address, fromPair(value)));
  }
  compareExchange(expected: Pair, replacement: Pair, order?: ExchangeOrder): Pair {
    const { words, address } = this.#place;
    return toPair(words.compareExchange(address, fromPair(expected), fromPair(replacement), order));
  }
  tryReplace(expected: Pair, replacement: Pair, order?: ExchangeOrder): boolean {
    const { words, address } = this.#place;
    const before = fromPair(expected);
    return words.compareExchange(address, before, fromPair(replacement), order) === before;
  }
  loadPlain(): Pair {
    return toPair(this.#place.words.loadPlain(this.#place.address));
  }
  storePlain(value: Pair): void {
    this.#place.words.storePlain(this.#place.address, fromPair(value));
  }
}

function toDouble(word: bigint): number {
  bits[0] = word;
  return double[0] as number;
}

function fromDouble(value: number): bigint {
  if (typeof value !== 'number') throw new ValueError(value, 'an f64 is a number');
  double[0] = value;
  return bits[0] as bigint;
}

function toPair(word: bigint): Pair {
  bits[0] = word;
  return { low: halves[0] as number, high: halves[1] as number };
}

function fromPair({ low, high }: Pair): bigint {
  if (low >>> 0 !== low) throw new ValueError(low, 'the low half of a pair is an integer of 0..2^32-1');
  if (high >>> 0 !== high) throw new ValueError(high, 'the high half of a pair is an integer of 0..2^32-1');
  halves[0] = low;
  halves[1] = high;
  return bits[0] as bigint;
}
