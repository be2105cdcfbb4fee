/** A YAML file with its positions, so that every complaint about a value can name the line it stands on. */
import { isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { type Problem, SetupError } from '../errors.ts';
import { visible } from '../report/escape.ts';

export type Path = readonly (string | number)[];

export class ManifestSource {
  /** The file's name, as it was given. */
  readonly name: string;
  readonly #lines: LineCounter = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;

  /** @throws {SetupError} if the text is not YAML */
  constructor(name: string, text: string) {
    this.name = name;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
    if (this.#document.errors.length > 0)
      throw new SetupError(
        this.#document.errors.map((error) => ({
          at: this.#position(error.pos[0]),
          message: `not YAML: ${error.message}`,
        })),
      );
    const problems = this.#unusable();
    if (problems.length > 0) throw new SetupError(problems);
  }

  /** @throws {SetupError} if aliases make more of it than can be meant */
  value(): unknown {
    try {
      return this.#document.toJS();
    } catch (cause) {
      if (!(cause instanceof ReferenceError)) throw cause;
      throw new SetupError([{ at: this.name, message: `not a manifest: ${cause.message}` }], { cause });
    }
  }

  /** What is YAML and yet no data. */
  #unusable(): Problem[] {
    const problems: Problem[] = [];
    const report = (node: Node, message: string): void => {
      problems.push({ at: this.#position(node.range?.[0] ?? 0), message });
    };
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) === undefined)
          report(alias, `there is no anchor \`&${visible(alias.source)}\` before this alias`);
      },
      Pair: (_, { key }) => {
        // The schema would not see it: in JavaScript it is no key like others.
        if (isScalar(key) && key.value === '__proto__') report(key, '`__proto__` is no name');
      },
    });
    return problems;
  }

  /** A problem with what stands at `path`, or with its key. */
  problem(path: Path, message: string, hint?: string, about: 'value' | 'key' = 'value'): Problem {
    const where = path.length === 0 ? '' : `${show(path)}: `;
    return {
      at: this.#position(this.#offset(path, about)),
      message: `${where}${message}`,
      ...(hint === undefined ? {} : { hint }),
    };
  }

  /** The nearest enclosing thing that the text really has: a missing key is reported at the map it is missing from. */
  #offset(path: Path, about: 'value' | 'key'): number {
    let node: unknown = this.#document.contents;
    let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const [depth, step] of path.entries()) {
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (pair === undefined) return offset;
        next = about === 'key' && depth === path.length - 1 ? pair.key : (pair.value ?? pair.key);
      } else {
        next = (node as { get?(key: unknown, keep: true): unknown } | null)?.get?.(step, true);
      }
      if (!isNode(next)) return offset;
      offset = (next as Node).range?.[0] ?? offset;
      node = next;
    }
    return offset;
  }

  #position(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.name}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

function show(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? visible(step) : `${text}.${visible(step)}`,
    '',
  );
}
