export { DeadlockError, NotHeldError } from './errors.ts';
export type { OwnedWords, OwnerOptions } from './internal/standing.ts';
export { MUTEX, MUTEX_MAGIC, Mutex, MutexToken } from './locks/mutex.ts';
export { type Recoverable, type Recovered, recover } from './recovery.ts';
export { SPINS_BEFORE_PARKING } from './tuning.ts';
export { EventCount } from './waiting/event-count.ts';
export type { SpinOptions, WaitStrategy } from './waiting/strategy.ts';
export {
  type ReceiveResult,
  type SendResult,
  type TryReceiveResult,
  type TrySendResult,
  WORD_QUEUE,
  WORD_QUEUE_MAGIC,
  WordQueue,
} from './word-queue.ts';
