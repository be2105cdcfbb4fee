/**
 * One end of a queue that has one user at a time: a word that names who has it.
 *
 *   end   { owner: 48, state: 2 }; vacant -> held by compare-exchange; held -> closed or vacant by its holder, or by whoever
 *         recovers a dead holder
 */
import { type Address, PoolError, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';

const STATES = 4;
const VACANT = 0;
const HELD = 1;
const CLOSED = 2;

/** An end that has one user at a time has one. */
export class EndTakenError extends PoolError {
  override readonly name = 'EndTakenError';
}

/** @throws {EndTakenError} if somebody has it, or it is closed */
export function takeEnd(words: Words, at: Address, owner: number, name: string): void {
  if (moveWord(words, at, VACANT, owner * STATES + HELD)) return;
  const state = words.loadNumber(at) & (STATES - 1);
  throw new EndTakenError(
    `this ${name} ${state === CLOSED ? 'is closed' : 'has a user already; another queue has room for several'}`,
  );
}

/** Leaves the end to a successor; whether it was still this owner's. */
export function vacateEnd(words: Words, at: Address, owner: number): boolean {
  return moveWord(words, at, owner * STATES + HELD, VACANT); // exclusive: of several that recover, one does it
}

/** Closes the end for good; whether it was still this owner's. */
export function closeEnd(words: Words, at: Address, owner: number): boolean {
  return moveWord(words, at, owner * STATES + HELD, owner * STATES + CLOSED);
}

/** Whether this owner closed the end. */
export function isEndClosedBy(end: number, owner: number): boolean {
  return end === owner * STATES + CLOSED;
}

export function isEndClosed(end: number): boolean {
  return (end & (STATES - 1)) === CLOSED;
}
