/** The constants of programs that are named after things of the manifest, and what two names that become one are told. */
import { constantName, type FieldType, structConstants } from '@pool/alloc';
import { ValueError } from '@pool/core';
import type { Manifest } from '../manifest/schema.ts';
import type { Path } from '../manifest/source.ts';
import { readType, type Structs } from '../manifest/structs.ts';

export function counterConstant(object: string, counter: string): string {
  return `${constantName(object)}_${constantName(counter)}_AT`;
}

export function instancesConstant(program: string): string {
  return `INSTANCES_${constantName(program)}`;
}

/** What stands `offset` words after the beginning of a window and is of a type with parts: where they stand. */
export function recordConstants(name: string, type: FieldType<unknown>, offset: number): Record<string, bigint> {
  const parts = [...type.constants(constantName(name), offset)];
  return Object.fromEntries(parts.map(([constant, value]) => [constant, BigInt(value)]));
}

/** Reports every name whose constant is another's already; `fixed` are those that every program gets. */
export function checkConstants(
  { objects, programs }: Manifest,
  structs: Structs,
  fixed: Iterable<string>,
  report: (path: Path, message: string) => void,
): void {
  const taken = new Map<string, string>();
  for (const constant of fixed) taken.set(constant, 'what every program gets');
  const take = (path: Path, what: string, constants: readonly string[]): void => {
    const clash = constants.find((constant) => taken.has(constant));
    if (clash === undefined) for (const constant of constants) taken.set(constant, what);
    else report(path, `${what} and ${taken.get(clash)} are both \`${clash}\` in programs`);
  };
  for (const [name, struct] of structs) {
    try {
      take(['structs', name], `the struct \`${name}\``, Object.keys(structConstants(struct)));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      report(['structs', name], error.message);
    }
  }
  for (const [name, object] of Object.entries(objects)) {
    if (object.slots !== undefined) continue; // programs reach slots by index
    const prefix = constantName(name);
    const type = object.records === undefined ? undefined : readType(object.records, structs, () => {});
    const parts = type === undefined ? [] : Object.keys(recordConstants(name, type, 0));
    take(['objects', name], `the object \`${name}\``, [...new Set([`${prefix}_OFFSET`, `${prefix}_WORDS`, ...parts])]);
    for (const [index, counter] of (object.counters ?? []).entries())
      take(['objects', name, 'counters', index], `the counter \`${counter}\` of \`${name}\``, [
        counterConstant(name, counter),
      ]);
  }
  for (const name of Object.keys(programs))
    take(['programs', name], `the program \`${name}\``, [instancesConstant(name)]);
}
