/**
 * The tables of a program that its text usually only implies: constants, messages and places are numbered by the assembler in the
 * order in which they are first needed. Where a program's tables are numbered just so, a listing leaves them out; where they are
 * not (another assembler wrote them, or some were edited away), it declares them, entry by entry.
 */
import type { FieldRole, OperandKind } from '../opcodes/row.ts';
import { type Place, type Program, REST } from '../program/program.ts';
import { FunctionReader } from '../verifier/function-reader.ts';
import { doubleLiteral, textLiteral, wordLiteral } from './literals.ts';

const WORDS_A_LINE = 8;

/** How a listing refers to the entries of a table, and how it declares them, if it has to. */
export interface ListedTable {
  readonly declaration: string | undefined;
  reference(index: number, kind: OperandKind): string;
}

/** Calls `visit` for every field of a role, in the order of the code. */
function eachField(program: Program, role: FieldRole, visit: (value: number, kind: OperandKind) => void): void {
  for (const body of program.functions) {
    const reader = new FunctionReader(body);
    reader.rows.forEach((row, index) => {
      for (const field of row?.fields ?? []) if (field.role === role) visit(reader.value(index, field), field.kind);
    });
  }
}

/** Whether `size` entries are numbered by their first use. */
function isNumberedByUse(program: Program, role: FieldRole, first: number, size: number): boolean {
  let next = first;
  let ordered = true;
  eachField(program, role, (value) => {
    if (value === next) next += 1;
    else if (value > next) ordered = false;
  });
  return ordered && next === size;
}

export function listConstants(program: Program): ListedTable {
  const { constants } = program;
  const first = firstIndices([...constants]);
  let written = first.size === constants.length && isNumberedByUse(program, 'index', 0, constants.length);
  eachField(program, 'index', (value, kind) => {
    if (kind === 'float' && doubleLiteral(constants[value] as bigint) === undefined) written = false;
  });
  return {
    declaration: written ? undefined : `constants ${lines([...constants].map(wordLiteral), WORDS_A_LINE)}`.trimEnd(),
    reference(index, kind) {
      const word = constants[index] as bigint;
      const literal = kind === 'float' ? doubleLiteral(word) : wordLiteral(word);
      return literal === undefined || first.get(word) !== index ? `constants[${index}]` : literal;
    },
  };
}

export function listMessages(program: Program): ListedTable {
  const { messages } = program;
  const first = firstIndices(messages);
  const written = first.size === messages.length && isNumberedByUse(program, 'message', 0, messages.length);
  return {
    declaration: written ? undefined : `messages ${lines(messages.map(textLiteral), 1)}`.trimEnd(),
    reference: (index) =>
      first.get(messages[index] as string) === index ? textLiteral(messages[index] as string) : `messages[${index}]`,
  };
}

/** Items with commas between, so many on a line. */
function lines(items: readonly string[], itemsALine: number): string {
  const count = Math.ceil(items.length / itemsALine);
  const all = Array.from({ length: count }, (_, line) =>
    items.slice(line * itemsALine, (line + 1) * itemsALine).join(', '),
  );
  return all.join(',\n  ');
}

function firstIndices<Value>(values: readonly Value[]): ReadonlyMap<Value, number> {
  const first = new Map<Value, number>();
  values.forEach((value, index) => {
    if (!first.has(value)) first.set(value, index);
  });
  return first;
}

/** The fields of each window if the places are those that the assembler makes of them and of their use; else `undefined`. */
export function impliedFields(program: Program): readonly (readonly Place[])[] | undefined {
  const { windows, places } = program;
  const named = new Map<string, Place>();
  const fields: Place[][] = [];
  let next = 0;
  for (const [window, { name }] of windows.entries()) {
    if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
    const own: Place[] = [];
    for (; places[next]?.name !== name; next++) {
      const place = places[next];
      const field = place?.name.startsWith(`${name}.`) ? place.name.slice(name.length + 1) : '';
      if (place === undefined || place.window !== window || named.has(place.name) || !/^[A-Za-z_]\w*$/.test(field))
        return undefined;
      named.set(place.name, place);
      own.push(place);
    }
    const whole = places[next++] as Place;
    if (whole.window !== window || whole.kind !== 'words' || whole.address !== 0 || whole.length !== REST)
      return undefined;
    named.set(name, whole);
    fields.push(own);
  }
  const elements = next;
  if (!isNumberedByUse(program, 'place', elements, places.length)) return undefined;
  for (const place of places.slice(elements)) {
    if (named.has(place.name) || !isElement(program, place, named)) return undefined;
    named.set(place.name, place);
  }
  let indexed = false;
  eachField(program, 'place', (value, kind) => {
    if (value >= elements && (kind === 'element' || kind === 'slot_element')) indexed = true;
  });
  return indexed ? undefined : fields;
}

/** Whether a place is what `name[3]` makes of the place `name`. */
function isElement(program: Program, place: Place, named: ReadonlyMap<string, Place>): boolean {
  const [, name, digits] = /^([\w.]+)\[(0|[1-9]\d*)\]$/.exec(place.name) ?? [];
  const array = name === undefined ? undefined : named.get(name);
  if (array === undefined || place.length !== 1) return false;
  const window = program.windows[array.window];
  const limit = array.length === REST ? (window?.[array.kind] ?? 0) - array.address : array.length;
  const index = Number(digits);
  return (
    place.kind === array.kind &&
    place.window === array.window &&
    place.address === array.address + index &&
    index < limit
  );
}
