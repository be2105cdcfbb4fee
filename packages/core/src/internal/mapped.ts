/**
 * How segment views reach their bytes without a copy: real memory registers a way to map them, and the raw view stays inside
 * this package. Words that have no bytes of their own (a model, a recorder, a window) register none, and views copy instead.
 */
import type { Address } from '../brands.ts';
import type { Words } from '../words.ts';

/** The bytes of the words from `at` on. The caller has checked that they are its own, or published. */
export type Mapping = (at: Address, byteLength: number) => Uint8Array;

const mappings = new WeakMap<Words, Mapping>();

export function registerMapping(words: Words, mapping: Mapping): void {
  mappings.set(words, mapping);
}

export function mappingOf(words: Words): Mapping | undefined {
  return mappings.get(words);
}
