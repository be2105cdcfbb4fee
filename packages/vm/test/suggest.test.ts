/** Hints by edit distance: the band that is computed gives what the whole table would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean } from '../src/assembler/suggest.ts';

/** The definition, word by word: restricted Damerau-Levenshtein. */
function distance(left: string, right: string): number {
  const rows = Array.from({ length: left.length + 1 }, (_, row) => [row, ...Array<number>(right.length).fill(0)]);
  const cell = (row: number, column: number): number => rows[row]?.[column] as number;
  for (let column = 0; column <= right.length; column++) (rows[0] as number[])[column] = column;
  for (let row = 1; row <= left.length; row++)
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      (rows[row] as number[])[column] = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + (same ? 0 : 1),
        swapped ? cell(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  return cell(left.length, right.length);
}

/** The first of the nearest candidates within a third of the word's length. */
function expected(word: string, candidates: readonly string[]): string | undefined {
  const others = candidates.filter((candidate) => candidate !== word);
  const least = Math.min(...others.map((candidate) => distance(word, candidate)));
  const best = others.find((candidate) => distance(word, candidate) === least);
  return least <= Math.floor((word.length + 1) / 3) && best !== undefined ? `did you mean ${best}?` : undefined;
}

describe('did you mean', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 });

  test('finds the nearest name', () => {
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 6 }), (word, candidates) => {
        expect(didYouMean(word, candidates)).toBe(expected(word, candidates));
      }),
      { numRuns: 3000 },
    );
  });

  test('never repeats the word', () => {
    expect(didYouMean('total', ['total'])).toBeUndefined();
    expect(didYouMean('total#2', ['total#1', 'totals'])).toBe('did you mean totals?');
    expect(didYouMean('total', ['TOTAL'])).toBe('did you mean TOTAL?');
  });

  test('has no hint for what is no name', () => {
    expect(didYouMean('a'.repeat(1000), ['a'.repeat(999)])).toBeUndefined();
  });
});
