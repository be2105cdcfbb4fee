/**
 * A struct is a record's description: names and types, from which follow the offsets, the accessors with their types, and the
 * constants that programs are assembled with. It is a value and not a declaration, so both sides of a shared record can import
 * the same one.
 *
 * A view is bound to one record and stays there. A cursor is one view that moves from record to record and allocates nothing,
 * as flyweights do (agrona's `wrap`).
 */
import {
  type Address,
  AddressError,
  type Layout,
  layout,
  MAX_POOL_WORDS,
  ValueError,
  type Words,
  words,
} from '@pool/core';
import { constantName } from '../constant-names.ts';
import type { AccessorOf, Cursor, FieldType, Origin } from './field.ts';

export type Fields = { readonly [name: string]: FieldType<unknown> };

/** A record in code: an accessor for each field. */
export type View<F extends Fields> = { readonly [Name in keyof F]: AccessorOf<F[Name]> };

export interface Struct<F extends Fields> extends FieldType<View<F>> {
  readonly name: string;
  readonly fields: F;
  /** Words before the field, by field. */
  readonly offsets: { readonly [Name in keyof F & string]: number };
  /** The record that begins at `base`. @throws {AddressError} if `base` is not aligned, or no address */
  view(words: Words, base: Address): View<F>;
  /** One view for many records. Its `moveTo` takes a base address. @throws {AddressError} as `view` */
  cursor(words: Words): Cursor<View<F>>;
}

/**
 * Describes a struct. Fields stand in the order they are written (names that are integers come first, as in every JavaScript
 * object), each where the one before ends, or at the next line if it has lines of its own.
 * @throws {ValueError} for a struct without fields, or with one called `__proto__`, which names no field of an object
 */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const names = Object.keys(fields) as (keyof F & string)[];
  if (names.length === 0) throw new ValueError(name, 'a struct has at least one field');
  if (names.includes('__proto__')) throw new ValueError('__proto__', `no name for a field of ${name}`);
  const own: F = Object.freeze({ ...fields });
  const plan = layoutOf(name, own);
  const { alignment } = plan;
  const size = plan.size();

  const bind = (memory: Words, origin: Origin, offset: number): View<F> =>
    Object.freeze(
      Object.fromEntries(names.map((key) => [key, field(own, key).bind(memory, origin, offset + plan.offsets[key])])),
    ) as View<F>;

  const last = MAX_POOL_WORDS - size;
  const originAt = (base: number): number => {
    // In 32 bits: on doubles, `%` is a call.
    if ((base | 0) !== base || base < 0 || base > last || (base & (alignment - 1)) !== 0)
      throw new AddressError(base, 0, `a place for a ${name} (it begins at a multiple of ${alignment})`);
    return base;
  };

  function* constants(prefix: string, offset: number): Generator<readonly [string, number]> {
    yield [`${prefix}_OFFSET`, offset];
    yield [`${prefix}_WORDS`, size];
    for (const key of names)
      yield* field(own, key).constants(`${prefix}_${constantName(key)}`, offset + plan.offsets[key]);
  }

  return Object.freeze<Struct<F>>({
    name,
    fields: own,
    offsets: plan.offsets,
    words: size,
    alignment,
    bind,
    constants,
    view: (memory, base) => bind(memory, { at: originAt(base) }, 0),
    cursor: (memory) => {
      const origin: Origin = { at: 0 };
      const view = bind(memory, origin, 0);
      return {
        moveTo: (base) => {
          origin.at = originAt(base);
          return view;
        },
      };
    },
  });
}

/** One running sum over the fields, which is core's. */
function layoutOf<F extends Fields>(name: string, fields: F): Layout<keyof F & string> {
  return layout(
    name,
    Object.fromEntries(
      Object.entries(fields).map(([key, type]) => [key, words(type.words, { ownLine: type.alignment > 1 })]),
    ) as { readonly [Name in keyof F & string]: ReturnType<typeof words> },
  );
}

function field(fields: Fields, name: string): FieldType<unknown> {
  return fields[name] as FieldType<unknown>;
}
