import { Constants, constantName } from '../constant-names.ts';
import type { FieldType } from './field.ts';

/**
 * Structs as assembly constants: what `assemble` takes, in words. Offsets count from the beginning of the outermost struct, so
 * that a program adds one of them to the record's address; elements of arrays count from the element, and a struct that is one
 * is named beside the others.
 *
 *   NAME_WORDS                            how many words a record has
 *   NAME_FIELD_OFFSET                     of every field, those of nested structs as NAME_FIELD_INNER_OFFSET
 *   NAME_FIELD_LENGTH, NAME_FIELD_STRIDE  of an array: how many elements, and the words from one to the next
 *
 * @throws {ValueError} if two names become one constant, or one becomes none that assembly has
 */
export function structConstants(
  ...structs: readonly Pick<FieldType<unknown> & { readonly name: string }, 'name' | 'constants'>[]
): Record<string, bigint> {
  const found = new Constants(structs.map(({ name }) => name));
  for (const { name, constants } of structs) {
    const prefix = constantName(name);
    for (const [constant, value] of constants(prefix, 0)) {
      if (constant === `${prefix}_OFFSET`) continue; // of the record in itself: 0
      found.add(constant, value);
    }
  }
  return found.all();
}
