/** One instruction's operands, as written, to the values of its fields. */
import { counted } from '../counted.ts';
import type { OperandKind } from '../opcodes/row.ts';
import { MAX_PARAMETERS } from '../program/program.ts';
import type { Constants } from './constants.ts';
import type { Place } from './diagnostics.ts';
import { labelsOf } from './forms.ts';
import { doubleHint, doubleText, type NumberType, numberTypeOf } from './number-types.ts';
import type { FunctionScope } from './scope.ts';
import { didYouMean, type Hint } from './suggest.ts';
import type { Expression } from './syntax.ts';

const MAX_OFFSET = 2n ** 31n - 1n;
const doubleBits = new DataView(new ArrayBuffer(8));

/** What every arithmetic NaN is; JavaScript's own have whatever bits the processor gave them. */
const NAN_BITS = 0x7ff8_0000_0000_0000n;

/** A double's bits, as the unsigned word that a register holds. */
export function bitsOfDouble(value: number): bigint {
  if (Number.isNaN(value)) return NAN_BITS;
  doubleBits.setFloat64(0, value);
  return doubleBits.getBigUint64(0);
}

/** A text's characters, a byte order mark included. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

export class OperandEncoder {
  /** Fields whose value is a label's index, known only at the end of the function. */
  readonly labels: { readonly field: number; readonly name: string; readonly at: Place }[] = [];
  /** The labels of a br_table. */
  entries: readonly { readonly name: string; readonly at: Place }[] = [];
  /** The registers of the fourth and later arguments of a call, or of all if it is indirect. */
  furtherArguments: readonly number[] = [];
  /** Whether a name was reported that is no register: it may be what another was meant to be. */
  hasUnknownName = false;
  readonly #scope: FunctionScope;
  readonly #mnemonic: string;
  readonly #loadConstant: (value: bigint) => number;
  #fields = 0;

  constructor(scope: FunctionScope, mnemonic: string, loadConstant: (value: bigint) => number) {
    this.#scope = scope;
    this.#mnemonic = mnemonic;
    this.#loadConstant = loadConstant;
  }

  /** The fields of one operand; 0 where something was wrong and has been reported. */
  encode(kind: OperandKind, operand: Expression): number[] {
    const values = this.#encode(kind, operand);
    this.#fields += values.length;
    return values;
  }

  #encode(kind: OperandKind, operand: Expression): number[] {
    const { windows, constantPool, messages } = this.#scope.program;
    switch (kind) {
      case 'to':
        return [operand.kind === 'name' ? (this.#scope.written(operand.name) ?? 0) : 0];
      case 'from':
        return [this.#source(operand)];
      case 'small':
      case 'immediate':
        return [Number(this.#constants.evaluate(operand) ?? 0n)];
      case 'constant':
      case 'float':
        if (operand.kind === 'index') return [this.#entry(operand, constantPool.values.length)];
        return [constantPool.index(this.#word(operand, kind === 'float' ? 'double' : 'integer'))];
      case 'memory':
        return operand.kind === 'memory' ? this.#memory(operand.inside) : [0, 0];
      case 'label':
        if (operand.kind === 'name') this.labels.push({ field: this.#fields, name: operand.name, at: operand.at });
        return [0];
      case 'targets':
        this.entries = labelsOf(operand) ?? [];
        return [];
      case 'window':
        return [operand.kind === 'name' ? (windows.windowIndex(operand.name) ?? 0) : 0];
      case 'message':
        if (operand.kind === 'index') return [this.#entry(operand, messages.values.length)];
        return [messages.index(operand.kind === 'string' ? textOf(operand.bytes) : '')];
      case 'function':
      case 'import':
        return operand.kind === 'call' ? this.#call(operand) : [0];
      case 'handler':
        return operand.kind === 'indirect' ? this.#indirectCall(operand) : [0, 0, 0];
      case 'place':
      case 'slot':
        if (operand.kind === 'index') return [windows.element(operand.name, operand.index, operand.at) ?? 0];
        return [operand.kind === 'name' ? (windows.find(operand.name)?.index ?? 0) : 0];
      case 'element':
      case 'slot_element':
        return operand.kind === 'index'
          ? [windows.find(operand.name)?.index ?? 0, this.#source(operand.index)]
          : [0, 0];
      default:
        return [0];
    }
  }

  get #constants(): Constants {
    return this.#scope.program.constants;
  }

  #report(at: Place, message: string, hint?: Hint): void {
    this.#constants.diagnostics.report(at, message, hint);
  }

  /** `constants[3]`: the number of an entry that the text declares in a table of its own. */
  #entry(operand: Extract<Expression, { kind: 'index' }>, size: number): number {
    return Number(this.#constants.integer(operand.index, `the entry of ${operand.name}`, 0n, BigInt(size) - 1n) ?? 0n);
  }

  #source(operand: Expression): number {
    if (operand.kind === 'name') {
      const register = this.#scope.read(operand.name);
      if (register !== undefined) return register;
    }
    if (this.#constants.isConstant(operand))
      return this.#loadConstant(this.#word(operand, numberTypeOf(this.#mnemonic)));
    if (operand.kind === 'name') {
      this.hasUnknownName = true;
      this.#report(operand.at, `${operand.name} is neither a register of this function nor a constant`, () =>
        didYouMean(operand.name, this.#scope.readableNames()),
      );
    } else if (this.#readRegisters(operand))
      this.#report(operand.at, 'registers cannot be computed with in an operand', 'compute it into a register first');
    else this.#constants.evaluate(operand);
    return 0;
  }

  /** Whether an expression has registers in it; they count as read. */
  #readRegisters(operand: Expression): boolean {
    if (operand.kind === 'name') return this.#scope.read(operand.name) !== undefined;
    if (operand.kind === 'unary') return this.#readRegisters(operand.operand);
    if (operand.kind !== 'binary') return false;
    const left = this.#readRegisters(operand.left);
    return this.#readRegisters(operand.right) || left;
  }

  /** A constant as the 64 bits that a register holds, for an instruction that reads them as `type`. */
  #word(operand: Expression, type: NumberType): bigint {
    const value = this.#constants.evaluate(operand);
    if (value === undefined) return 0n;
    if (typeof value === 'number') {
      if (type === 'integer')
        this.#report(
          operand.at,
          `${this.#mnemonic} takes an integer here, and ${doubleText(value)} is a double`,
          doubleHint(this.#mnemonic, value),
        );
      return bitsOfDouble(value);
    }
    if (type === 'double') return bitsOfDouble(Number(value));
    if (value < -(2n ** 63n) || value >= 2n ** 64n)
      this.#report(operand.at, `${value} does not fit 64 bits`, 'a register holds -2^63 .. 2^64-1');
    return BigInt.asUintN(64, value);
  }

  #call(call: Extract<Expression, { kind: 'call' }>): number[] {
    const { functions, imports } = this.#scope.program;
    const callee = imports.find(call.name) ?? functions.get(call.name);
    if (callee === undefined && !this.#constants.isBroken(call.name))
      this.#report(call.at, `no function is named ${call.name}`, () =>
        didYouMean(call.name, [...functions.keys(), ...imports.names()]),
      );
    if (callee !== undefined && callee.parameters.length !== call.given.length) {
      const form = `${call.name}(${callee.parameters.map(({ name }) => name).join(', ')})`;
      this.#report(
        call.at,
        `${call.name} takes ${counted(callee.parameters.length, 'argument')}, not ${call.given.length}`,
        `it is declared: ${form}`,
      );
    }
    const registers = call.given.map((argument) => this.#source(argument));
    this.furtherArguments = registers.slice(3);
    return [callee?.index ?? 0, ...[0, 1, 2].map((index) => registers[index] ?? 0)];
  }

  /** Table, index, and how many arguments; the arguments themselves all come further behind. */
  #indirectCall(call: Extract<Expression, { kind: 'indirect' }>): number[] {
    const { functionTables: tables } = this.#scope.program;
    const table = tables.index(call.name);
    if (table === undefined && !this.#constants.isBroken(call.name))
      this.#report(call.at, `no table is named ${call.name}`, () => didYouMean(call.name, tables.names()));
    if (call.given.length > MAX_PARAMETERS)
      this.#report(call.at, `${call.given.length} arguments, and a function has at most ${MAX_PARAMETERS} parameters`);
    const index = this.#source(call.index);
    this.furtherArguments = call.given.map((argument) => this.#source(argument));
    return [table ?? 0, index, call.given.length];
  }

  /** `[register + constant + ...]`: exactly one register, added; or constants only, which are loaded. */
  #memory(inside: Expression): number[] {
    const terms: { readonly term: Expression; readonly negative: boolean }[] = [];
    const flatten = (term: Expression, negative: boolean): void => {
      const isSum =
        term.kind === 'binary' && (term.operator === '+' || term.operator === '-') && !this.#constants.isConstant(term);
      if (!isSum) terms.push({ term, negative });
      else {
        flatten(term.left, negative);
        flatten(term.right, negative !== (term.operator === '-'));
      }
    };
    flatten(inside, false);
    let register: number | undefined;
    let offset = 0n;
    for (const { term, negative } of terms) {
      if (this.#constants.isConstant(term) && !(term.kind === 'name' && this.#scope.has(term.name))) {
        const value = this.#constants.evaluate(term);
        if (typeof value === 'number') this.#report(term.at, 'an offset is an integer');
        else offset += negative ? -(value ?? 0n) : (value ?? 0n);
      } else if (register === undefined && !negative) register = this.#source(term);
      else this.#report(term.at, 'an address is one register plus a constant', 'add the registers with i64.add first');
    }
    if (register === undefined) return [this.#loadConstant(BigInt.asUintN(64, offset)), 0];
    if (offset >= 0n && offset <= MAX_OFFSET) return [register, Number(offset)];
    this.#report(
      inside.at,
      `the offset is ${offset}, and must be 0..${MAX_OFFSET}`,
      'change the register with i64.add first',
    );
    return [register, 0];
  }
}
