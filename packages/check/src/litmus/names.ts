/** What names mean in a thread of a litmus test: words are its parameters, registers what it declares, each in its block. */
import type { Token, TokenReader } from './lexer.ts';

/** What `*x` is: C accesses atomic objects by seq-cst. */
export type AccessOrder = 'plain' | 'seq-cst';

export interface AccessedWord {
  readonly place: string;
  readonly order: AccessOrder;
}

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
  const { kind, text } = reader.peek();
  const isWord = kind === 'name' || kind === 'keyword';
  return reader.fail(isWord ? `\`${text}\` is no type that is supported` : `a type is expected here, not ${text}`);
}

/** What `*x` is, for a parameter of these types. */
export function orderOf(types: readonly Token[]): AccessOrder {
  return types.some(({ text }) => text === '_Atomic' || text.startsWith('atomic_')) ? 'seq-cst' : 'plain';
}

export class ThreadNames {
  readonly #reader: TokenReader;
  readonly #words: ReadonlyMap<string, AccessOrder>;
  /** Those of all blocks: two of one name are one register, which holds what was assigned last. */
  readonly #registers: Set<string> = new Set();
  /** What was declared in the blocks that are being read, from the outermost. */
  readonly #blocks: Set<string>[] = [];

  constructor(reader: TokenReader, words: ReadonlyMap<string, AccessOrder>) {
    this.#reader = reader;
    this.#words = words;
  }

  /** What was declared until now, in any block. */
  get registers(): ReadonlySet<string> {
    return this.#registers;
  }

  /** Reads a block: what is declared in it is unknown behind it. */
  block<Read>(read: () => Read): Read {
    this.#blocks.push(new Set());
    const what = read();
    this.#blocks.pop();
    return what;
  }

  /** Takes the name of a new register. */
  declared(): string {
    const token = this.#reader.name('the name of a register');
    const { text } = token;
    if (this.isWord(text)) this.#reader.fail(`${text} is a word already`, token);
    if (this.isRegister(text)) this.#reader.fail(`${text} is declared already`, token);
    this.#registers.add(text);
    this.#blocks.at(-1)?.add(text);
    return text;
  }

  isWord(name: string): boolean {
    return this.#words.has(name);
  }

  isRegister(name: string): boolean {
    return this.#blocks.some((block) => block.has(name));
  }

  /** Takes the name of a register that there is. */
  register(): string {
    const token = this.#reader.name('a register');
    if (this.isWord(token.text)) this.#reader.fail(`${token.text} is a word: read it as *${token.text}`, token);
    if (!this.isRegister(token.text)) this.#reader.fail(`${token.text} is not declared`, token);
    return token.text;
  }

  /** Takes the name of a word, as functions are given it. */
  word(): string {
    this.#reader.accept('&');
    const token = this.#reader.name('a word');
    if (!this.isWord(token.text)) this.#reader.fail(`${token.text} is no parameter of this thread`, token);
    return token.text;
  }

  /** Takes what stands behind a `*`. */
  dereferenced(): AccessedWord {
    const place = this.word();
    return { place, order: this.#words.get(place) as AccessOrder };
  }
}
