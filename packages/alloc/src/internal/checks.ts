import { AddressError, LINE_WORDS, roundUp, ValueError } from '@pool/core';

/** A number of words, blocks or the like, as a parameter says it. @throws {ValueError} unless it is an integer of 1..most */
export function whole(value: number, most: number, what: string): number {
  if (!(Number.isInteger(value) && value > 0 && value <= most))
    throw new ValueError(value, `${what} is an integer of 1..${most}`);
  return value;
}

/** What is asked of `allocate`. @throws {ValueError} unless it is a positive integer */
export function askedWords(words: number): number {
  if (!(Number.isSafeInteger(words) && words > 0))
    throw new ValueError(words, 'a positive number of words to allocate');
  return words;
}

/**
 * The words that a block takes, so that blocks side by side begin a line each if they have a line or more, and lie within one
 * if they have less: 1, 2, 4, 8, or whole lines.
 */
export function blockStride(words: number): number {
  return words > LINE_WORDS / 2 ? roundUp(words, LINE_WORDS) : 2 ** (32 - Math.clz32(words - 1));
}

/** The error for an address that is no live block's. */
export function notLive(at: number, what: string, begin: number, end: number): AddressError {
  return new AddressError(at, 0, `${what} at ${begin}..${end - 1} as a live block`);
}
