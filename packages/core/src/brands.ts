/**
 * Numbers that must not be mixed up carry a brand: a block's byte offset is no address, and an index is no handle.
 * Brands cost nothing at run time; the functions here check the value once and are the only way to make one by hand.
 */
import { AddressError, ValueError } from './errors.ts';

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** The index of a word in a pool (or, inside a window, relative to it). Never a byte offset. */
export type Address = Branded<number, 'Address'>;
/** The address of a word that holds a segment handle. */
export type Slot = Branded<number, 'Slot'>;
/** A distance in bytes from the beginning of the pool; always a multiple of 8 where a range begins. */
export type ByteOffset = Branded<number, 'ByteOffset'>;
/** A versioned reference to a segment: `{ generation: 40, index: 24 }`. `NO_HANDLE` refers to none. */
export type Handle = Branded<bigint, 'Handle'>;
/** A group of windows and segments that may see each other; an integer of 0..2^32-1. */
export type Domain = Branded<number, 'Domain'>;
/** The index of a row of the pool's owner table. */
export type OwnerId = Branded<number, 'OwnerId'>;

/** No segment: what an empty slot holds. */
export const NO_HANDLE = 0n as Handle;
/** The domain of whoever created the pool; programs are not granted it unless the host says so. */
export const HOST_DOMAIN = 0 as Domain;
/** The number of bytes in a word. */
export const WORD_BYTES = 8;
/** 2^64 - 1, the largest value a word holds. */
export const MAX_WORD = 0xffff_ffff_ffff_ffffn;
/** 2^29: the words of the largest WebAssembly memory, 4 GiB. No pool has more. */
export const MAX_POOL_WORDS: number = 2 ** 29;

/** Makes an address of a plain number. @throws {AddressError} unless it is an integer of 0..2^29-1 */
export function address(value: number): Address {
  if (!(Number.isInteger(value) && value >= 0 && value < MAX_POOL_WORDS)) throw new AddressError(value, MAX_POOL_WORDS);
  return value as Address;
}

/** Makes a slot of a plain number. @throws {AddressError} unless it is an integer of 0..2^29-1 */
export function slot(value: number): Slot {
  return address(value) as number as Slot;
}

/** Makes a domain of a plain number. @throws {ValueError} unless it is an integer of 0..2^32-1 */
export function domain(value: number): Domain {
  if (!(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff))
    throw new ValueError(value, 'a domain is an integer of 0..2^32-1');
  return value as Domain;
}

/** Makes a handle of a word's value. @throws {ValueError} unless it is a bigint of 0..2^64-1 */
export function handle(value: bigint): Handle {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    throw new ValueError(value, 'a handle is a bigint of 0..2^64-1');
  return value as Handle;
}
