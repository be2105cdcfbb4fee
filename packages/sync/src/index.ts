export { EventCount, type SpinOptions } from './event-count.ts';
export { SPINS_BEFORE_PARKING } from './tuning.ts';
export {
  type ReceiveResult,
  type SendResult,
  type TryReceiveResult,
  type TrySendResult,
  WORD_QUEUE,
  WORD_QUEUE_MAGIC,
  WordQueue,
} from './word-queue.ts';
