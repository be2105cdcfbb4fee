/**
 * A layout is declared once, as data, and every offset follows from it by one running sum. Words that different threads
 * write hot sit alone on a line of 128 bytes: processors fetch lines of 64 bytes in adjacent pairs (Intel 64 and IA-32
 * Optimization Reference Manual, "spatial prefetcher"), so 64 apart still shares.
 */
import type { Address } from './brands.ts';
import { AddressError, ValueError } from './errors.ts';

/** Words a line has: 128 bytes. */
export const LINE_WORDS = 16;

export interface Field {
  /** How many words, or `'rest'` for a last field whose length is given at placement. */
  readonly words: number | 'rest';
  /** Whether the field begins a line and has it to itself. */
  readonly ownLine: boolean;
}

/** One word that shares its line with its neighbours. */
export const word: Field = Object.freeze({ words: 1, ownLine: false });
/** One word alone on its line. */
export const ownLine: Field = Object.freeze({ words: 1, ownLine: true });
/** What is left, from the beginning of a line on. Only as the last field. */
export const rest: Field = Object.freeze({ words: 'rest', ownLine: true });
/** Several words in a row. */
export function words(count: number, options?: { readonly ownLine?: boolean }): Field {
  if (!(Number.isInteger(count) && count > 0)) throw new ValueError(count, 'a field has at least one word');
  return Object.freeze({ words: count, ownLine: options?.ownLine ?? false });
}

/** The fields' addresses, by name. */
export type Placed<Name extends string> = { readonly [N in Name]: Address };

export interface Layout<Name extends string> {
  readonly name: string;
  readonly fields: { readonly [N in Name]: Field };
  /** Words before the field, by field. */
  readonly offsets: { readonly [N in Name]: number };
  /** 16 where a field has its own line, else 1: what a base address must be a multiple of. */
  readonly alignment: number;
  /** Words in all, with `restWords` in the last field; a multiple of the alignment. */
  size(restWords?: number): number;
  /** The fields' addresses in a layout that begins at `base`. @throws {AddressError} if `base` is not aligned */
  at(base: Address): Placed<Name>;
}

/** Declares a layout. Fields are laid out in the order they are written. */
export function layout<Name extends string>(name: string, fields: { readonly [N in Name]: Field }): Layout<Name> {
  const offsets: Record<string, number> = {};
  let end = 0;
  let lined = false;
  let open = false;
  for (const [key, field] of Object.entries<Field>(fields)) {
    if (open) throw new ValueError(key, `layout ${name}: a field follows the rest`);
    if (field.ownLine) {
      end = roundUp(end, LINE_WORDS);
      lined = true;
    }
    offsets[key] = end;
    open = field.words === 'rest';
    if (field.words !== 'rest') end += field.words;
    if (field.ownLine) end = roundUp(end, LINE_WORDS);
  }
  const alignment = lined ? LINE_WORDS : 1;
  return {
    name,
    fields,
    offsets: offsets as { readonly [N in Name]: number },
    alignment,
    size(restWords = 0) {
      if (!(Number.isInteger(restWords) && restWords >= 0) || (restWords > 0 && !open))
        throw new ValueError(restWords, `layout ${name}: no such number of words for the rest`);
      return roundUp(end + restWords, alignment);
    },
    at(base) {
      if (typeof base !== 'number' || base >>> 0 !== base || base % alignment !== 0)
        throw new AddressError(base, 0, `layout ${name} (it begins at a multiple of ${alignment})`);
      const placed: Record<string, Address> = {};
      for (const key of Object.keys(fields)) placed[key] = (base + (offsets[key] as number)) as Address;
      return placed as Placed<Name>;
    },
  };
}

/** The smallest multiple of `step` that is at least `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
