/**
 * Names for a listing. Names in a program are for people, and another assembler may have recorded anything: the same name twice,
 * none, or one with spaces. In the listing each thing has a name that the assembler can read and that means nothing else; the
 * recorded name, where it differs, stands behind it as a text.
 */
import { textLiteral } from './literals.ts';

const SIMPLE = /^[A-Za-z_]\w*$/;
const DOTTED = /^[A-Za-z_]\w*(?:\.\w+)*$/;

/** One name of a listing. */
export interface ListedName {
  /** As operands write it. */
  readonly text: string;
  /** As the declaration writes it: with the recorded name, if that is another. */
  readonly declared: string;
}

/** Gives each of the recorded names one to be listed under; `undefined` stands for a thing without a name. */
export function listNames(
  recorded: readonly (string | undefined)[],
  fallback: string,
  options: { readonly dotted?: boolean; readonly reserved?: readonly string[] } = {},
): ListedName[] {
  const taken = new Set(options.reserved);
  const pattern = options.dotted === true ? DOTTED : SIMPLE;
  const kept = recorded.map((name) => {
    if (name === undefined || !pattern.test(name) || taken.has(name)) return undefined;
    taken.add(name);
    return name;
  });
  return recorded.map((name, index) => {
    const text = kept[index] ?? unused(similar(name) ?? `${fallback}${index}`, taken);
    taken.add(text);
    return { text, declared: name === undefined || name === text ? text : `${text} ${textLiteral(name)}` };
  });
}

/** A name that can be read, as near to the recorded one as it goes: `before_1` for the `before#1` of a macro. */
function similar(name = ''): string | undefined {
  const text = name.replace(/\W+/g, '_');
  return text.length <= 32 && /[A-Za-z]/.test(text) && SIMPLE.test(text) ? text : undefined;
}

function unused(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? unused(`${name}_`, taken) : name;
}
