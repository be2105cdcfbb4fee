/** Operands as text, kind by kind: a new kind of operand does not compile before it has a line here. */
import type { OperandKind } from '../opcodes/row.ts';
import type { Program } from '../program/program.ts';
import type { FunctionReader } from '../verifier/function-reader.ts';
import type { ListedName } from './naming.ts';
import type { ListedTable } from './tables.ts';

/** What a listing knows of the whole program. */
export interface ProgramListing {
  readonly program: Program;
  readonly constants: ListedTable;
  readonly messages: ListedTable;
  readonly functions: readonly ListedName[];
  readonly tables: readonly ListedName[];
  readonly imports: readonly ListedName[];
  readonly windows: readonly ListedName[];
  readonly places: readonly ListedName[];
}

/** And of one function. */
export interface FunctionListing {
  readonly listing: ProgramListing;
  readonly reader: FunctionReader;
  readonly registers: readonly ListedName[];
  readonly labels: ReadonlyMap<number, string>;
}

/** One operand's fields, and what stands around them. */
interface Listed {
  readonly subject: FunctionListing;
  readonly kind: OperandKind;
  readonly values: readonly number[];
  /** The registers that a call gives, all of them. */
  readonly given: readonly number[];
  /** How many of them count, where the call itself says so. */
  readonly count: number;
  /** Where the words go that belong to a br_table. */
  readonly targets: readonly number[];
}

const registerOf = ({ registers }: FunctionListing, index: number): string => registers[index]?.text ?? `r${index}`;
const register = ({ subject, values: [index = 0] }: Listed): string => registerOf(subject, index);
const number = ({ values: [value = 0] }: Listed): string => String(value);
const constant = ({ subject, kind, values: [index = 0] }: Listed): string =>
  subject.listing.constants.reference(index, kind);
const place = ({ subject, values: [index = 0] }: Listed): string => subject.listing.places[index]?.text ?? '';
const element = (listed: Listed): string => `${place(listed)}[${registerOf(listed.subject, listed.values[1] ?? 0)}]`;

/** `undefined` for what is written inside another operand. */
const WRITTEN: Readonly<Record<OperandKind, ((listed: Listed) => string) | undefined>> = {
  to: register,
  from: register,
  small: number,
  immediate: number,
  constant,
  float: constant,
  memory: (listed) => {
    const [, offset = 0] = listed.values;
    return offset === 0 ? `[${register(listed)}]` : `[${register(listed)} + ${offset}]`;
  },
  label: ({ subject, values: [target = 0] }) => subject.labels.get(target) ?? '',
  targets: ({ subject, targets }) => `[${targets.map((target) => subject.labels.get(target)).join(', ')}]`,
  function: ({ subject, values: [index = 0], given }) => {
    const { functions, program } = subject.listing;
    const registers = given.slice(0, program.functions[index]?.parameters).map((each) => registerOf(subject, each));
    return `${functions[index]?.text}(${registers.join(', ')})`;
  },
  import: ({ subject, values: [index = 0], given }) => {
    const { imports, program } = subject.listing;
    const registers = given.slice(0, program.imports[index]?.parameters).map((each) => registerOf(subject, each));
    return `${imports[index]?.text}(${registers.join(', ')})`;
  },
  handler: ({ subject, values: [index = 0, chosen = 0], given, count }) => {
    const registers = given.slice(0, count).map((each) => registerOf(subject, each));
    return `${subject.listing.tables[index]?.text}[${registerOf(subject, chosen)}](${registers.join(', ')})`;
  },
  arguments: undefined,
  further: undefined,
  count: undefined,
  message: ({ subject, kind, values: [index = 0] }) => subject.listing.messages.reference(index, kind),
  window: ({ subject, values: [index = 0] }) => subject.listing.windows[index]?.text ?? '',
  place,
  element,
  slot: place,
  slot_element: element,
};

/** The operands of the instruction at `from`, whose parts end before `to`. */
export function listOperands(subject: FunctionListing, from: number, to: number): string {
  const { reader } = subject;
  const given: number[] = [];
  const targets: number[] = [];
  let count = 0;
  for (let index = from; index < to; index++) {
    const row = reader.rows[index];
    for (const field of row?.fields ?? []) {
      if (field.kind === 'arguments' || field.kind === 'further') given.push(reader.value(index, field));
      if (field.role === 'count') count = reader.value(index, field);
      if (index > from && field.role === 'target') targets.push(reader.value(index, field));
    }
  }
  const row = reader.rows[from];
  const written = row?.operands.flatMap(({ kind }, operand) => {
    const fields = row.fields.filter((field) => field.operand === operand);
    const text = WRITTEN[kind]?.({
      subject,
      kind,
      values: fields.map((field) => reader.value(from, field)),
      given,
      count,
      targets,
    });
    return text === undefined ? [] : [text];
  });
  return written?.join(', ') ?? '';
}
