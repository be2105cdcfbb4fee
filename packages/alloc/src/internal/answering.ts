/**
 * Who may be made to answer for a block, and whose blocks may be taken away. Words alone do not know who lives: of a pool's
 * words the owner table is asked, and with any other words it is the caller's to know.
 */
import { type Owner, Pool, SEGMENT_TABLE_OWNER, ValueError, type Words } from '@pool/core';

const MOST_OWNERS = 2 ** 16;
const GENERATIONS = 2 ** 32;

/** @throws {ValueError} for an owner that nobody can be: no row of so many, or of the pool, has it in any generation */
export function mayAnswer(words: Words, owner: Owner, rows: number = MOST_OWNERS): void {
  const { id, generation } = owner;
  if (id === SEGMENT_TABLE_OWNER.id && generation === SEGMENT_TABLE_OWNER.generation) return;
  const most = words instanceof Pool ? Math.min(rows, words.owners.rows) : rows;
  if (!(Number.isInteger(id) && id >= 0 && id < most))
    throw new ValueError(id, `an owner's id is an integer of 0..${most - 1} here`);
  if (!(Number.isInteger(generation) && generation > 0 && generation < GENERATIONS))
    throw new ValueError(generation, `an owner's generation is an integer of 1..${GENERATIONS - 1}`);
}

/** @throws {ValueError} for an owner that nobody can be, and for one that the pool knows to be live */
export function mayBeRecovered(words: Words, owner: Owner): void {
  mayAnswer(words, owner);
  if (words instanceof Pool && owner.id < words.owners.rows && words.owners.isLive(owner))
    throw new ValueError(owner.id, 'this owner is live: say that it is dead first');
}
