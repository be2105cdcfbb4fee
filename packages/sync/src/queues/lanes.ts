/**
 * Who has which lane of a queue's cells: see core's cell-steps.ts for what a lane is. A sender takes one with its first send, if
 * one is left, and has it until it dies; the others send in lane 0, which takes one step more. So a lane is a matter of speed
 * alone: it is never waited for, and one that a dead sender had is free again once that was recovered.
 *
 *   owners   one word a lane: who has it; 0: nobody. Written by compare-exchange
 *
 * That a lane has one writer is all that makes it safe. Objects of one owner share its lane, for an owner is one thread, and
 * that thread does nothing else between writing a value and the step that publishes it. A lane's next owner never writes
 * where the last one's value is still to be read: it writes where it has seen a free stamp.
 */
import { type Address, MOST_LANES, ValueError, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';

export const DEFAULT_LANES = 4;
const NOBODY = 0;

export class Lanes {
  /** How many there are beside lane 0. */
  readonly count: number;
  readonly #words: Words;
  readonly #at: Address;
  readonly #owner: number;
  #mine: number | undefined;

  /** @param owner who sends, packed */
  constructor(words: Words, at: Address, count: number, owner: number) {
    this.#words = words;
    this.#at = at;
    this.count = count;
    this.#owner = owner;
  }

  init(): void {
    for (let lane = 1; lane <= this.count; lane++) this.#words.storeNumber(this.#of(lane), NOBODY);
  }

  /** This owner's lane, which it takes with the first call; 0: it has none. */
  get mine(): number {
    this.#mine ??= this.#take();
    return this.#mine;
  }

  /** Frees what a dead owner had. Idempotent. */
  recover(dead: number): void {
    // pairs with the compare-exchange in #take(): whoever has the lane next comes after all that its last owner did
    for (let lane = 1; lane <= this.count; lane++) moveWord(this.#words, this.#of(lane), dead, NOBODY);
  }

  #take(): number {
    // Another object of this owner may have one already.
    for (let lane = 1; lane <= this.count; lane++)
      if (this.#words.loadNumber(this.#of(lane)) === this.#owner) return lane;
    // pairs with the compare-exchange in recover()
    for (let lane = 1; lane <= this.count; lane++)
      if (moveWord(this.#words, this.#of(lane), NOBODY, this.#owner)) return lane;
    return 0;
  }

  #of(lane: number): Address {
    return (this.#at + lane - 1) as Address;
  }
}

export function isLaneCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST_LANES;
}

/** @throws {ValueError} unless there can be so many */
export function checkLanes(lanes: number = DEFAULT_LANES): number {
  if (!isLaneCount(lanes)) throw new ValueError(lanes, `there are 0..${MOST_LANES} \`lanes\``);
  return lanes;
}
