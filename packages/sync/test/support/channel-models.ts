/**
 * What a channel would be if there were one thread. The state: how many senders there are, how many receivers, how many
 * receives are under way, how many of them wait, and what is inside, oldest first.
 *
 * The answers `full`, `empty` and `timed-out` are as good as certain, as those of a queue: they take no effect, which is all that
 * is asked of them.
 */
import type { Completed, SequentialModel } from './linearizability.ts';

const NOTHING: ReadonlySet<unknown> = new Set(['full', 'empty', 'timed-out']);

interface ChannelBounds {
  readonly senders: number;
  readonly receivers: number;
  /** 0: a rendezvous. */
  readonly capacity: number;
  /** Whether `empty` is certain, as it is between two. */
  readonly exact?: boolean;
}

/** @param history what will be checked: by what was received when, a wrong guess at the order of two sends is known at once */
export function channelModel(bounds: ChannelBounds, history: readonly Completed[]): SequentialModel<string> {
  const { senders, receivers, capacity, exact = false } = bounds;
  const takes = new Map(history.map((one) => [one.result, one])); // of which numbers are what was received
  const isTakenAfter = (value: number, other: number): boolean =>
    (takes.get(value)?.called ?? Number.POSITIVE_INFINITY) > (takes.get(other)?.returned ?? Number.POSITIVE_INFINITY);
  return {
    initial: [senders, receivers, 0, 0].join(' '),
    apply(state, { name, argument, result }) {
      const counts = state.split(' ').map(Number) as [number, number, number, number, ...number[]];
      const [tx, rx, receiving, waiting, ...values] = counts;
      const after = (...next: number[]): string => next.join(' ');
      if (name === 'closeSender') return after(tx - 1, rx, receiving, waiting, ...values);
      if (name === 'closeReceiver') return after(tx, rx - 1, receiving, waiting, ...values);
      if (name === 'begin') return after(tx, rx, receiving + 1, waiting + (argument as number), ...values);
      if (name === 'end') return after(tx, rx, receiving - 1, waiting - (argument as number), ...values);
      if (exact && result === 'empty') return tx > 0 && values.length === 0 ? state : undefined;
      if (NOTHING.has(result)) return state;
      if (name === 'receive' || name === 'tryReceive') {
        if (result === 'closed') return tx === 0 && values.length === 0 ? state : undefined;
        if (values[0] !== result) return undefined;
        const done = capacity === 0 ? 1 : 0; // of a rendezvous it is known which receives are under way
        return after(tx, rx, receiving - done, name === 'receive' ? waiting - done : waiting, ...values.slice(1));
      }
      if (result === 'closed') return rx === 0 ? state : undefined;
      // Who tries finds a receiver only if that one waits; who waits is found by those that try, too.
      const met = (name === 'trySend' ? waiting : receiving) > 0;
      const room = capacity > 0 ? values.length < capacity : met && values.length === 0;
      const value = argument as number;
      if (rx === 0 || !room || values.some((earlier) => isTakenAfter(earlier, value))) return undefined;
      return after(tx, rx, receiving, waiting, ...values, value);
    },
  };
}

/**
 * Says of each receive of a rendezvous when it began and, if it was in vain, when it ended, as operations of their own: a send
 * takes effect only while a receive is under way. Which one gets the message is left open, as by the rendezvous itself: a slot that
 * is filled is anybody's who receives.
 */
export function withReceivesUnderWay(history: readonly Completed[]): Completed[] {
  return history.flatMap((operation) => {
    const { thread, name, result, called, returned } = operation;
    if (name !== 'receive' && name !== 'tryReceive') return [operation];
    const argument = name === 'receive' ? 1 : 0;
    const begin = { thread, name: 'begin', argument, called, returned: called };
    const receive = { ...operation, called: called + 0.25, returned: returned - 0.25 };
    const end = { thread, name: 'end', argument, called: returned, returned };
    return typeof result === 'number' ? [begin, receive] : [begin, receive, end];
  });
}
