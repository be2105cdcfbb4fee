import type { Address } from './brands.ts';
import type { Owner } from './owner.ts';

/** Ranges of words, from wherever they come: the one interface between those who need room and those who have it. */
export interface Storage {
  /** A short name for messages, such as `static` or `buddy`. */
  readonly name: string;
  /** The most words that one allocation can have. Segments never ask for more. */
  readonly largest: number;
  /**
   * Takes a range of at least `words` words; `undefined` when there is none. From 16 words on it begins a line, and a smaller
   * one lies within one. Callable from every thread.
   * `entry` is a number that the caller has to itself while it holds the range (a segment's index): a static storage gives it
   * the range that is its own, and others may ignore it.
   */
  allocate(words: number, entry?: number): Address | undefined;
  /** Gives a range back. @throws {AddressError} for an address that `allocate` did not return */
  free(at: Address, entry?: number): void;
  /**
   * From now on `to` answers for the range. Storages that name an owner for each range have it: what an owner answers for is
   * freed when it dies, so the segment table takes over the ranges that it keeps.
   */
  transfer?(at: Address, to: Owner): void;
  /** Frees what a dead owner answered for; how many ranges. Idempotent. */
  recover?(owner: Owner): number;
}
