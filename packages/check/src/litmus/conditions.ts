/** `exists (0:r0=1 /\ x=2)`: reading a condition, and asking it of a state. */
import type { TokenReader } from './lexer.ts';
import type { Condition, Variable } from './syntax.ts';

/** A condition: implications, or disjunctions of conjunctions. */
export function readCondition(reader: TokenReader): Condition {
  const first = readAtom(reader);
  if (reader.peek().text === '=>') {
    const condition = readImplication(reader, first);
    for (const mark of ['/\\', '\\/']) refuseBeside(reader, mark, mark);
    return condition;
  }
  const conjunction = (one: Condition): Condition => readList(reader, 'and', '/\\', one, readAtom);
  const condition = readList(reader, 'or', '\\/', conjunction(first), () => conjunction(readAtom(reader)));
  refuseBeside(reader, '=>', condition.kind === 'or' ? '\\/' : '/\\');
  return condition;
}

/** Of several, the last is the innermost. */
function readImplication(reader: TokenReader, left: Condition): Condition {
  if (!reader.accept('=>')) return left;
  const right = reader.nested(() => readImplication(reader, readAtom(reader)));
  return { kind: 'or', of: [{ kind: 'not', condition: left }, right] };
}

/** To herd, `=>` binds tighter than `/\`; to most who read it, looser. */
function refuseBeside(reader: TokenReader, mark: string, beside: string): void {
  if (reader.peek().text === mark) reader.fail(`\`=>\` beside \`${beside}\` needs parentheses`);
}

function readList(
  reader: TokenReader,
  kind: 'and' | 'or',
  mark: string,
  first: Condition,
  next: (reader: TokenReader) => Condition,
): Condition {
  const of = [first];
  while (reader.accept(mark)) of.push(next(reader));
  return of.length === 1 ? first : { kind, of };
}

function readAtom(reader: TokenReader): Condition {
  return reader.nested(() => readAnyAtom(reader));
}

function readAnyAtom(reader: TokenReader): Condition {
  if (reader.accept('~') || reader.accept('not')) return { kind: 'not', condition: readAtom(reader) };
  if (reader.accept('true')) return { kind: 'true' };
  if (reader.accept('false')) return { kind: 'not', condition: { kind: 'true' } };
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
      return condition.of.flatMap(variablesOf);
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
      return condition.of.every((one) => holds(one, value));
    case 'or':
      return condition.of.some((one) => holds(one, value));
    default:
      return condition satisfies never;
  }
}
