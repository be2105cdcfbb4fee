/** Several of one type in a row. */
import { MAX_POOL_WORDS, ValueError, type Words } from '@pool/core';
import type { AccessorOf, Cursor, FieldType, Origin } from './field.ts';

export interface ArrayView<out Element> {
  readonly length: number;
  /** An accessor of this element for good: made by each call, so for elements that are named once. @throws {ValueError} past the end */
  at(index: number): Element;
  /** One accessor for all the elements, for loops. Its `moveTo` takes an index. @throws {ValueError} past the end */
  cursor(): Cursor<Element>;
}

/**
 * `length` elements of `type`, one after the other without gaps beside those that a line's alignment asks for.
 * @throws {ValueError} for a length that is no positive integer, or more words than the largest pool has
 */
export function array<Type extends FieldType<unknown>>(
  type: Type,
  length: number,
): FieldType<ArrayView<AccessorOf<Type>>> {
  const element = type as FieldType<AccessorOf<Type>>;
  const stride = element.words;
  if (!(Number.isInteger(length) && length > 0))
    throw new ValueError(length, 'an array has a positive number of elements');
  if (length * stride > MAX_POOL_WORDS)
    throw new ValueError(length, `elements of ${stride} words that no pool can hold`);
  return Object.freeze<FieldType<ArrayView<AccessorOf<Type>>>>({
    words: length * stride,
    alignment: element.alignment,
    bind: (words, origin, offset) => new BoundArray(element, length, words, origin, offset),
    constants: (prefix, offset) => [
      [`${prefix}_OFFSET`, offset],
      [`${prefix}_LENGTH`, length],
      [`${prefix}_STRIDE`, stride],
    ],
  });
}

class BoundArray<Element> implements ArrayView<Element> {
  readonly length: number;
  readonly #element: FieldType<Element>;
  readonly #words: Words;
  readonly #origin: Origin;
  readonly #offset: number;

  constructor(element: FieldType<Element>, length: number, words: Words, origin: Origin, offset: number) {
    this.length = length;
    this.#element = element;
    this.#words = words;
    this.#origin = origin;
    this.#offset = offset;
  }

  at(index: number): Element {
    return this.#element.bind(this.#words, this.#origin, this.#offsetOf(index));
  }

  cursor(): Cursor<Element> {
    const origin: Origin = { at: this.#origin.at + this.#offset };
    const element = this.#element.bind(this.#words, origin, 0);
    return {
      moveTo: (index) => {
        origin.at = this.#origin.at + this.#offsetOf(index);
        return element;
      },
    };
  }

  #offsetOf(index: number): number {
    if (index >>> 0 !== index || index >= this.length)
      throw new ValueError(index, `this array has the elements 0..${this.length - 1}`);
    return this.#offset + index * this.#element.words;
  }
}
