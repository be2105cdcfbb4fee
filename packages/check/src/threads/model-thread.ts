/** What a thread of a checked program is given: `Words`, accesses of every order, and what a model test says about itself. */
import type { Words } from '@pool/core';
import { AssertionError } from '../errors.ts';
import type { Observation } from '../explore/level.ts';
import {
  type FenceOrder,
  type LoadOrder,
  ORDER_CODE,
  type Order,
  readPart,
  type StoreOrder,
  type UpdateOrder,
} from '../graph/orders.ts';
import { ADD, AND, COMPARE_EXCHANGE, EXCHANGE, type Memory, OR, SUBTRACT, XOR } from './memory.ts';
import { addressError, isAddress, ModelWords } from './model-words.ts';
import type { ResumableThread } from './resumable.ts';
import type { ThreadRun } from './thread-run.ts';

/** A thread's code. Called many times over: what it does may depend on what it reads through `thread`, and on nothing else. */
export interface ThreadBody {
  (thread: ModelThread): void;
  /** The same code, in a form that need not be run from its beginning each time. */
  readonly resumable?: (thread: ModelThread) => ResumableThread;
}

export class ModelThread {
  readonly name: string;
  /** Memory with the orders of the contract. */
  readonly words: Words;
  readonly #run: ThreadRun;
  readonly #memory: Memory;
  readonly #size: number;

  /** `memory` is what the thread's accesses go through on their way to `run`. */
  constructor(run: ThreadRun, size: number, memory: Memory = run) {
    this.name = run.name;
    this.#run = run;
    this.#memory = memory;
    this.#size = size;
    this.words = new ModelWords(memory, size, (why) => run.refuse(why));
  }

  load(at: number, order: LoadOrder = 'acquire'): bigint {
    return this.#memory.load(this.#at(at), this.#code(order, 'load', LOADS));
  }
  store(at: number, value: bigint | number, order: StoreOrder = 'release'): void {
    this.#memory.store(this.#at(at), word(value), this.#code(order, 'store', STORES));
  }

  /** Returns the old value. A failed exchange is a load of `failure`; default: the load part of `order`. */
  compareExchange(
    at: number,
    expected: bigint | number,
    replacement: bigint | number,
    order: UpdateOrder = 'acq-rel',
    failure?: LoadOrder,
  ): bigint {
    const code = this.#code(order, 'update', UPDATES);
    const failureCode = failure === undefined ? readPart(code) : this.#code(failure, 'load', LOADS);
    return this.#memory.update(COMPARE_EXCHANGE, this.#at(at), word(replacement), word(expected), code, failureCode);
  }
  exchange(at: number, value: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(EXCHANGE, at, value, order);
  }
  fetchAdd(at: number, addend: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(ADD, at, addend, order);
  }
  fetchSub(at: number, subtrahend: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(SUBTRACT, at, subtrahend, order);
  }
  fetchAnd(at: number, mask: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(AND, at, mask, order);
  }
  fetchOr(at: number, mask: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(OR, at, mask, order);
  }
  fetchXor(at: number, mask: bigint | number, order?: UpdateOrder): bigint {
    return this.#update(XOR, at, mask, order);
  }

  fence(order: FenceOrder = 'seq-cst'): void {
    this.#memory.fence(this.#code(order, 'fence', FENCES));
  }

  /**
   * Spins: takes turns until one answers true. With `spinAssume`, a turn that wrote nothing and answers false ends the execution
   * here: those in which it answers true are explored anyway.
   */
  until(turn: () => boolean): void {
    this.#run.until(turn);
  }

  /** Notes what the thread has seen: executions are counted by it. */
  observe(name: string, value: Observation['value']): void {
    this.#run.observe(name, value);
  }

  /** A failure is a violation, though its exception be caught, and the thread's end; the report shows how it came about. */
  assert(condition: boolean, message = 'assertion failed'): void {
    if (!condition) this.#run.fail(new AssertionError(message));
  }

  /** Looks only at executions in which `condition` holds; others end here, and count as blocked. */
  assume(condition: boolean): void {
    this.#run.assume(condition);
  }

  /** A branch that memory does not decide: each of 0..count-1 is explored. */
  choose(count: number): number {
    if (!(Number.isInteger(count) && count >= 1)) this.#run.refuse(`a choice has at least one branch, not ${count}`);
    return this.#run.choose(count);
  }

  /** What a thread asks for may follow from what it read: to ask for no word of the model is a violation, as a failed assertion is. */
  #at(at: number): number {
    if (!isAddress(at, this.#size)) this.#run.fail(addressError(at, this.#size));
    return at;
  }

  /** Refuses what is no order, or none of such an operation. */
  #code(order: Order, operation: string, codes: Codes): number {
    const code = Object.hasOwn(codes, order) ? codes[order] : undefined;
    return code ?? this.#run.refuse(`${String(order)} is no order of a ${operation}`);
  }

  #update(update: number, at: number, operand: bigint | number, order: UpdateOrder = 'acq-rel'): bigint {
    const code = this.#code(order, 'update', UPDATES);
    return this.#memory.update(update, this.#at(at), word(operand), 0n, code, readPart(code));
  }
}

/** The orders of an operation. */
type Codes = { readonly [Name in Order]?: number };
const { release: _release, 'acq-rel': _both, ...LOADS }: Codes = ORDER_CODE;
const { acquire: _acquire, 'acq-rel': _either, ...STORES }: Codes = ORDER_CODE;
const { plain: _plain, ...UPDATES }: Codes = ORDER_CODE;
const { relaxed: _relaxed, ...FENCES }: Codes = UPDATES;

function word(value: bigint | number): bigint {
  return BigInt.asUintN(64, BigInt(value));
}
