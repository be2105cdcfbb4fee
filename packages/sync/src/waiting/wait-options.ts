/**
 * What would be taken for other options than were meant: a wait that was to end would not, or would at once. Looked at where a
 * wait begins, and how a thread blocks only where it does: what can be done at once pays for none of it.
 */
import { ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import { SPINS_BEFORE_PARKING } from '../tuning.ts';
import type { SpinOptions } from './strategy.ts';

/** One for all who give none: an object made anew for each call is most of what a short path leaves to the garbage collector. */
export const NO_OPTIONS: WaitOptions & SpinOptions = Object.freeze({});

/** Milliseconds; infinity: no limit. @throws {ValueError} for what is no options, and a `timeout` that is no number */
export function timeoutOf(options: WaitOptions): number {
  if (Object(options) !== options)
    throw new ValueError(options, 'options of a wait are an object, such as { timeout: 100 }');
  const { timeout = Number.POSITIVE_INFINITY } = options;
  if (typeof timeout !== 'number' || Number.isNaN(timeout))
    throw new ValueError(timeout, '`timeout` is a number of milliseconds');
  return timeout;
}

/** @throws {ValueError} for a strategy or a number of spins that there is not, and for a signal, which a blocked thread never sees */
export function spinningOf(options: SpinOptions): Required<SpinOptions> {
  const { strategy = 'spin-then-park', spins = SPINS_BEFORE_PARKING } = options;
  if (strategy !== 'spin-then-park' && strategy !== 'park' && strategy !== 'spin')
    throw new ValueError(strategy, '`strategy` is spin, spin-then-park or park');
  if (!(Number.isSafeInteger(spins) && spins >= 0)) throw new ValueError(spins, '`spins` is an integer from 0 on');
  const { signal } = options as WaitAsyncOptions;
  if (signal !== undefined)
    throw new ValueError(signal, 'a blocked thread sees no `signal`: use the asynchronous form, or `timeout`');
  return { strategy, spins };
}

/** Before an asynchronous wait. @throws the signal's reason if it has aborted @throws {ValueError} for what is no signal, and as `timeoutOf` */
export function throwIfAborted(options: WaitAsyncOptions): void {
  timeoutOf(options);
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function')
    throw new ValueError(signal, '`signal` is an AbortSignal');
  signal?.throwIfAborted();
}
