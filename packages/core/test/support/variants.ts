import { type Address, type Engine, HOST_DOMAIN, Pool, type Slot, WindowWords, type Words } from '@pool/core';
import { record } from '@pool/core/testing';

/** One way to reach words, and a line of 16 of them that hold zeros. */
export interface Variant {
  readonly pool: Pool;
  readonly words: Words;
  readonly at: Address;
}

function pool(engine: Engine): Pool {
  return Pool.create({ words: 1024, owners: 1, segments: 0, engine });
}

/** Every implementation of `Words` that stands on real memory, by name. */
export const VARIANTS = {
  accelerated() {
    const words = pool('auto');
    return { pool: words, words, at: words.reserve(16) };
  },
  plain() {
    const words = pool('plain');
    return { pool: words, words, at: words.reserve(16) };
  },
  window() {
    const inner = pool('auto');
    const base = inner.reserve(64);
    const words = new WindowWords(inner, {
      name: 'w',
      base,
      words: 64,
      slotBase: 0 as Slot,
      slots: 0,
      domain: HOST_DOMAIN,
    });
    return { pool: inner, words, at: 16 as Address };
  },
  recorded() {
    const inner = pool('auto');
    return { pool: inner, words: record(inner).words, at: inner.reserve(16) };
  },
} satisfies Readonly<Record<string, () => Variant>>;

/** `at` and the words behind it. */
export function offset(at: Address, words: number): Address {
  return (at + words) as Address;
}
