/**
 * Waiting for whichever of several operations can be done first. Each case is tried without waiting; the first that succeeds is
 * the one, and no other has taken place. When none does, each marks the word whose change would make it worth trying again.
 *
 * The cases are tried from a random one on, so that one which is always ready keeps no other from its turn; with `biased`, in
 * the order given. In the event loop all marked words are waited for at once. A blocked thread can park on one word only: with
 * several it parks on each in turn for at most a millisecond.
 */
import { type Address, ValueError, type WaitAsyncOptions, type WaitOptions, type Words } from '@pool/core';
import { LONGEST_SELECT_PARK } from '../tuning.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Deadline } from '../waiting/deadline.ts';
import type { Awaited } from '../waiting/parking.ts';
import { type SpinOptions, spinBeforeParking } from '../waiting/strategy.ts';

/** An operation that may be done: made by `receiving` and `sending`, `after`, `tick` and `never`. */
export interface SelectCase<R extends {}> extends Awaited<R> {
  /** The words that it parks on; none for a timer. */
  readonly words?: Words;
  /** For a timer: when it is due, on the clock of `performance.now()`. */
  readonly due?: number;
}

export interface SelectOptions {
  /** Tries the cases in the order given, always. Default: false. */
  readonly biased?: boolean;
}

type AnyCase = SelectCase<NonNullable<unknown>>;

/** Which case it was, and what came of it. */
export type Selected<Cases extends readonly AnyCase[]> = {
  [I in keyof Cases]: Cases[I] extends SelectCase<infer R> ? { readonly index: IndexOf<I>; readonly result: R } : never;
}[number];

type IndexOf<I> = I extends `${infer N extends number}` ? N : number;
type Found = { readonly index: number; readonly result: NonNullable<unknown> };

/** Does one of the operations if one can be done now. */
export function trySelect<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions = {},
): Selected<Cases> | undefined {
  return attempt(cases, options) as Selected<Cases> | undefined;
}

/**
 * Does one of the operations, as soon as one can be done.
 * @throws {ValueError} for timers alone: there is no word to park on; use `selectAsync`
 * @throws {MustNotBlockError} on a thread that must not block
 */
export function select<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions & WaitOptions & SpinOptions = {},
): Selected<Cases> | 'timed-out' {
  const immediate = attempt(cases, options);
  if (immediate !== undefined) return immediate as Selected<Cases>;
  const words = cases.find((one) => one.words !== undefined)?.words;
  if (words === undefined)
    throw new ValueError(cases.length, 'a select of timers alone blocks on no word: use selectAsync');
  const deadline = new Deadline(options.timeout);
  const look = (): Found | undefined => attempt(cases, options);
  const found = spinBeforeParking(words, 0 as Address, look, new AdaptiveSpin(), deadline, options);
  for (let turn = 0, answer = found; ; turn++) {
    if (answer !== undefined) return answer as Selected<Cases>;
    if (deadline.passed) return 'timed-out';
    const parked = cases
      .map((one) => ({ words: one.words, spot: one.park() }))
      .filter(({ spot }) => spot !== undefined);
    const waiting = cases.filter((one) => one.words !== undefined).length;
    const { words: on, spot } = parked[turn % Math.max(1, parked.length)] ?? {};
    // A case that marked nothing has a reason to be tried again at once.
    if (on !== undefined && spot !== undefined && parked.length === waiting) {
      const longest = Math.min(waiting > 1 ? LONGEST_SELECT_PARK : Number.POSITIVE_INFINITY, untilDue(cases));
      on.wait(spot.at, BigInt(spot.expected), deadline.remaining(longest));
    }
    answer = look();
  }
}

/** As `select`, without blocking. Rejects when the signal aborts, and then no operation has taken place. */
export async function selectAsync<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions & WaitAsyncOptions = {},
): Promise<Selected<Cases> | 'timed-out'> {
  const deadline = new Deadline(options.timeout);
  for (;;) {
    const answer = attempt(cases, options);
    if (answer !== undefined) return answer as Selected<Cases>;
    options.signal?.throwIfAborted();
    if (deadline.passed) return 'timed-out';
    await anyChange(cases, { ...options, ...deadline.remaining(untilDue(cases)) });
  }
}

function attempt(cases: readonly AnyCase[], { biased = false }: SelectOptions): Found | undefined {
  const first = biased ? 0 : Math.floor(Math.random() * cases.length);
  for (let step = 0; step < cases.length; step++) {
    const index = (first + step) % cases.length;
    const result = cases[index]?.attempt();
    if (result !== undefined) return { index, result };
  }
  return undefined;
}

/** Waits until one of the marked words changes, or for the timeout. */
async function anyChange(cases: readonly AnyCase[], options: WaitAsyncOptions): Promise<void> {
  const over = new AbortController();
  const waits: Promise<unknown>[] = [];
  const stop = (): void => over.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const one of cases) {
      if (one.words === undefined) continue;
      const spot = one.park();
      if (spot === undefined) return;
      waits.push(one.words.waitAsync(spot.at, BigInt(spot.expected), { ...options, signal: over.signal }));
    }
    if (options.timeout !== undefined || waits.length === 0) waits.push(elapsed(options.timeout, over.signal));
    await Promise.race(waits);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    over.abort();
    await Promise.allSettled(waits);
  }
}

function elapsed(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.ceil(Math.min(milliseconds ?? LONGEST_DELAY, LONGEST_DELAY)));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The longest delay that timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

function untilDue(cases: readonly AnyCase[]): number {
  const next = Math.min(...cases.map((one) => one.due ?? Number.POSITIVE_INFINITY));
  return next === Number.POSITIVE_INFINITY ? next : Math.max(0, next - performance.now());
}
