/**
 * Asynchronous waiting on `Atomics.waitAsync`, with its two traps closed.
 *
 * A waiter cannot be withdrawn. One whose caller has lost interest (an aborted signal) still stands in the engine's queue,
 * perhaps on an address that has a new use by now, and would eat a `notify(1)` meant for somebody else
 * (emscripten-core/emscripten#27492). So a wake that reaches an abandoned waiter is passed on to the next one.
 *
 * A pending promise does not keep Node alive (nodejs/node#44729). A timer does, for exactly as long as the wait lasts; it is
 * the same everywhere and needs no platform module.
 *
 * Whoever detaches from the pool has lost interest in all of its waits at once: each is abandoned as an aborted one is. That goes by
 * a set of those that are pending, not by a signal of the pool's own: an `AbortSignal` with thousands of listeners is slow, and warns.
 */
import { ValueError } from '../errors.ts';
import type { WaitAsyncOptions, WaitResult } from '../words.ts';

/** The longest delay that timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Makes a pending wait reject with the reason. A wake that reaches it from then on is passed on. */
export type Abandon = (reason: unknown) => void;

/**
 * @param words the signed view, since `Atomics.wait` takes no unsigned one; `expected` is the same 64 bits, signed
 * @param pending has the wait for as long as it lasts
 */
export function waitAsync(
  words: BigInt64Array,
  at: number,
  expected: bigint,
  options: WaitAsyncOptions,
  pending: Set<Abandon>,
): Promise<WaitResult> {
  const { signal, keepAlive = true } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const waiting = Atomics.waitAsync(words, at, expected, timeoutOf(options.timeout));
  if (!waiting.async) return Promise.resolve(waiting.value);

  return new Promise((resolve, reject) => {
    const timer = keepAlive ? setInterval(() => {}, LONGEST_DELAY) : undefined;
    let abandoned = false;
    const settle = (): void => {
      pending.delete(abandon);
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abandon: Abandon = (reason) => {
      abandoned = true;
      settle();
      reject(reason);
    };
    const abort = (): void => abandon(signal?.reason);
    pending.add(abandon);
    signal?.addEventListener('abort', abort, { once: true });
    waiting.value.then((result) => {
      if (abandoned) {
        if (result === 'ok') Atomics.notify(words, at, 1); // this wake was not for us: the next waiter has it
        return;
      }
      settle();
      resolve(result);
    }, reject);
  });
}

/** What `Atomics` understands. It takes NaN for "for ever", which nobody means. @throws {ValueError} */
export function timeoutOf(milliseconds: number | undefined): number {
  if (milliseconds === undefined) return Number.POSITIVE_INFINITY;
  if (typeof milliseconds !== 'number' || Number.isNaN(milliseconds))
    throw new ValueError(milliseconds, 'a timeout in milliseconds');
  return Math.max(0, milliseconds);
}
