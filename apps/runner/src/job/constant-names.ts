/** The constants of programs that are named after things of the manifest, and what two names that become one are told. */
import { constantName } from '@pool/alloc';
import type { Manifest } from '../manifest/schema.ts';
import type { Path } from '../manifest/source.ts';

export function counterConstant(object: string, counter: string): string {
  return `${constantName(object)}_${constantName(counter)}_AT`;
}

export function instancesConstant(program: string): string {
  return `INSTANCES_${constantName(program)}`;
}

/** Reports every name whose constant is another's already; `fixed` are those that every program gets. */
export function checkConstants(
  { objects, programs }: Manifest,
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
  for (const [name, object] of Object.entries(objects)) {
    if (object.slots !== undefined) continue; // programs reach slots by index
    const prefix = constantName(name);
    take(['objects', name], `the object \`${name}\``, [`${prefix}_OFFSET`, `${prefix}_WORDS`]);
    for (const [index, counter] of (object.counters ?? []).entries())
      take(['objects', name, 'counters', index], `the counter \`${counter}\` of \`${name}\``, [
        counterConstant(name, counter),
      ]);
  }
  for (const name of Object.keys(programs))
    take(['programs', name], `the program \`${name}\``, [instancesConstant(name)]);
}
