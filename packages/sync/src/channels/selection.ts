/**
 * One select while it goes on: what its cases have left in their channels, and which of them may be done next.
 *
 * Two selects that wait for each other must leave something for each other to find, and yet of each select's cases one only may
 * be done. What one leaves must therefore bind it to one case at most: a case may leave an ask, as many as there are, which says that
 * somebody would receive, and binds nobody; and one case may make an offer, to somebody who has asked. An offer can be taken at
 * any time by whoever finds it, so before any other case is tried the offer is taken back; if that fails it was taken, and
 * that was the case. So each hand-over is done by one compare-exchange on one word, of a receiver that is awake and waits for
 * nothing else meanwhile, on the only offer of its sender: nothing is done twice, and no word beyond the channel's own is needed,
 * which the other side could not reach: two channels of one select may stand in different pools, or be seen through windows.
 *
 * That they do meet:
 *   - whoever can receive has its ask standing, or parks on a word that stands for somebody else's, and asks once that changes;
 *     whoever can send and has no offer standing looks again at each ask. So of two that could meet one makes an offer
 *     in the end, and the other finds it.
 *   - An offer that stands keeps its select from other cases that become ready: then it is taken back at once. If it stands where whoever
 *     asked has gone, while others ask elsewhere, it goes there after some patience, in turn; each time that this was for
 *     nothing the patience doubles, so it is long enough in the end for whoever is slow to look.
 *   - Two selects may each make an offer to the other, each take it back to take the other's, and find nothing. Who has just
 *     found nothing makes another offer by the toss of a coin only; one that makes none finds the other's.
 */
import { type Address, DetachedError, type Words } from '@pool/core';
import { PATIENCE_FOR_ANSWER } from '../tuning.ts';
import type { Awaited, ParkingSpot } from '../waiting/parking.ts';

/** What a case has left in a word. */
export interface Trace {
  readonly words: Words;
  readonly at: Address;
  readonly standing: number | undefined;
}

/** A case of a select that goes on. */
export interface OpenCase<R extends {}> extends Awaited<R> {
  /** The words that it parks on; none for a timer. */
  readonly words?: Words;
  /** For a timer: when it is due, on the clock of `performance.now()`. */
  readonly due?: number;
  /** Leaves word for others to find; whether it is an offer, which binds. */
  announce?(mayOffer: boolean): boolean;
  /** Whether somebody has asked for an offer. */
  isAsked?(): boolean;
}

type Result = NonNullable<unknown>;
export type Found = { readonly index: number; readonly result: Result };

/** Where to park while none of the cases can be done. */
export interface Parked {
  /** One for each case; if an offer stands, the first is where. */
  readonly spots: readonly { readonly words: Words; readonly spot: ParkingSpot }[];
  /** How many milliseconds at most. */
  readonly longest: number;
}

export class Selection {
  readonly #cases: readonly OpenCase<Result>[];
  readonly #biased: boolean;
  /** The case whose offer stands, and until when it does if others ask. */
  #offered: number | undefined;
  #until = 0;
  #patience: number = PATIENCE_FOR_ANSWER;
  /** Whose turn it is to make an offer. */
  #next: number;

  constructor(cases: readonly OpenCase<Result>[], biased: boolean) {
    this.#cases = cases;
    this.#biased = biased;
    this.#next = firstOf(cases, biased);
  }

  /** Tries the cases; if none can be done, leaves word of that. */
  look(): Found | undefined {
    const index = this.#offered;
    if (index !== undefined) {
      const result = this.#cases[index]?.attempt();
      if (result !== undefined) {
        this.#offered = undefined;
        return { index, result };
      }
      if (this.#mayStay()) return undefined;
    }
    const found = this.#takeBack() ?? attempt(this.#cases, this.#biased);
    if (found === undefined) this.#announce(index === undefined || Math.random() < 0.5);
    return found;
  }

  /** Marks the words whose change makes a look worth while; `undefined`: it is now. */
  park(): Parked | undefined {
    const spots: { words: Words; spot: ParkingSpot }[] = [];
    let rival = false;
    for (const [index, one] of this.#cases.entries()) {
      if (one.words === undefined) continue;
      if (this.#offered !== undefined && this.#offered !== index && one.isAsked?.()) {
        rival = true;
        continue;
      }
      const spot = one.park();
      if (spot === undefined) return undefined;
      if (index === this.#offered) spots.unshift({ words: one.words, spot });
      else spots.push({ words: one.words, spot });
    }
    const patience = rival ? this.#until - performance.now() : Number.POSITIVE_INFINITY;
    return patience > 0 ? { spots, longest: Math.min(patience, untilDue(this.#cases)) } : undefined;
  }

  get offers(): boolean {
    return this.#offered !== undefined;
  }

  /**
   * Takes back what stands in channels, at the end of all. Answers if an offer was taken. In a pool that this thread has left
   * nothing can be taken back: that keeps nobody from the other cases.
   */
  end(): Found | undefined {
    const found = unlessLeft(() => this.#takeBack());
    for (const one of this.#cases) unlessLeft(() => one.withdraw?.());
    return found;
  }

  /** Whether no other case is ready, nor one that asks has waited long enough. */
  #mayStay(): boolean {
    return (this.park()?.longest ?? 0) > 0;
  }

  #takeBack(): Found | undefined {
    const index = this.#offered;
    if (index === undefined) return undefined;
    this.#offered = undefined;
    if (performance.now() >= this.#until) this.#patience *= 2;
    const result = this.#cases[index]?.withdraw?.();
    return result === undefined ? undefined : { index, result };
  }

  #announce(mayOffer: boolean): void {
    const { length } = this.#cases;
    const first = this.#next;
    for (let step = 0; step < length; step++) {
      const index = (first + step) % length;
      if (!this.#cases[index]?.announce?.(mayOffer && this.#offered === undefined)) continue;
      this.#offered = index;
      this.#until = performance.now() + this.#patience;
      this.#next = index + 1;
    }
  }
}

/** Tries each case, without leaving anything. */
export function attempt(cases: readonly OpenCase<Result>[], biased: boolean): Found | undefined {
  const first = firstOf(cases, biased);
  for (let step = 0; step < cases.length; step++) {
    const index = (first + step) % cases.length;
    const result = cases[index]?.attempt();
    if (result !== undefined) return { index, result };
  }
  return undefined;
}

function unlessLeft<T>(takeBack: () => T): T | undefined {
  try {
    return takeBack();
  } catch (error) {
    if (error instanceof DetachedError) return undefined;
    throw error;
  }
}

function firstOf(cases: readonly unknown[], biased: boolean): number {
  return biased ? 0 : Math.floor(Math.random() * cases.length);
}

function untilDue(cases: readonly OpenCase<Result>[]): number {
  const next = Math.min(...cases.map((one) => one.due ?? Number.POSITIVE_INFINITY));
  return next === Number.POSITIVE_INFINITY ? next : Math.max(0, next - performance.now());
}
