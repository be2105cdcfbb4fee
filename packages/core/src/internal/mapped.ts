/**
 * How segment views reach their bytes without a copy: real memory registers a way to map them, and the raw view stays inside
 * this package. Words that have no bytes of their own (a model, a recorder, a window) register none, and views copy instead.
 */
import type { Address } from '../brands.ts';
import type { Words } from '../words.ts';

/**
 * All of a memory's bytes, as this thread sees them now. Drafts and views share it, each with its range: making a typed array
 * for every one of them would cost more than most of their uses.
 */
export interface MappedBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** The memory, once it is sure that the `byteLength` bytes from the word `at` on are in it. */
export type Mapping = (at: Address, byteLength: number) => MappedBytes;

const mappings = new WeakMap<Words, Mapping>();

export function registerMapping(words: Words, mapping: Mapping): void {
  mappings.set(words, mapping);
}

export function mappingOf(words: Words): Mapping | undefined {
  return mappings.get(words);
}

/** Bytes of one's own, for words that have none. */
export function privateBytes(byteLength: number): MappedBytes {
  const bytes = new Uint8Array(byteLength);
  return { bytes, view: new DataView(bytes.buffer) };
}
