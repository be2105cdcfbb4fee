/**
 * Positions that never end. They count modulo 2^48, which is a multiple of every ring's length, and are compared by how far one
 * is ahead of another. So they run as numbers, and a ring that has gone round for a hundred years goes on.
 */

/** How many positions there are. */
export const SEQUENCES: number = 2 ** 48;

/** The position `count` after `sequence`; `count` is below 2^48. */
export function following(sequence: number, count: number): number {
  const next = sequence + count;
  return next < SEQUENCES ? next : next - SEQUENCES;
}

/** How many positions `later` is ahead of `earlier`. */
export function ahead(later: number, earlier: number): number {
  const distance = later - earlier;
  return distance < 0 ? distance + SEQUENCES : distance;
}

/** Where a ring that is told to begin anywhere begins. */
export function sequenceAt(start: bigint): number {
  return Number(BigInt.asUintN(48, start));
}
