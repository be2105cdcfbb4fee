/** The field types of one word. */
import type { Address, Handle } from '@pool/core';
import type { Cell, FloatCell, HandleCell, IntegerCell, Pair } from './cell.ts';
import { type FieldType, Place } from './field.ts';
import { NumberCell, SignedCell, UnsignedCell } from './integer-cells.ts';
import { DoubleCell, PairCell } from './reinterpreted-cells.ts';

/** An unsigned integer of 64 bits, as a bigint. */
export const u64: FieldType<IntegerCell<bigint>> = scalar((place) => new UnsignedCell(place));
/** A signed integer of 64 bits, as a bigint. */
export const i64: FieldType<IntegerCell<bigint>> = scalar((place) => new SignedCell(place));
/**
 * An unsigned integer that stays below 2^53, as a number: several times as fast as `u64`. Loading a word that holds more throws
 * `ValueError`.
 */
export const u53: FieldType<IntegerCell<number>> = scalar((place) => new NumberCell(place));
/** An IEEE 754 double. */
export const f64: FieldType<FloatCell> = scalar((place) => new DoubleCell(place));
/** Two unsigned integers of 32 bits, read and written as one, such as an index and the tag that makes it unmistakable. */
export const u32Pair: FieldType<Cell<Pair>> = scalar((place) => new PairCell(place));
/** A segment's handle, or `NO_HANDLE`. Its word is a slot. */
export const segmentHandle: FieldType<HandleCell<Handle>> = scalar((place) => new UnsignedCell<Handle>(place));
/** The address of another record; 0, where no record can be, for none. */
export const pointer: FieldType<Cell<Address>> = scalar((place) => new NumberCell<Address>(place));

function scalar<Accessor>(make: (place: Place) => Accessor): FieldType<Accessor> {
  return Object.freeze<FieldType<Accessor>>({
    words: 1,
    alignment: 1,
    bind: (words, origin, offset) => make(new Place(words, origin, offset)),
    constants: (prefix, offset) => [[`${prefix}_OFFSET`, offset]],
  });
}
