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
export { BufferedRecordSender, type BufferedSenderOptions } from './channels/buffered-records.ts';
export { CHANNEL, CHANNEL_MAGIC } from './channels/channel.ts';
export type { ChannelKind } from './channels/channel-shape.ts';
export { EndGoneError, type EndHandle } from './channels/end.ts';
export { bytes, type Codec, json, utf8 } from './channels/format.ts';
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
export {
  type AttachEndOptions,
  attachReceiver,
  attachSender,
  type Carried,
  type ChannelOptions,
  channel,
  channelSegmentSize,
  channelSize,
} from './channels/open.ts';
export type { Received, Receiver } from './channels/receiver.ts';
export {
  type DrainOptions,
  RECORDS_RING,
  RECORDS_RING_MAGIC,
  type RecordDrainResult,
  type RecordReceiveResult,
  type RecordSendResult,
  type RecordsRingOptions,
  type RecordTryReceiveResult,
  type RecordTrySendResult,
} from './channels/records-layout.ts';
export { RecordsRing } from './channels/records-ring.ts';
export {
  type SelectCase,
  type Selected,
  type SelectOptions,
  select,
  selectAsync,
  trySelect,
} from './channels/select.ts';
export type { Sender } from './channels/sender.ts';
export { after, never, type Timer, tick } from './channels/timers.ts';
export { DeadlockError, NotHeldError } from './errors.ts';
export type { OwnedWords, OwnerOptions } from './internal/standing.ts';
export { Barrier, type BarrierResult } from './locks/barrier.ts';
export { Condition } from './locks/condition.ts';
export { Latch, type LatchResult } from './locks/latch.ts';
export { MUTEX, MUTEX_MAGIC, Mutex, MutexToken } from './locks/mutex.ts';
export { Once, type OnceResult } from './locks/once.ts';
export { Parker } from './locks/parker.ts';
export { PERMIT_GATE } from './locks/permit-gate.ts';
export { ResetEvent, type ResetEventOptions } from './locks/reset-event.ts';
export { RwLock, type RwLockOptions, RwLockToken } from './locks/rw-lock.ts';
export { Semaphore, type SemaphoreOptions } from './locks/semaphore.ts';
export type { StartOptions } from './locks/signalled-word.ts';
export { WaitGroup, type WaitGroupOptions, type WaitGroupResult } from './locks/wait-group.ts';
export { layoutConstants, PROGRAM_CONSTANTS } from './program-constants.ts';
export {
  ARRAY_QUEUE,
  ARRAY_QUEUE_MAGIC,
  ArrayQueue,
  type ArrayQueueOptions,
} from './queues/array-queue.ts';
export type { BulkReceived, BulkSent, WordArray } from './queues/bulk-send.ts';
export { EndTakenError } from './queues/end.ts';
export {
  SEGMENTED_QUEUE,
  SEGMENTED_QUEUE_MAGIC,
  SegmentedQueue,
  type SegmentedQueueOptions,
} from './queues/segmented-queue.ts';
export { SPSC_RING, SPSC_RING_MAGIC } from './queues/spsc-layout.ts';
export type { SpscReceiver } from './queues/spsc-receiver.ts';
export { type Acknowledgement, SpscRing, type SpscRingOptions } from './queues/spsc-ring.ts';
export type { SpscSender } from './queues/spsc-sender.ts';
export { TREIBER_STACK, TREIBER_STACK_MAGIC, TreiberStack, type TreiberStackOptions } from './queues/treiber-stack.ts';
export { type FoundBy, type Recoverable, type Recovered, recover } from './recovery.ts';
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
