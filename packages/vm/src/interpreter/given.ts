/**
 * Numbers that a host gives with a call, held against what they mean where they come in: past this point a NaN would make every
 * comparison false, a bigint among numbers would throw in the middle of a run, and a word too large would be another word.
 */
import { LinkError } from '../errors.ts';
import type { FunctionBody } from '../program/program.ts';

/** An amount of `what`: whole and at least 0, so that it is counted exactly; Infinity where there may be no limit. @throws {LinkError} */
export function checkAmount(what: string, value: unknown, most: 'finite' | 'infinite' = 'infinite'): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  if (value === Number.POSITIVE_INFINITY && most === 'infinite') return;
  throw new LinkError(`${what} is a whole number of at least 0, not ${shown(value)}`);
}

/** How much to run before the host is asked again. @throws {LinkError} */
export function checkMost(most: unknown): void {
  if (!(typeof most === 'number' && most >= 0))
    throw new LinkError(`how much to run at most is a number of at least 0, not ${shown(most)}`);
}

/**
 * The words of a function's arguments: of a number or a bigint, unsigned or signed.
 * @throws {LinkError} that names the argument that is none
 */
export function argumentWords(body: FunctionBody, given: readonly unknown[]): bigint[] {
  return given.map((value, index) => {
    const name = body.registerNames[index] || `${index}`;
    const of = `argument ${name} of ${body.name}`;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      const isDouble = !Number.isInteger(value);
      const hint = isDouble ? 'a double is given by its bits, as a bigint' : 'a larger one than 2^53 is a bigint';
      throw new LinkError(`${of} is a whole number, not ${shown(value)} (${hint})`);
    }
    if (typeof value !== 'bigint' && typeof value !== 'number')
      throw new LinkError(`${of} is a number or a bigint, not ${shown(value)}`);
    const word = BigInt(value);
    if (isWord(word)) return BigInt.asUintN(64, word);
    throw new LinkError(`${of} is a word of 64 bits, from -2^63 to 2^64 - 1, not ${shown(value)}`);
  });
}

/** Whether a number is one of 64 bits, unsigned or signed. */
export function isWord(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 64n;
}

/** A value in a message, so that 5 and 5n and "5" are not the same. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
