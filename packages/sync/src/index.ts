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
