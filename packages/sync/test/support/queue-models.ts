/** What queues and stacks of words would be if there were one thread. The state lists what is in them, oldest first. */
import type { SequentialModel } from './linearizability.ts';

/**
 * `send` and `receive`, by which the answers `full` and `empty` are as good as certain: they may also mean that the oldest
 * operation is under way, so they are no part of the history. Values are not sent twice.
 */
export function queueModel(capacity: number): SequentialModel<string> {
  return {
    initial: '',
    apply(state, { name, argument, result }) {
      const values = state === '' ? [] : state.split(' ');
      if (name === 'send') return values.length < capacity ? [...values, `${argument}`].join(' ') : undefined;
      return values[0] === `${result}` ? values.slice(1).join(' ') : undefined;
    },
  };
}

/** `push` and `pop`; `empty` is certain here. */
export const STACK_MODEL: SequentialModel<string> = {
  initial: '',
  apply(state, { name, argument, result }) {
    const values = state === '' ? [] : state.split(' ');
    if (name === 'push') return [...values, `${argument}`].join(' ');
    if (result === 'empty') return values.length === 0 ? state : undefined;
    return values.at(-1) === `${result}` ? values.slice(0, -1).join(' ') : undefined;
  },
};
