/**
 * What a thread may do to memory, order by order: the one interface below `Words`, litmus tests and programs. The explorer
 * implements it by adding events to a graph; `SettledMemory` by plain assignment, before threads begin and after they end.
 */
import type { WaitResult } from '@pool/core';

export interface Memory {
  load(at: number, order: number): bigint;
  store(at: number, value: bigint, order: number): void;
  /** Replaces a word by a function of it and returns what it held. A `COMPARE_EXCHANGE` that fails is a load of `failureOrder`. */
  update(update: number, at: number, operand: bigint, expected: bigint, order: number, failureOrder: number): bigint;
  fence(order: number): void;
  /** A wait with a timeout may time out at any step. */
  wait(at: number, expected: bigint, timed: boolean): WaitResult;
  notify(at: number, count: number): number;
  pause(): void;
}

export const EXCHANGE = 0;
export const COMPARE_EXCHANGE = 1;
export const ADD = 2;
export const SUBTRACT = 3;
export const AND = 4;
export const OR = 5;
export const XOR = 6;

/** What an update that takes place writes. */
export function updated(update: number, old: bigint, operand: bigint): bigint {
  switch (update) {
    case ADD:
      return BigInt.asUintN(64, old + operand);
    case SUBTRACT:
      return BigInt.asUintN(64, old - operand);
    case AND:
      return old & operand;
    case OR:
      return old | operand;
    case XOR:
      return old ^ operand;
    default:
      return operand;
  }
}

/** Words that one thread alone uses: what there is before a program's threads begin, and what they leave behind. */
export class SettledMemory implements Memory {
  readonly values: Map<number, bigint> = new Map();
  readonly #otherwise: (at: number) => bigint;

  constructor(otherwise: (at: number) => bigint = () => 0n) {
    this.#otherwise = otherwise;
  }

  load(at: number): bigint {
    return this.values.get(at) ?? this.#otherwise(at);
  }

  store(at: number, value: bigint): void {
    this.values.set(at, value);
  }

  update(update: number, at: number, operand: bigint, expected: bigint): bigint {
    const old = this.load(at);
    if (update !== COMPARE_EXCHANGE || old === expected) this.values.set(at, updated(update, old, operand));
    return old;
  }

  fence(): void {}

  wait(at: number, expected: bigint): WaitResult {
    return this.load(at) === expected ? 'timed-out' : 'not-equal';
  }

  notify(): number {
    return 0;
  }

  pause(): void {}
}
