/** Figures that the text and the picture of a map write alike. */
import { type Owner, SEGMENT_TABLE_OWNER, WORD_BYTES } from '@pool/core';
import { grouped } from '../report/text.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** How large so many words are, in the largest unit that has at least one of it: `128 B`, `34.5 KiB`. */
export function byteText(words: number): string {
  let [value, unit] = [words * WORD_BYTES, 0];
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A size class as the tables call it. */
export function classText(words: number | undefined): string {
  return words === undefined ? 'any size' : grouped(words);
}

/** Whose a block is: a thread's, or of a segment that was published and is no thread's. */
export function ownerText({ id, generation }: Owner): string {
  return id === SEGMENT_TABLE_OWNER.id && generation === SEGMENT_TABLE_OWNER.generation
    ? 'of the segment table'
    : `owner ${id} in generation ${generation}`;
}
