/**
 * Pools whose words are modelled. What a pool's own code does to words it does through the pool's methods; here those of `Words`
 * are the model's, and everything else, which is constant, is the pool's. So the code is checked as it ships.
 */
import { type Address, Pool, type PoolOptions, type Words } from '@pool/core';
import type { ModelProgram } from '../../src/index.ts';

export class PooledModel {
  /** What the words are when the threads begin. */
  readonly pool: Pool;
  /** How the pool was when the model was asked for it first. */
  #image: readonly (readonly [Address, bigint])[] | undefined;

  constructor(options: PoolOptions) {
    this.pool = Pool.create(options);
  }

  /** A program's `initial`: the pool's words as they are now, and stay. */
  readonly initial: NonNullable<ModelProgram['initial']> = (words) => {
    this.#image ??= this.#written();
    for (const [at, value] of this.#image) words.store(at, value);
  };

  /** The pool of one owner on modelled words; `own` says which, default: the first one's. */
  on(words: Words, own: Pool = this.pool): Pool {
    return new Proxy(own, {
      get(target, name, proxy) {
        const member: unknown = name in words ? Reflect.get(words, name, words) : Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...operands: unknown[]): unknown => Reflect.apply(member, name in words ? words : proxy, operands);
      },
    });
  }

  #written(): (readonly [Address, bigint])[] {
    return Array.from(
      { length: this.pool.size },
      (_, at) => [at as Address, this.pool.load(at as Address)] as const,
    ).filter(([, value]) => value !== 0n);
  }
}
