/**
 * Two threads' work on one thread: before a chosen operation on words of one, the other does all of its own. What lies between
 * a look at a word and the store that trusts it is found so, every time, without a thread.
 */
import type { Pool } from '@pool/core';

export class Interruption {
  /** As the pool, to all who use it; each call of one of its methods is an operation. */
  readonly pool: Pool;
  #left = 0;
  #meanwhile: (() => void) | undefined;

  constructor(pool: Pool) {
    this.pool = new Proxy(pool, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...operands: unknown[]): unknown => {
          this.#pass();
          return Reflect.apply(member, target, operands);
        };
      },
    });
  }

  /** Runs `program`, and `meanwhile` before its operation number `after`; returns whether it came to that. */
  run(after: number, program: () => void, meanwhile: () => void): boolean {
    this.#left = after;
    this.#meanwhile = meanwhile;
    program();
    const came = this.#meanwhile === undefined;
    this.#meanwhile = undefined;
    return came;
  }

  #pass(): void {
    const meanwhile = this.#meanwhile;
    if (meanwhile === undefined || this.#left-- > 0) return;
    this.#meanwhile = undefined;
    meanwhile();
  }
}
