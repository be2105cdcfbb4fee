/**
 * Several threads' programs on one thread, one operation on words at a time, in an order that the test decides. A program is
 * run again from its beginning for every step, with the answers that it had before, and cut off at its next operation: so it
 * must do the same given the same answers, and keep nothing outside.
 */
import type { Words } from '@pool/core';

export interface Pending {
  readonly name: string;
  readonly operands: readonly unknown[];
}

const CUT = Symbol('cut');

export class Thread<Answer> {
  readonly #words: Words;
  readonly #program: (words: Words) => Answer;
  readonly #answers: unknown[] = [];
  #pending: Pending | undefined;
  #outcome: { readonly answer: Answer } | { readonly error: unknown } | undefined;

  constructor(words: Words, program: (words: Words) => Answer) {
    this.#words = words;
    this.#program = program;
    this.#run(false);
  }

  /** The operation that comes next; `undefined` once the program has ended. */
  get pending(): Pending | undefined {
    return this.#pending;
  }

  /** Does the pending operation, and goes on to the next. */
  step(): void {
    this.#run(true);
  }

  /** Goes on until the next operation is one of that name on that word, for the `times`th time. */
  until(name: string, at: number, times = 1): void {
    for (let met = 0; ; this.step()) {
      if (this.#pending === undefined) throw new Error(`it ended before it came to ${name}(${at})`);
      if (this.#pending.name === name && this.#pending.operands[0] === at && ++met === times) return;
    }
  }

  /** Goes on to the end; returns what the program returned, or throws what it threw. */
  finish(): Answer {
    while (this.#pending !== undefined) this.step();
    if (this.#outcome !== undefined && 'error' in this.#outcome) throw this.#outcome.error;
    return (this.#outcome as { readonly answer: Answer }).answer;
  }

  #run(performs: boolean): void {
    let done = 0;
    let may = performs;
    this.#pending = undefined;
    const replayed = new Proxy(this.#words, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...operands: unknown[]): unknown => {
          if (done === this.#answers.length) {
            if (!may) {
              this.#pending = { name: String(name), operands };
              throw CUT;
            }
            may = false;
            this.#answers.push((member as (...operands: unknown[]) => unknown).apply(target, operands));
          }
          return this.#answers[done++];
        };
      },
    });
    try {
      this.#outcome = { answer: this.#program(replayed) };
    } catch (error) {
      if (error !== CUT) this.#outcome = { error };
    }
  }
}

/** Steps through all programs to their ends, each time for some operations of one of them, as `choose` says. */
export function schedule(threads: readonly Thread<unknown>[], choose: (below: number) => number): void {
  for (;;) {
    const going = threads.filter(({ pending }) => pending !== undefined);
    if (going.length === 0) return;
    const thread = going[choose(going.length)] as Thread<unknown>;
    for (let steps = 1 + choose(choose(2) ? 6 : 48); steps > 0 && thread.pending !== undefined; steps--) thread.step();
  }
}
