/** What threads do with a queue of words, and say about it. */
import type { FinalState, ModelThread } from '../../src/index.ts';

interface Queue {
  trySend(value: bigint): string;
  tryReceive(): bigint | string;
  receive(options: { readonly strategy: 'park' }): bigint | string;
}

export const PARK = { strategy: 'park' } as const;

type Body = (thread: ModelThread) => void;

interface QueueParts {
  trySend(id: number, value: bigint): Body;
  tryReceive(id: number): Body;
  receive(id: number): Body;
  /** What is still in the queue at the end. */
  rest(end: FinalState): string;
}

/** @param queue the queue as owner `id` has it attached */
export function queueParts(queue: (on: Pick<ModelThread, 'words'>, id: number) => Queue): QueueParts {
  return {
    trySend: (id, value) => (thread) => thread.observe(thread.name, queue(thread, id).trySend(value)),
    tryReceive: (id) => (thread) => thread.observe(thread.name, queue(thread, id).tryReceive()),
    receive: (id) => (thread) => thread.observe(thread.name, queue(thread, id).receive(PARK)),
    rest(end) {
      const left: (bigint | string)[] = [];
      for (const own = queue(end, 8); ; ) {
        const value = own.tryReceive();
        if (typeof value !== 'bigint') return left.join();
        left.push(value);
      }
    },
  };
}
