/** One function's text to code: registers are numbered in the order of their first write, labels are resolved at the end. */
import type { Instruction } from '../opcodes/table.ts';
import { BY_CODE, BY_MNEMONIC, OP } from '../opcodes/table.ts';
import { packInstruction } from '../program/encoding.ts';
import { type FunctionBody, INSTRUCTION_BYTES, MAX_PARAMETERS, MAX_REGISTERS } from '../program/program.ts';
import type { Place } from './diagnostics.ts';
import { chooseForm, writtenOperands } from './forms.ts';
import { reportMisfit } from './misfits.ts';
import { mnemonicHint } from './mnemonic-hints.ts';
import { OperandEncoder } from './operand-encoder.ts';
import { positionsOf } from './positions.ts';
import { DISCARD, FunctionScope, type ProgramScope } from './scope.ts';
import { didYouMean, type Hint } from './suggest.ts';
import type { Expression, FunctionSyntax, InstructionSyntax, ListedRegister, Origin } from './syntax.ts';

interface Emitted {
  readonly row: Instruction;
  readonly values: number[];
  readonly at: Place;
}

interface Label {
  readonly index: number;
  readonly at: Place;
  used: boolean;
}

export class FunctionEmitter {
  readonly #program: ProgramScope;
  readonly #syntax: FunctionSyntax;
  readonly #scope: FunctionScope;
  readonly #emitted: Emitted[] = [];
  /** Where each of them came from, if the text says so. */
  readonly #origins: (Origin | undefined)[] = [];
  readonly #labels = new Map<string, Label>();
  /** Field `field` of instruction `index` is the index of label `name`. */
  readonly #fixups: { readonly index: number; readonly field: number; readonly name: string; readonly at: Place }[] =
    [];
  #scratch = 0;
  /** Whether an instruction was left out, which may have been what a label is for. */
  #excused = false;
  /** Whether an operand is a name that there is not, which may have been what a register is for. */
  #hasUnknownName = false;
  /** Whether the last instruction was reported and left out. */
  #refused = false;

  constructor(program: ProgramScope, syntax: FunctionSyntax) {
    this.#program = program;
    this.#syntax = syntax;
    this.#scope = new FunctionScope(program);
  }

  /** Where an instruction stands in the text. */
  placeOf(instruction: number): Place | undefined {
    return this.#emitted[instruction]?.at;
  }

  emit(): FunctionBody {
    this.#declareRegisters();
    for (const item of this.#syntax.body) {
      if (item.kind === 'label') this.#label(item.name, item.at);
      else this.#instruction(item);
    }
    this.#checkEnd();
    this.#resolveLabels();
    this.#reportUnread();
    return this.#finish();
  }

  #report(at: Place, message: string, hint?: Hint): void {
    this.#program.constants.diagnostics.report(at, message, hint);
  }

  #declareRegisters(): void {
    const { parameters, registers, body, name, at } = this.#syntax;
    if (parameters.length > MAX_PARAMETERS)
      this.#report(at, `${name} has ${parameters.length} parameters, and a function has at most ${MAX_PARAMETERS}`);
    for (const parameter of parameters) {
      if (this.#scope.has(parameter.name)) this.#report(parameter.at, `two parameters are named ${parameter.name}`);
      this.#declare(parameter.name, parameter.at, true);
    }
    if (registers !== undefined) {
      this.#declareListed(registers);
      return;
    }
    for (const item of body) {
      if (item.kind !== 'instruction') continue;
      const [first] = item.operands;
      const forms = BY_MNEMONIC.get(item.mnemonic);
      const writes = forms?.some(
        (row) => row.operands[0]?.kind === 'to' && writtenOperands(row).length === item.operands.length,
      );
      if (first?.kind !== 'name') continue;
      if (writes) this.#declare(first.name, first.at, false);
      else if (
        item.broken ||
        forms === undefined ||
        forms.every((row) => writtenOperands(row).length !== item.operands.length)
      )
        this.#assume(first);
    }
  }

  /** The registers of a listing: numbered as they stand there, the parameters first; none of them need be used. */
  #declareListed(registers: readonly ListedRegister[]): void {
    const { parameters } = this.#syntax;
    const seen = new Set<string>();
    for (const [index, { name, at }] of registers.entries()) {
      const parameter = parameters[index];
      if (parameter !== undefined && parameter.name !== name)
        this.#report(at, `register ${index} is the parameter ${parameter.name}`, 'the parameters come first');
      if (seen.has(name)) this.#report(at, `two registers are named ${name}`);
      seen.add(name);
      this.#scope.declare(name, at, true);
    }
  }

  /** A name that cannot be a register is left undeclared, and reported where it is used as one. */
  #declare(name: string, at: Place, parameter: boolean): void {
    const isConstant = this.#program.constants.has(name);
    if (isConstant && parameter) this.#report(at, `${name} is a constant, and a parameter must not have its name`);
    if (!isConstant && !name.includes('.')) this.#scope.declare(name, at, parameter);
  }

  #assume(operand: Expression): void {
    if (operand.kind === 'name' && !operand.name.includes('.') && !this.#program.constants.has(operand.name))
      this.#scope.assume(operand.name, operand.at);
  }

  /** Marks the registers in an instruction that was refused as read, so that they are not reported as well; nor are labels then. */
  #excuse(item: InstructionSyntax): void {
    this.#excused = true;
    for (const operand of item.operands)
      if (operand.kind === 'name' && this.#scope.has(operand.name)) this.#scope.read(operand.name);
  }

  #checkEnd(): void {
    const last = this.#emitted.findLast(({ row }) => row.flow !== 'part')?.row;
    if (last?.flow === 'end' || last?.flow === 'jump' || last?.flow === 'table') return;
    const { name, end } = this.#syntax;
    if (this.#refused) return;
    this.#report(end, `${name} runs past its end`, 'the last instruction must be ret, halt, trap, br or br_table');
  }

  #label(name: string, at: Place): void {
    const earlier = this.#labels.get(name);
    if (earlier !== undefined) {
      earlier.used = true; // one mistake is enough
      this.#report(at, `label ${name} stands at line ${earlier.at.line} already`);
    } else this.#labels.set(name, { index: this.#emitted.length, at, used: false });
  }

  #instruction(item: InstructionSyntax): void {
    const forms = BY_MNEMONIC.get(item.mnemonic);
    this.#refused = true;
    if (item.broken) {
      this.#excuse(item);
      return;
    }
    if (forms === undefined || forms[0]?.flow === 'part') {
      this.#excuse(item);
      if (!this.#program.constants.isBroken(item.mnemonic))
        this.#report(item.at, `unknown instruction ${item.mnemonic}`, () => this.#mnemonicHint(item.mnemonic));
      return;
    }
    const choice = chooseForm(forms, item.operands, this.#scope);
    if (!('row' in choice)) {
      this.#excuse(item);
      reportMisfit(item, choice.nearest, choice.operand, this.#scope);
      return;
    }
    this.#refused = false;
    const first = this.#emitted.length;
    const { row } = choice;
    const encoder = new OperandEncoder(this.#scope, row.mnemonic, (value) => this.#loadConstant(value, item.at));
    this.#scratch = 0;
    const values = writtenOperands(row).flatMap((operand, index) =>
      encoder.encode(operand.kind, item.operands[index] as never),
    );
    if (encoder.hasUnknownName) this.#hasUnknownName = true;
    const index = this.#emitted.push({ row, values, at: item.at }) - 1;
    for (const label of encoder.labels) this.#fixups.push({ index, ...label });
    for (const entry of encoder.entries) {
      const word = this.#emitted.push({ row: BY_CODE[OP.entry] as Instruction, values: [0], at: item.at }) - 1;
      this.#fixups.push({ index: word, field: 0, ...entry });
    }
    const call = item.operands.find(({ kind }) => kind === 'call');
    if (call?.kind === 'call') this.#checkResult(row, call.name, item.at);
    const further = encoder.furtherArguments;
    for (let argument = 0; argument < further.length; argument += 6) {
      const values = further.slice(argument, argument + 6);
      this.#emitted.push({ row: BY_CODE[OP.args] as Instruction, values, at: item.at });
    }
    const { origins } = item;
    if (origins === undefined) return;
    for (let word = first; word < this.#emitted.length; word++)
      this.#origins[word] = origins[Math.min(word - first, origins.length - 1)];
  }

  #mnemonicHint(word: string): string | undefined {
    const { functions, imports, macroNames } = this.#program;
    const callee = functions.get(word) ?? imports.find(word);
    return callee === undefined
      ? mnemonicHint(word, macroNames)
      : `a function is called: call ${callee.returnsValue ? 'value, ' : ''}${word}(...)`;
  }

  #checkResult(row: Instruction, name: string, at: Place): void {
    const imported = this.#program.imports.find(name);
    const callee = imported ?? this.#program.functions.get(name);
    if (row.written !== undefined && callee !== undefined && !callee.returnsValue)
      this.#report(
        at,
        `${name} returns no value`,
        `write "call ${name}(...)", or give ${name} a result: ${imported === undefined ? 'func' : 'import'} ${name}(...) -> value`,
      );
  }

  /** Loads a constant into a register that has no name, and gives the register's number. */
  #loadConstant(value: bigint, at: Place): number {
    const register = this.#scope.registerCount + this.#scratch;
    this.#scratch += 1;
    this.#emitted.push({
      row: BY_CODE[OP['i64.const']] as Instruction,
      values: [register, this.#program.constantPool.index(value)],
      at,
    });
    return register;
  }

  #resolveLabels(): void {
    let missing = false;
    for (const { index, field, name, at } of this.#fixups) {
      const label = this.#labels.get(name);
      if (label === undefined) {
        missing = true;
        this.#report(at, `no label is named ${name} in ${this.#syntax.name}`, () =>
          didYouMean(name, this.#labels.keys()),
        );
        continue;
      }
      label.used = true;
      (this.#emitted[index] as Emitted).values[field] = label.index;
      if (label.index === this.#emitted.length)
        this.#report(label.at, `no instruction follows label ${name}`, 'end the function with ret, halt, trap or br');
    }
    // With a misspelled branch about, a label that looks unused is most often its target.
    if (!missing && !this.#excused)
      for (const [name, label] of this.#labels) if (!label.used) this.#report(label.at, `label ${name} is never used`);
  }

  #reportUnread(): void {
    if (this.#hasUnknownName) return;
    for (const { name, at } of this.#scope.unread())
      this.#report(
        at,
        `register ${name} is written and never read`,
        () => didYouMean(name, this.#scope.registerNames()) ?? `write ${DISCARD} to discard a result`,
      );
  }

  #finish(): FunctionBody {
    const { at, parameters, returnsValue, registers: listed } = this.#syntax;
    const name = this.#syntax.recorded ?? this.#syntax.name;
    const code = new Uint8Array(INSTRUCTION_BYTES * this.#emitted.length);
    const view = new DataView(code.buffer);
    let registers = this.#scope.registerCount;
    this.#emitted.forEach((each, index) => {
      packInstruction(view, INSTRUCTION_BYTES * index, each.row, each.values);
      if (each.row.code === OP['i64.const']) registers = Math.max(registers, (each.values[0] ?? 0) + 1);
    });
    if (registers > MAX_REGISTERS)
      this.#report(at, `${name} needs ${registers} registers, and a function has at most ${MAX_REGISTERS}`);
    return {
      name,
      parameters: parameters.length,
      registers,
      returnsValue,
      code,
      registerNames: listed?.flatMap(({ recorded }) => recorded ?? []) ?? [...this.#scope.registerNames()],
      positions: positionsOf(
        this.#program,
        this.#emitted.map((each) => each.at),
        this.#origins,
      ),
    };
  }
}
