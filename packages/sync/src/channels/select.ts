/**
 * Waiting for whichever of several operations can be done first. Each case is tried without waiting; the first that succeeds is
 * the one, and no other has taken place. When none does, each marks the word whose change would make it worth trying again, and
 * in a channel of capacity 0 leaves word for the other side to find (selection.ts).
 *
 * The cases are tried from a random one on, so that one which is always ready keeps no other from its turn; with `biased`, in
 * the order given. In the event loop all marked words are waited for at once. A blocked thread can park on one word only: with
 * several it parks on each in turn for at most a millisecond.
 */
import { type Address, ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import { LONGEST_SELECT_PARK } from '../tuning.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Deadline } from '../waiting/deadline.ts';
import { giveWay, LOOKS_PER_TURN, nextTurn } from '../waiting/parking.ts';
import { type SpinOptions, spinBeforeParking } from '../waiting/strategy.ts';
import { NO_OPTIONS, throwIfAborted, timeoutOf } from '../waiting/wait-options.ts';
import { anyChange } from '../waiting/watched-words.ts';
import { attempt, type Found, type OpenCase, Selection, type Trace } from './selection.ts';

/** An operation that may be done: made by `receiving` and `sending`, `after`, `tick` and `never`. */
export interface SelectCase<R extends {}> extends OpenCase<R> {
  /** The case in one select, where it leaves something in its channel. `traces`: what the select's cases have left so far. */
  begin?(traces: Trace[]): OpenCase<R>;
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

/** Does one of the operations if one can be done now. @throws {ValueError} for what is no list of cases */
export function trySelect<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions = {},
): Selected<Cases> | undefined {
  return attempt(checked(cases, options), options.biased ?? false) as Selected<Cases> | undefined;
}

/**
 * Does one of the operations, as soon as one can be done.
 * @throws {ValueError} for what is no list of cases, and for timers alone: there is no word to park on; use `selectAsync`
 * @throws {MustNotBlockError} on a thread that must not block
 */
export function select<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions & WaitOptions & SpinOptions = NO_OPTIONS,
): Selected<Cases> | 'timed-out' {
  const immediate = attempt(checked(cases, options), options.biased ?? false);
  if (immediate !== undefined) return immediate as Selected<Cases>;
  const words = cases.find((one) => one.words !== undefined)?.words;
  if (words === undefined)
    throw new ValueError(cases.length, 'a select of timers alone blocks on no word: use selectAsync');
  const deadline = new Deadline(options);
  const selection = begin(cases, options);
  const longest = cases.filter((one) => one.words !== undefined).length > 1 ? LONGEST_SELECT_PARK : undefined;
  let found: Found | undefined;
  try {
    const look = (): Found | undefined => selection.look();
    found = spinBeforeParking(words, 0 as Address, look, new AdaptiveSpin(), deadline, options);
    for (let turn = 0, missed = 0; found === undefined && !deadline.passed; turn++) {
      const parked = selection.park();
      const { words: on, spot } = parked?.spots[selection.offers ? 0 : turn % parked.spots.length] ?? {};
      if (parked !== undefined && on !== undefined && spot !== undefined)
        on.wait(
          spot.at,
          BigInt(spot.expected),
          deadline.remaining(Math.min(longest ?? parked.longest, parked.longest)),
        );
      else if (++missed % LOOKS_PER_TURN === 0) giveWay(words, 0 as Address, deadline);
      found = selection.look();
    }
  } catch (error) {
    return endedBy(error, selection) as Selected<Cases>;
  }
  const taken = selection.end();
  return ((found ?? taken) as Selected<Cases> | undefined) ?? 'timed-out';
}

/**
 * As `select`, without blocking. Rejects when the signal aborts, and then no operation has taken place. Keeps the process alive
 * while it waits, but for `never()` alone without `timeout` and `signal`: nothing can end that.
 */
export async function selectAsync<const Cases extends readonly AnyCase[]>(
  cases: Cases,
  options: SelectOptions & WaitAsyncOptions = {},
): Promise<Selected<Cases> | 'timed-out'> {
  const immediate = attempt(checked(cases, options), options.biased ?? false);
  if (immediate !== undefined) return immediate as Selected<Cases>;
  if (cases.length === 0) throw new ValueError(0, 'a select of nothing would wait for ever');
  const deadline = new Deadline(options);
  throwIfAborted(options);
  const selection = begin(cases, options);
  let found: Found | undefined;
  try {
    for (let missed = 0; ; ) {
      found = selection.look();
      if (found !== undefined || deadline.passed) break;
      options.signal?.throwIfAborted();
      const parked = selection.park();
      if (parked !== undefined) await anyChange(parked.spots, { ...options, ...deadline.remaining(parked.longest) });
      else if (++missed % LOOKS_PER_TURN === 0) await nextTurn();
    }
  } catch (error) {
    return endedBy(error, selection) as Selected<Cases>;
  }
  const taken = selection.end();
  return ((found ?? taken) as Selected<Cases> | undefined) ?? 'timed-out';
}

/** @throws {ValueError} for an end in place of one of its operations, a case that is not in a list, and as `timeoutOf` */
function checked<Cases extends readonly AnyCase[]>(cases: Cases, options: SelectOptions & WaitOptions): Cases {
  timeoutOf(options);
  if (!Array.isArray(cases) || cases.some((one) => typeof one?.attempt !== 'function'))
    throw new ValueError(
      typeof cases,
      'a select takes a list of cases, such as [rx.receiving(), tx.sending(1n), after(100)]',
    );
  return cases;
}

function begin(cases: readonly AnyCase[], { biased = false }: SelectOptions): Selection {
  const traces: Trace[] = [];
  return new Selection(
    cases.map((one) => one.begin?.(traces) ?? one),
    biased,
  );
}

/** Ends a selection that was broken off; what has taken place all the same is its answer. */
function endedBy(error: unknown, selection: Selection): Found {
  const taken = selection.end();
  if (taken === undefined) throw error;
  return taken;
}
