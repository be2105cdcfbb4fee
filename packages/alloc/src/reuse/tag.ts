/** A policy's word carries its segment's generation modulo 2^20, so that a late look at a word that serves a successor is told. */
export const TAGS: number = 2 ** 20;

export function tagOf(generation: number): number {
  return generation & (TAGS - 1);
}
