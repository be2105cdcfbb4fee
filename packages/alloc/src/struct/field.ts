/**
 * What a struct is described with. A field type says how much room it takes and what stands for it in code; the numbers that
 * follow (offsets, addresses, constants for programs) are computed, never written.
 *
 * Accessors are bound once and moved, never made for an access: they keep the origin of the record they belong to, an object
 * that a cursor changes, and their own distance from it.
 */
import type { Address, Words } from '@pool/core';

/** Where a record begins. Moving it moves every accessor that was bound to it. */
export interface Origin {
  at: number;
}

/** What a struct or an array can consist of. `Accessor` is what stands for it in code. */
export interface FieldType<out Accessor> {
  /** Words it takes, a multiple of its alignment. */
  readonly words: number;
  /** What its address is a multiple of: 1, or 16 where something in it has a line to itself. */
  readonly alignment: number;
  /** The accessor of the field that stands `offset` words after `origin`. */
  bind(words: Words, origin: Origin, offset: number): Accessor;
  /** Names and numbers for programs; `prefix` is in capitals. */
  constants(prefix: string, offset: number): Iterable<readonly [name: string, value: number]>;
}

/** What stands in code for a field of the type `Type`. */
export type AccessorOf<Type> = Type extends FieldType<infer Accessor> ? Accessor : never;

/** One accessor for many places: it shows the place it was moved to last. Nothing is allocated by a move. */
export interface Cursor<out Accessor> {
  /** Moves to an element's index, or to a record's base address, and gives the accessor, the same one each time. */
  moveTo(where: number): Accessor;
}

/** One word's place, as its accessor knows it. */
export class Place {
  readonly words: Words;
  readonly #origin: Origin;
  readonly #offset: number;

  constructor(words: Words, origin: Origin, offset: number) {
    this.words = words;
    this.#origin = origin;
    this.#offset = offset;
  }

  get address(): Address {
    return (this.#origin.at + this.#offset) as Address;
  }
}
