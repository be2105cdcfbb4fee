export {
  BROADCAST,
  BROADCAST_MAGIC,
  Broadcast,
  type BroadcastOptions,
  type BroadcastReceiveResult,
  type BroadcastReceiver,
  type BroadcastSendResult,
  type BroadcastTryReceiveResult,
} from './channels/broadcast.ts';
export {
  MAILBOX,
  MAILBOX_MAGIC,
  MAILBOX_SLOTS,
  Mailbox,
  type MailboxOptions,
  type MailboxReadResult,
  type MailboxTryReadResult,
  type MailboxWriteResult,
} from './channels/mailbox.ts';
export {
  ONE_SHOT,
  ONE_SHOT_MAGIC,
  ONE_SHOT_PHASES,
  OneShot,
  type OneShotEnd,
  type OneShotReceiveResult,
  type OneShotSendResult,
  type OneShotTryReceiveResult,
} from './channels/one-shot.ts';
export { DeadlockError, NotHeldError } from './errors.ts';
export type { OwnedWords, OwnerOptions } from './internal/standing.ts';
export { MUTEX, MUTEX_MAGIC, Mutex, MutexToken } from './locks/mutex.ts';
export { RwLock, type RwLockOptions, RwLockToken } from './locks/rw-lock.ts';
export { Semaphore, type SemaphoreOptions } from './locks/semaphore.ts';
export { EndTakenError } from './queues/end.ts';
export { SPSC_RING, SPSC_RING_MAGIC } from './queues/spsc-layout.ts';
export type { SpscReceiver } from './queues/spsc-receiver.ts';
export { type Acknowledgement, SpscRing, type SpscRingOptions } from './queues/spsc-ring.ts';
export type { BulkSent, SpscSender } from './queues/spsc-sender.ts';
export { TREIBER_STACK, TREIBER_STACK_MAGIC, TreiberStack, type TreiberStackOptions } from './queues/treiber-stack.ts';
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
