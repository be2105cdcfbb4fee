import { LINE_WORDS, roundUp } from '@pool/core';
import type { AccessorOf, FieldType } from './field.ts';

/**
 * The same type on lines of 128 bytes that it shares with nothing: for a word that one thread writes hot while others are at
 * its neighbours.
 */
export function cachePadded<Type extends FieldType<unknown>>(type: Type): FieldType<AccessorOf<Type>> {
  const inner = type as FieldType<AccessorOf<Type>>;
  return Object.freeze<FieldType<AccessorOf<Type>>>({
    words: roundUp(inner.words, LINE_WORDS),
    alignment: LINE_WORDS,
    bind: inner.bind,
    constants: inner.constants,
  });
}
