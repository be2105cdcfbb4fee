/** `exists (0:r0=1 /\ x=2)`: reading a condition, and asking it of a state. */
import type { TokenReader } from './lexer.ts';
import type { Condition, Variable } from './syntax.ts';

/** A condition with its disjunctions. */
export function readCondition(reader: TokenReader): Condition {
  let condition = readConjunction(reader);
  while (reader.accept('\\/')) condition = { kind: 'or', left: condition, right: readConjunction(reader) };
  return condition;
}

function readConjunction(reader: TokenReader): Condition {
  let condition = readAtom(reader);
  while (reader.accept('/\\')) condition = { kind: 'and', left: condition, right: readAtom(reader) };
  return condition;
}

function readAtom(reader: TokenReader): Condition {
  return reader.nested(() => readAnyAtom(reader));
}

function readAnyAtom(reader: TokenReader): Condition {
  if (reader.accept('~') || reader.accept('not')) return { kind: 'not', condition: readAtom(reader) };
  if (reader.accept('true')) return { kind: 'true' };
  if (reader.accept('(')) {
    const condition = readCondition(reader);
    reader.expect(')');
    return condition;
  }
  const what = readVariable(reader);
  if (reader.accept('!=')) return { kind: 'not', condition: { kind: 'equals', what, value: reader.number() } };
  if (!reader.accept('==')) reader.expect('=');
  return { kind: 'equals', what, value: reader.number() };
}

/** `0:r0`, `x` or `[x]`. */
export function readVariable(reader: TokenReader): Variable {
  const { line } = reader.peek();
  if (reader.peek().kind === 'number') {
    const thread = Number(reader.number());
    reader.expect(':');
    return { thread, name: reader.name('a register').text, line };
  }
  if (!reader.accept('[')) return { thread: undefined, name: reader.name('a word or a register').text, line };
  const { text } = reader.name('a word');
  reader.expect(']');
  return { thread: undefined, name: text, line };
}

/** Every variable that a condition names, in order, each once. */
export function variablesOf(condition: Condition): Variable[] {
  switch (condition.kind) {
    case 'true':
      return [];
    case 'equals':
      return [condition.what];
    case 'not':
      return variablesOf(condition.condition);
    default:
      return [...variablesOf(condition.left), ...variablesOf(condition.right)];
  }
}

export function showVariable({ thread, name }: Variable): string {
  return thread === undefined ? name : `${thread}:${name}`;
}

export function holds(condition: Condition, value: (what: Variable) => bigint): boolean {
  switch (condition.kind) {
    case 'true':
      return true;
    case 'equals':
      return value(condition.what) === BigInt.asIntN(64, condition.value);
    case 'not':
      return !holds(condition.condition, value);
    case 'and':
      return holds(condition.left, value) && holds(condition.right, value);
    case 'or':
      return holds(condition.left, value) || holds(condition.right, value);
    default:
      return condition satisfies never;
  }
}
