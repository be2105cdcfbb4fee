/**
 * One behind the other: asynchronous operations of one thread that wait for the same thing. Only the first of them parks; when
 * it leaves, for whatever reason, the next one tries before it parks. So a wake is answered by as many attempts as succeed, and
 * one that does not. If each of them parked, a wake that is for all would make all of them try, even for one thing: as many wakes
 * as waiters cost the square of their number. Where a wake is for one only (a mutex, an auto-reset event) there is no line.
 *
 * No wake-up is lost. Whoever has the turn waits as it would alone: it tries, marks what it waits for, and parks only if that has
 * not changed. A wake that reaches it is followed by its own attempt; if that succeeds, or it leaves without one, by the
 * attempt of the next, and so on, until one fails and parks on what it has seen. Those behind that one have not been told; but a line
 * is for operations any of which can be done if one can, so they would have failed too. (Or for such as are to wait for the
 * first in any case: at a fair semaphore; and in a ring of records, where the first one's has room in the end, however long.)
 * Whoever gives up behind the first was not parked, and has had no wake that it could have taken along; of a parked one that is
 * aborted, `waitAsync` passes the wake on, and the next one here tries all the same.
 *
 * Who comes tries once before it stands in line, as does who leaves it because time is up: what can be done at once is done,
 * whoever is about to be woken for it. Those that block, or merely try, never stand in line.
 *
 * Plain state of one thread: nothing here is shared.
 */
import type { WaitAsyncOptions } from '@pool/core';
import { Deadline, LONGEST_DELAY } from './deadline.ts';

/** One in the line, which is a ring: a queue would keep those that gave up until their turn came, perhaps for ever. */
class Place {
  before: Place;
  after: Place;
  readonly come: () => void;

  /** @param end what it stands before; none: the ring's end itself, which is nobody's */
  constructor(come: () => void, end?: Place) {
    this.come = come;
    this.after = end ?? this;
    this.before = end?.before ?? this;
    this.before.after = this.after.before = this;
  }

  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
  }
}

export class Turns {
  readonly #end: Place = new Place(() => {});
  #taken = false;

  /** Whether it is somebody's turn. */
  get taken(): boolean {
    return this.#taken;
  }

  /** Takes the turn if it is nobody's, or waits for it. Whoever has it passes it on. `false`: time ran out, or the signal aborted. */
  take(deadline: Deadline, { signal, keepAlive = true }: WaitAsyncOptions): Promise<boolean> | true {
    if (!this.#taken) {
      this.#taken = true;
      return true;
    }
    return new Promise((resolve) => {
      const left = Math.max(0, deadline.left);
      const settle = (came: boolean): void => {
        place.leave();
        clearInterval(timer);
        signal?.removeEventListener('abort', giveUp);
        resolve(came);
      };
      const giveUp = (): void => settle(false);
      // Also keeps the process alive. It may come a millisecond early, or, if time is up in a month, a month early.
      const look = (): void => void (deadline.left > 1 || giveUp());
      const timer =
        keepAlive || left < Number.POSITIVE_INFINITY
          ? setInterval(look, Math.min(Math.ceil(left), LONGEST_DELAY))
          : undefined;
      if (!keepAlive) (timer as { unref?(): void } | undefined)?.unref?.();
      signal?.addEventListener('abort', giveUp, { once: true });
      const place = new Place(() => settle(true), this.#end);
    });
  }

  /** Gives the turn to the next in line. */
  pass(): void {
    const next = this.#end.after;
    if (next === this.#end) this.#taken = false;
    else next.come();
  }
}

/**
 * Waits in turn.
 * @param wait what to do when the turn has come, with the options that are left; `atOnce`: it came without waiting
 * @param late an attempt out of turn, that leaves nothing behind: before standing in line, and when time runs out there
 * @param over called at the end, before the next one's turn
 */
export async function inTurn<T extends {}>(
  turns: Turns,
  options: WaitAsyncOptions,
  wait: (options: WaitAsyncOptions, atOnce: boolean) => Promise<T | undefined>,
  late: () => T | undefined,
  over?: (came: boolean) => void,
): Promise<T | undefined> {
  const deadline = new Deadline(options);
  let came = false;
  try {
    const early = turns.taken ? late() : undefined;
    if (early !== undefined) return early;
    const turn = turns.take(deadline, options);
    came = turn === true || (await turn);
    if (came) return await wait({ ...options, ...deadline.remaining() }, turn === true);
    options.signal?.throwIfAborted();
    return late();
  } finally {
    try {
      over?.(came);
    } finally {
      if (came) turns.pass(); // also in a pool that this thread has left: those behind are told the same
    }
  }
}
