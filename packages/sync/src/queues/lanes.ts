/**
 * Who has which lane of a queue's cells: see core's cell-steps.ts for what a lane is. A sender takes one with its first send, if
 * one is left; the others send in lane 0, which takes one step more, and ask again now and then. So a lane is a matter of speed
 * alone: it is never waited for. An owner has it until it is recovered, or, where it left in good order, until another one has its
 * row of the owner table: that takes its lanes over.
 *
 *   owners   one word a lane: who has it; 0: nobody. Written by compare-exchange
 *
 * That a lane has one writer is all that makes it safe. Objects of one owner share its lane, for an owner is one thread, and
 * that thread does nothing else between writing a value and the step that publishes it. A lane's next owner begins when the last
 * one has ended, which is what recovery and the owner table wait for. It never writes where the last one's value is still to
 * be read: it writes where it has seen a free stamp.
 */
import { type Address, MOST_LANES, ValueError, type Words } from '@pool/core';
import { moveWord, type OwnedWords, type OwnerOptions, packedOwner } from '../internal/standing.ts';

export const DEFAULT_LANES = 4;
const NOBODY = 0;
/** A packed owner is { generation, row: 16 }. */
const MOST_OWNERS = 2 ** 16;

export class Lanes {
  /** How many there are beside lane 0. */
  readonly count: number;
  readonly #words: Words;
  readonly #at: Address;
  readonly #owner: number;
  #mine = 0;

  /** @param options who sends through this object */
  constructor(words: OwnedWords, at: Address, count: number, options: OwnerOptions | undefined) {
    this.#words = words;
    this.#at = at;
    this.count = count;
    this.#owner = packedOwner(words, options, 'queue');
  }

  init(): void {
    for (let lane = 1; lane <= this.count; lane++) this.#words.storeNumber(this.#of(lane), NOBODY);
  }

  /** This owner's lane, which it takes if one is left; 0: none is. */
  get mine(): number {
    if (this.#mine === 0) this.#mine = this.#take();
    return this.#mine;
  }

  /** Frees what a dead owner had. Idempotent. */
  recover(dead: number): void {
    // pairs with the compare-exchange in #take()
    for (let lane = 1; lane <= this.count; lane++) moveWord(this.#words, this.#of(lane), dead, NOBODY);
  }

  #take(): number {
    for (let lane = 1; lane <= this.count; lane++) {
      const held = this.#words.loadNumber(this.#of(lane));
      if (held === this.#owner) return lane; // by another object
      // One that had this owner's row before is gone. Compare-exchange: recovery may have been faster, and a third one then.
      if (held % MOST_OWNERS === this.#owner % MOST_OWNERS && moveWord(this.#words, this.#of(lane), held, this.#owner))
        return lane;
    }
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
