/**
 * Macros: instructions that an author makes of others. `macro name(a, b) { ... }` declares one, and it is used like an instruction;
 * its operands take the place of its parameters, whatever they are: registers, constants, places, labels, windows.
 *
 * They are hygienic. Every other name in the body, unless the program declares it, is the expansion's own: registers and labels
 * get a new name each time (`spins#3`), so a macro neither sees nor changes what its user did not hand to it. An error in an
 * expansion tells both places: where the text of the macro stands, and where it was used. Traps point to the use.
 */
import { counted } from '../counted.ts';
import { BY_MNEMONIC } from '../opcodes/table.ts';
import type { Diagnostics, Place } from './diagnostics.ts';
import { MAX_EXPANSION, MAX_MACRO_DEPTH, MAX_OPERAND_PARTS } from './limits.ts';
import { DISCARD } from './scope.ts';
import type { BodyItem, Expression, FunctionSyntax, InstructionSyntax, MacroDeclaration } from './syntax.ts';

type Use = InstructionSyntax;

/** One use of a macro: what its names stand for. */
interface Expansion {
  readonly macro: MacroDeclaration;
  readonly use: Use;
  readonly operands: ReadonlyMap<string, Expression>;
  readonly number: number;
  /** What every place in it tells of the way that led there. */
  readonly way: NonNullable<Place['expansion']>;
}

export class Macros {
  readonly #diagnostics: Diagnostics;
  readonly #macros = new Map<string, MacroDeclaration>();
  readonly #isDeclared: (name: string) => boolean;
  #expansions = 0;
  #items: BodyItem[] = [];
  /** Instructions and parts of operands that all expansions so far consist of. */
  #size = 0;
  #isTold = false;
  readonly #parts = new WeakMap<Expression, number>();
  readonly #bodySizes = new Map<MacroDeclaration, number>();

  /** `isDeclared` tells names that mean the same in the whole program: constants, windows, tables. */
  constructor(diagnostics: Diagnostics, isDeclared: (name: string) => boolean) {
    this.#diagnostics = diagnostics;
    this.#isDeclared = isDeclared;
  }

  names(): Iterable<string> {
    return this.#macros.keys();
  }

  declare(macro: MacroDeclaration): void {
    const earlier = this.#macros.get(macro.name);
    if (earlier !== undefined) {
      const where = `${earlier.at.source.name}:${earlier.at.line}`;
      this.#diagnostics.report(macro.at, `macro ${macro.name} stands at ${where} already`);
    } else if (BY_MNEMONIC.has(macro.name))
      this.#diagnostics.report(macro.at, `${macro.name} is an instruction, and a macro must not have its name`);
    else this.#macros.set(macro.name, macro);
    const seen = new Set<string>();
    for (const { name, at } of macro.parameters) {
      if (seen.has(name)) this.#diagnostics.report(at, `two parameters are named ${name}`);
      seen.add(name);
    }
  }

  /** The function with its macros expanded. */
  expand(syntax: FunctionSyntax): FunctionSyntax {
    const isUse = (item: BodyItem): boolean => item.kind === 'instruction' && this.#macros.has(item.mnemonic);
    if (this.#macros.size === 0 || !syntax.body.some(isUse)) return syntax;
    this.#expansions = 0;
    this.#items = [];
    this.#expandAll(syntax.body, []);
    return { ...syntax, body: this.#items };
  }

  #expandAll(body: readonly BodyItem[], within: readonly MacroDeclaration[]): void {
    for (const item of body) {
      const macro = item.kind === 'instruction' && !item.broken ? this.#macros.get(item.mnemonic) : undefined;
      if (macro === undefined || item.kind !== 'instruction') this.#items.push(item);
      else if (this.#refuse(item, macro, within)) this.#items.push({ ...item, broken: true });
      else {
        const number = ++this.#expansions;
        this.#size += this.#sizeOf(macro);
        const operands = new Map(macro.parameters.map(({ name }, index) => [name, item.operands[index] as Expression]));
        const expansion: Expansion = { macro, use: item, operands, number, way: wayTo(macro, item) };
        const inside = macro.body.map((each) => this.#instantiate(each, expansion));
        this.#expandAll(inside, [...within, macro]);
      }
    }
  }

  /** Whether a use is wrong; it has been reported then. */
  #refuse(use: Use, macro: MacroDeclaration, within: readonly MacroDeclaration[]): boolean {
    const { name, parameters } = macro;
    if (this.#size > MAX_EXPANSION) {
      this.#refuseSize(use);
      return true;
    }
    if (within.includes(macro)) {
      const path = [...within.slice(within.indexOf(macro)), macro].map((each) => each.name).join(' > ');
      this.#diagnostics.report(use.at, `macro ${name} uses itself: ${path}`, 'what repeats is a loop or a function');
      return true;
    }
    if (within.length >= MAX_MACRO_DEPTH) {
      this.#diagnostics.report(use.at, `macros are used within each other more than ${MAX_MACRO_DEPTH} deep`);
      return true;
    }
    const grown = use.operands.find((operand) => this.#partsOf(operand) > MAX_OPERAND_PARTS);
    if (grown !== undefined) {
      this.#diagnostics.report(grown.at, `this operand of ${name} has grown to more than ${MAX_OPERAND_PARTS} parts`);
      return true;
    }
    if (parameters.length === use.operands.length) return false;
    const form = `${name} ${parameters.map((parameter) => parameter.name).join(', ')}`.trimEnd();
    const at = withNote(use.at, `macro ${name} is declared here`, macro.at);
    const takes = `${name} takes ${counted(parameters.length, 'operand')}, not ${use.operands.length}`;
    this.#diagnostics.report(at, takes, `it is written: ${form}`);
    return true;
  }

  /** Told once in a program, at the use that leads there. */
  #refuseSize(use: Use): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#diagnostics.report(
      use.at.expansion?.usedAt ?? use.at,
      `macros expand to more than ${MAX_EXPANSION} instructions and operands`,
      'a function is called as often as it is needed, and stands in the program once',
    );
  }

  /** How many instructions and parts of operands one use of a macro makes, the macros within it apart. */
  #sizeOf(macro: MacroDeclaration): number {
    let size = this.#bodySizes.get(macro);
    if (size === undefined) {
      size = 1;
      for (const item of macro.body) {
        size += 1;
        if (item.kind === 'instruction') for (const operand of item.operands) size += this.#partsOf(operand);
      }
      this.#bodySizes.set(macro, size);
    }
    return size;
  }

  /** How many parts an operand has, shared ones counted as often as they are read. */
  #partsOf(expression: Expression): number {
    let parts = this.#parts.get(expression);
    if (parts === undefined) {
      parts = 1 + partsWithin(expression).reduce((sum, part) => sum + this.#partsOf(part), 0);
      this.#parts.set(expression, parts);
    }
    return parts;
  }

  /** An item of a macro's body, as it stands in one expansion. */
  #instantiate(item: BodyItem, expansion: Expansion): BodyItem {
    const at = inExpansion(item.at, expansion);
    if (item.kind === 'label') return { ...item, name: this.#nameOf(item.name, expansion), at };
    return { ...item, operands: item.operands.map((operand) => this.#substitute(operand, expansion)), at };
  }

  #substitute(expression: Expression, expansion: Expansion): Expression {
    const at = inExpansion(expression.at, expansion);
    const inside = (part: Expression): Expression => this.#substitute(part, expansion);
    switch (expression.kind) {
      case 'integer':
      case 'float':
      case 'string':
        return { ...expression, at };
      case 'name': {
        const operand = expansion.operands.get(expression.name);
        if (operand === undefined) return { ...expression, name: this.#nameOf(expression.name, expansion), at };
        const note = `it stands for ${expression.name} in macro ${expansion.macro.name}`;
        return { ...operand, at: withNote(operand.at, note, expression.at) };
      }
      case 'unary':
        return { ...expression, operand: inside(expression.operand), at };
      case 'binary':
        return { ...expression, left: inside(expression.left), right: inside(expression.right), at };
      case 'memory':
        return { ...expression, inside: inside(expression.inside), at };
      case 'list':
        return { ...expression, items: expression.items.map(inside), at };
      case 'index':
        return { ...expression, name: operandName(expression.name, expansion), index: inside(expression.index), at };
      case 'call':
        return {
          ...expression,
          name: operandName(expression.name, expansion),
          given: expression.given.map(inside),
          at,
        };
      case 'indirect': {
        const name = operandName(expression.name, expansion);
        return { ...expression, name, index: inside(expression.index), given: expression.given.map(inside), at };
      }
    }
  }

  /** What a name means that is not a parameter by itself: part of a window that is one, the program's, or the expansion's own. */
  #nameOf(name: string, expansion: Expansion): string {
    const given = operandName(name, expansion);
    if (given !== name || name === DISCARD || name.includes('.') || this.#isDeclared(name)) return given;
    return `${name}#${expansion.number}`;
  }
}

/** The name with a parameter at its beginning replaced, as in `queue.head` where `queue` is one. */
function operandName(name: string, { operands }: Expansion): string {
  const [first = '', ...fields] = name.split('.');
  const operand = operands.get(first);
  return operand?.kind === 'name' ? [operand.name, ...fields].join('.') : name;
}

function partsWithin(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'memory':
      return [expression.inside];
    case 'list':
      return expression.items;
    case 'index':
      return [expression.index];
    case 'call':
      return expression.given;
    case 'indirect':
      return [expression.index, ...expression.given];
    default:
      return [];
  }
}

function wayTo({ name }: MacroDeclaration, { at }: Use): NonNullable<Place['expansion']> {
  const notes = [{ message: `in macro ${name}, used here`, at }, ...(at.expansion?.notes ?? [])];
  return { usedAt: at.expansion?.usedAt ?? at, notes };
}

function inExpansion({ source, line, column }: Place, { way }: Expansion): Place {
  return { source, line, column, expansion: way };
}

function withNote(place: Place, message: string, at: Place): Place {
  const { source, line, column, expansion } = place;
  const notes = [{ message, at }, ...(expansion?.notes ?? [])];
  return { source, line, column, expansion: { usedAt: expansion?.usedAt ?? place, notes } };
}
