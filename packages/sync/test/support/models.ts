/** What the locks would be if there were one thread. */
import type { SequentialModel } from './linearizability.ts';

const NOBODY = -1;

/** `lock`, `tryLock` (true or false) and `unlock`; the state is who holds it. */
export const MUTEX_MODEL: SequentialModel<number> = {
  initial: NOBODY,
  apply(holder, { thread, name, result }) {
    if (name === 'unlock') return holder === thread ? NOBODY : undefined;
    if (name === 'tryLock' && result === false) return holder === NOBODY ? undefined : holder;
    return holder === NOBODY ? thread : undefined;
  },
};

/** `acquire`, `tryAcquire` (true or false) and `release` of so many permits; the state is how many there are. */
export function semaphoreModel(permits: number): SequentialModel<number> {
  return {
    initial: permits,
    apply(available, { name, argument = 1, result }) {
      if (name === 'release') return available + argument <= permits ? available + argument : undefined;
      if (name === 'tryAcquire' && result === false) return available < argument ? available : undefined;
      return available >= argument ? available - argument : undefined;
    },
  };
}
