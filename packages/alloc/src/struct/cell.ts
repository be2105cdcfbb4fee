/**
 * What one word of a record can do. The orderings are those of `Words`; every method throws `AddressError` and `ValueError` as
 * its namesake there, and a value that the field's type has not is a `ValueError` before anything is written.
 */
import type { Address, ExchangeOrder, Slot } from '@pool/core';

export interface Cell<Value> {
  /** The word itself, for `wait`, `notify` and `copyIn`. */
  readonly address: Address;
  /** Acquire. */
  load(): Value;
  /** Release. */
  store(value: Value): void;
  /** Returns the value before. AcqRel. */
  exchange(value: Value): Value;
  /** Writes `replacement` if the field holds `expected`; returns the value before, either way. AcqRel, or SeqCst on request. */
  compareExchange(expected: Value, replacement: Value, order?: ExchangeOrder): Value;
  /** As `compareExchange`, and says whether `replacement` was written. */
  tryReplace(expected: Value, replacement: Value, order?: ExchangeOrder): boolean;
  /** Not atomic, not ordered: only while the record is the caller's own, between a reservation and a publication. */
  loadPlain(): Value;
  storePlain(value: Value): void;
}

/** A word that holds an integer. Each of these is one wait-free operation, and AcqRel. */
export interface IntegerCell<Value> extends Cell<Value> {
  /** Adds, wrapping modulo 2^64, and returns the value before. */
  fetchAdd(addend: Value): Value;
  fetchSub(subtrahend: Value): Value;
  fetchAnd(mask: Value): Value;
  fetchOr(mask: Value): Value;
  fetchXor(mask: Value): Value;
}

/** A word that holds a double. Values are compared by their bits: 0 is not -0, and NaN is NaN if it is the same one. */
export interface FloatCell extends Cell<number> {
  /** Adds and returns the value before. AcqRel; lock-free: it tries again when another thread wrote meanwhile. */
  fetchAdd(addend: number): number;
}

/** Two unsigned integers of 32 bits that are read and written as one. */
export interface Pair {
  /** Bits 0..31. */
  readonly low: number;
  /** Bits 32..63. */
  readonly high: number;
}

/** A word that holds a segment's handle: `Segments` swaps and acquires through its slot. */
export interface HandleCell<Value> extends Cell<Value> {
  readonly slot: Slot;
}
