/**
 * Memory with a bug planted in it: what is checked is the code as it ships, and what it asks for is weakened on the way. A model
 * that does not notice says nothing; so each model test plants at least one, and must find it.
 */
import type { WaitResult } from '@pool/core';
import { ACQUIRE, PLAIN, RELAXED, RELEASE } from '../graph/orders.ts';
import { COMPARE_EXCHANGE, type Memory, updated } from './memory.ts';

/** What to weaken, each for the words for which it answers true. */
export interface Weakening {
  /** These atomic loads are relaxed. */
  readonly loads?: (at: number) => boolean;
  /** These atomic stores are relaxed. */
  readonly stores?: (at: number) => boolean;
  /** These updates are relaxed. */
  readonly updates?: (at: number) => boolean;
  /** These updates are a load and a store, between which others come. */
  readonly torn?: (at: number) => boolean;
  /** These notifications are left out. */
  readonly notifications?: (at: number) => boolean;
  /** Fences are left out. */
  readonly fences?: boolean;
}

export function weaken(memory: Memory, weakening: Weakening): Memory {
  const { loads, stores, updates, torn, notifications, fences } = weakening;
  return {
    load: (at, order) => memory.load(at, order !== PLAIN && loads?.(at) ? RELAXED : order),
    store: (at, value, order) => memory.store(at, value, order !== PLAIN && stores?.(at) ? RELAXED : order),
    update(update, at, operand, expected, order, failureOrder) {
      if (torn?.(at)) {
        const old = memory.load(at, ACQUIRE);
        if (update !== COMPARE_EXCHANGE || old === expected) memory.store(at, updated(update, old, operand), RELEASE);
        return old;
      }
      if (updates?.(at)) return memory.update(update, at, operand, expected, RELAXED, RELAXED);
      return memory.update(update, at, operand, expected, order, failureOrder);
    },
    fence: (order) => {
      if (fences !== true) memory.fence(order);
    },
    wait: (at, expected, timed): WaitResult => memory.wait(at, expected, timed),
    notify: (at, count) => (notifications?.(at) ? 0 : memory.notify(at, count)),
    pause: () => memory.pause(),
  };
}
