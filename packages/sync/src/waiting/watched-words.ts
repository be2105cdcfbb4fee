/**
 * Waiting in the event loop for words whose changes wake everybody who waits for them. The engine's waiters cannot be withdrawn:
 * one whose caller has lost interest stands in the queue of its word, with a kilobyte or two of its own, until somebody notifies
 * there. A loop of selects over a busy channel and an idle one would leave another behind with each message. So a thread has one
 * waiter for a word, however many are interested in it, and keeps it when nobody is just now: who comes next joins it.
 *
 * Who joins misses nothing. The waiter was in the queue before; the word is looked at after that, and if it holds what was expected
 * still, the change is to come, and its notification finds the waiter. Or the waiter has been told of another change already, and
 * that is on its way here: then who joined is woken without need, and looks again, as after any wake.
 *
 * Not for words of which a notification wakes one alone: there each who waits must stand in the queue himself. A waiter in which
 * nobody is interested passes on the wake that it has got, for its word may have another use by now.
 *
 * Plain state of one thread: nothing here is shared.
 */
import { type Address, DetachedError, type WaitAsyncOptions, type Words } from '@pool/core';
import { LONGEST_DELAY } from './deadline.ts';

/** Where to park, and what the word holds until there is a reason to look again. */
export interface ParkingSpot {
  readonly at: Address;
  readonly expected: number;
}

/** Told once that the word has changed, or why that cannot be told. */
type Listener = (failure?: { readonly error: unknown }) => void;

/** Of each word that this thread has a waiter for, who is interested. */
const watched = new WeakMap<Words, Map<Address, Set<Listener>>>();

/** Joins the waiter for the word, or makes one. @returns who else is interested; `undefined`: the word has changed */
function join(words: Words, { at, expected }: ParkingSpot, listener: Listener): Set<Listener> | undefined {
  const standing = watched.get(words) ?? new Map<Address, Set<Listener>>();
  watched.set(words, standing);
  const known = standing.get(at);
  if (known !== undefined && words.loadNumber(at) !== expected) return undefined; // pairs with the change that is waited for
  const listeners = known ?? new Set();
  listeners.add(listener);
  if (known !== undefined) return listeners;
  standing.set(at, listeners);
  const tell: Listener = (failure) => {
    standing.delete(at);
    for (const one of listeners) one(failure);
  };
  words.waitAsync(at, BigInt(expected), { keepAlive: false }).then(
    (result) => {
      if (result === 'ok' && listeners.size === 0) passOn(words, at);
      tell();
    },
    (error) => tell({ error }),
  );
  return listeners;
}

function passOn(words: Words, at: Address): void {
  try {
    words.notify(at, 1);
  } catch (error) {
    if (!(error instanceof DetachedError)) throw error; // this thread has just left the pool
  }
}

/**
 * Ends when one of the words changes, time runs out or the signal aborts: in any case there is a reason to look. Keeps the process
 * alive for as long, unless nothing can end it.
 * @returns `timed-out` if time ran out; it may do so a millisecond early
 */
export function anyChange(
  spots: readonly { readonly words: Words; readonly spot: ParkingSpot }[],
  { timeout = Number.POSITIVE_INFINITY, signal, keepAlive = true }: WaitAsyncOptions,
): Promise<'changed' | 'timed-out'> {
  return new Promise((resolve, reject) => {
    const joined: Set<Listener>[] = [];
    const leave = (): void => {
      for (const listeners of joined) listeners.delete(listen);
      clearTimeout(timer);
      signal?.removeEventListener('abort', changed);
    };
    const changed = (): void => {
      leave();
      resolve('changed');
    };
    const listen: Listener = (failure) => {
      if (failure === undefined) return changed();
      leave();
      reject(failure.error);
    };
    const late = (): void => {
      leave();
      resolve(timeout > LONGEST_DELAY ? 'changed' : 'timed-out');
    };
    const timer = setTimeout(late, Math.ceil(Math.min(timeout, LONGEST_DELAY)));
    const canEnd = spots.length > 0 || timeout < Number.POSITIVE_INFINITY || signal !== undefined;
    if (!keepAlive || !canEnd) (timer as { unref?(): void }).unref?.();
    signal?.addEventListener('abort', changed, { once: true });
    try {
      for (const { words, spot } of spots) {
        const listeners = join(words, spot, listen);
        if (listeners === undefined) return changed();
        joined.push(listeners);
      }
      if (signal?.aborted) changed();
    } catch (error) {
      listen({ error });
    }
  });
}
