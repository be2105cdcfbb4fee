/** What names mean in a thread of a litmus test: words are its parameters, registers what it declares, each in its block. */
import type { Token, TokenReader } from './lexer.ts';

/** What `*x` is: C accesses atomic objects by seq-cst. */
export type AccessOrder = 'plain' | 'seq-cst';

/** What a parameter says of its word. */
export interface Parameter {
  readonly order: AccessOrder;
  /** Whether the thread only reads it. */
  readonly isConst: boolean;
}

export interface AccessedWord {
  readonly place: string;
  readonly order: AccessOrder;
}

/** What becomes of a word or register that is named. */
export type Use = 'read' | 'written';

const TYPE_WORDS = new Set(
  'int long short char unsigned signed const volatile _Atomic atomic_int atomic_uint atomic_long atomic_ulong atomic_bool bool int32_t uint32_t int64_t uint64_t atomic_size_t size_t intptr_t uintptr_t atomic_intptr_t'.split(
    ' ',
  ),
);

const QUALIFIERS = new Set(['const', 'volatile', '_Atomic']);

export function isTypeWord(token: Token): boolean {
  return token.kind === 'name' && TYPE_WORDS.has(token.text);
}

/** Takes the words of a type: qualifiers alone are none. */
export function takeType(reader: TokenReader): Token[] {
  const types: Token[] = [];
  while (isTypeWord(reader.peek())) types.push(reader.take());
  if (!types.every(({ text }) => QUALIFIERS.has(text))) return types;
  return reader.fail(`\`${reader.peek().text}\` is no type that is supported`);
}

export function hasConst(types: readonly Token[]): boolean {
  return types.some(({ text }) => text === 'const');
}

/** A parameter that points to these types. */
export function parameterOf(types: readonly Token[]): Parameter {
  const isAtomic = types.some(({ text }) => text === '_Atomic' || text.startsWith('atomic_'));
  return { order: isAtomic ? 'seq-cst' : 'plain', isConst: hasConst(types) };
}

export class ThreadNames {
  readonly #reader: TokenReader;
  readonly #words: ReadonlyMap<string, Parameter>;
  /** Those of all blocks: two of one name are one register, which holds what was assigned last. */
  readonly #registers: Set<string> = new Set();
  /** What was declared in the blocks that are being read, from the outermost, and whether it is const. */
  readonly #blocks: Map<string, boolean>[] = [];
  /** The register whose first value is being read. */
  #valueless: string | undefined;

  constructor(reader: TokenReader, words: ReadonlyMap<string, Parameter>) {
    this.#reader = reader;
    this.#words = words;
  }

  /** What was declared until now, in any block. */
  get registers(): ReadonlySet<string> {
    return this.#registers;
  }

  /** Reads a block: what is declared in it is unknown behind it. */
  block<Read>(read: () => Read): Read {
    this.#blocks.push(new Map());
    const what = read();
    this.#blocks.pop();
    return what;
  }

  /** Takes the name of a new register. */
  declared(isConst: boolean): string {
    const token = this.#reader.name('the name of a register');
    const { text } = token;
    if (this.isWord(text)) this.#reader.fail(`${text} is a word already`, token);
    if (this.isRegister(text)) this.#reader.fail(`${text} is declared already`, token);
    this.#registers.add(text);
    this.#blocks.at(-1)?.set(text, isConst);
    return text;
  }

  /** Reads what a new register holds at first: there it is not to be named. */
  initialiser<Read>(register: string, read: () => Read): Read {
    this.#valueless = register;
    const what = read();
    this.#valueless = undefined;
    return what;
  }

  isWord(name: string): boolean {
    return this.#words.has(name);
  }

  isRegister(name: string): boolean {
    return this.#blocks.some((block) => block.has(name));
  }

  /** Takes the name of a register that there is. */
  register(use: Use): string {
    const token = this.#reader.name('a register');
    const { text } = token;
    if (this.isWord(text)) this.#reader.fail(`${text} is a word: read it as *${text}`, token);
    if (!this.isRegister(text)) this.#reader.fail(`${text} is not declared`, token);
    if (text === this.#valueless) this.#reader.fail(`${text} is named in its own initial value`, token);
    if (use === 'written' && this.#blocks.some((block) => block.get(text) === true))
      this.#reader.fail(`${text} is const`, token);
    return text;
  }

  /** Takes the name of a word, as functions are given it. */
  word(use: Use): string {
    this.#reader.accept('&');
    const token = this.#reader.name('a word');
    const { text } = token;
    const parameter = this.#words.get(text);
    if (parameter === undefined) this.#reader.fail(`${text} is no parameter of this thread`, token);
    if (use === 'written' && parameter.isConst) this.#reader.fail(`${text} points to a const type`, token);
    return text;
  }

  /** Takes what stands behind a `*`. */
  dereferenced(use: Use): AccessedWord {
    const place = this.word(use);
    return { place, order: (this.#words.get(place) as Parameter).order };
  }
}
