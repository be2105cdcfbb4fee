/** Litmus tests in the C syntax of herd: initial values, threads `P0`, `P1`, ..., and a condition on how they end. */
import { readCondition, readVariable, showVariable, variablesOf } from './conditions.ts';
import { LitmusError, THREAD, TokenReader, tokenize } from './lexer.ts';
import { isTypeWord, type Parameter, parameterOf, takeType } from './names.ts';
import { StatementReader } from './statements.ts';
import type { Condition, LitmusTest, Quantifier, Statement, Variable } from './syntax.ts';

/** Reads a test. `name` is for messages. @throws {LitmusError} naming the line of what cannot be read or is not supported */
export function parseLitmus(name: string, text: string): LitmusTest {
  const firstLine = text.split('\n', 1)[0] as string;
  const [language, ...title] = firstLine.trim().split(/\s+/);
  const reader = new TokenReader(name, tokenize(name, text.replace(/^[^\n]*/, '')));
  if (language !== 'C')
    throw new LitmusError(name, 1, `a test in C begins with \`C name\`, not with \`${firstLine.trim()}\``);
  skipDescription(reader);
  const words = readInitial(reader);
  const threads = readThreads(reader, words);
  const extra = readLocations(reader);
  const filter: Condition = reader.accept('filter') ? readCondition(reader) : { kind: 'true' };
  const { quantifier, condition } = readQuestion(reader);
  if (reader.peek().kind !== 'end') reader.fail(`${reader.peek().text} comes after the end of the test`);
  const variables = [...variablesOf(condition), ...extra];
  for (const variable of [...variables, ...variablesOf(filter)]) {
    const why = unknown(variable, words, threads);
    if (why !== undefined) throw new LitmusError(name, variable.line, `${why}, which there is not`);
  }
  const shown = new Map(variables.map((one) => [showVariable(one), one]));
  return {
    name: title.join(' ') || name,
    words,
    threads: threads.map(({ body }) => body),
    filter,
    quantifier,
    condition,
    shown: [...shown.values()],
  };
}

interface Thread {
  readonly body: Statement;
  readonly registers: ReadonlySet<string>;
}

function unknown(
  { thread, name }: Variable,
  words: ReadonlyMap<string, bigint>,
  threads: readonly Thread[],
): string | undefined {
  if (thread === undefined) return words.has(name) ? undefined : `the condition names the word ${name}`;
  if (threads[thread] === undefined) return `the condition names thread ${thread}`;
  return threads[thread].registers.has(name) ? undefined : `the condition names the register ${name} of P${thread}`;
}

/** `"..."` and `Key=value` lines before the initial values. */
function skipDescription(reader: TokenReader): void {
  while (reader.peek().text !== '{' && reader.peek().kind !== 'end') {
    const token = reader.take();
    if (THREAD.test(token.text) && reader.peek().text === '(')
      reader.fail(`the \`{\` of the initial values is expected before ${token.text}`, token);
  }
}

function readInitial(reader: TokenReader): Map<string, bigint> {
  const words = new Map<string, bigint>();
  reader.expect('{');
  while (!reader.accept('}')) {
    if (reader.accept(';')) continue;
    if (reader.peek().kind === 'number')
      reader.fail('an initial value of a register is not supported: assign it in the thread');
    if (isTypeWord(reader.peek())) takeType(reader);
    if (reader.peek().text === '*') reader.fail('a pointer in memory is not supported');
    const bracket = reader.accept('[');
    const token = reader.name('a word');
    const { text } = token;
    if (bracket) reader.expect(']');
    if (reader.peek().kind === 'name') reader.fail(`\`${text}\` is no type that is supported`);
    if (reader.peek().text === '[') reader.fail('an array in memory is not supported');
    const given = reader.accept('=');
    if (given && (reader.peek().text === '&' || reader.peek().kind === 'name'))
      reader.fail('a pointer in memory is not supported');
    if (words.has(text)) reader.fail(`${text} has an initial value already`, token);
    words.set(text, given ? reader.number() : 0n);
    if (reader.peek().text !== '}') reader.expect(';');
  }
  return words;
}

function readThreads(reader: TokenReader, words: Map<string, bigint>): Thread[] {
  const threads: Thread[] = [];
  for (;;) {
    const isFunction = reader.peek().text === 'void';
    if (!THREAD.test(reader.peek(isFunction ? 1 : 0).text)) break;
    if (isFunction) reader.take();
    const token = reader.take();
    if (token.text !== `P${threads.length}`)
      reader.fail(`thread P${threads.length} is expected here, not ${token.text}`, token);
    const statements = new StatementReader(reader, readParameters(reader, words));
    threads.push({ body: statements.block(), registers: statements.registers });
  }
  if (threads.length === 0) reader.fail(`thread P0 is expected here, not ${reader.peek().text}`);
  return threads;
}

/** `(atomic_int* x, int* y)`; what has no initial value is 0 at first. */
function readParameters(reader: TokenReader, words: Map<string, bigint>): Map<string, Parameter> {
  const own = new Map<string, Parameter>();
  reader.expect('(');
  if (reader.accept(')')) return own;
  do {
    const types = takeType(reader);
    reader.expect('*');
    while (isTypeWord(reader.peek())) reader.take();
    const token = reader.name('a word');
    if (own.has(token.text)) reader.fail(`two parameters are called ${token.text}`, token);
    own.set(token.text, parameterOf(types));
    if (!words.has(token.text)) words.set(token.text, 0n);
  } while (reader.accept(','));
  reader.expect(')');
  return own;
}

function readLocations(reader: TokenReader): Variable[] {
  const shown: Variable[] = [];
  if (!reader.accept('locations')) return shown;
  reader.expect('[');
  while (!reader.accept(']')) {
    shown.push(readVariable(reader));
    if (reader.peek().text !== ']') reader.expect(';');
  }
  return shown;
}

function readQuestion(reader: TokenReader): { readonly quantifier: Quantifier; readonly condition: Condition } {
  const negated = reader.accept('~');
  if (reader.accept('exists')) return { quantifier: negated ? '~exists' : 'exists', condition: readCondition(reader) };
  if (!negated && reader.accept('forall')) return { quantifier: 'forall', condition: readCondition(reader) };
  return reader.fail(`a condition (exists, ~exists, forall) is expected here, not ${reader.peek().text}`);
}
