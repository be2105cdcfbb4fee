/**
 * The host table: functions of the host that a program imports by name. They get the program's words and nothing else of it; what
 * they throw is a trap of the program, at the call.
 */
import { counted } from '../counted.ts';
import { LinkError } from '../errors.ts';
import { OP } from '../opcodes/table.ts';
import type { HostImport, Program } from '../program/program.ts';
import { checkAmount, isWord, shown } from './given.ts';
import { CELLS } from './linked-code.ts';
import type { Machine } from './machine.ts';
import type { Stop } from './places.ts';

/** Takes 64-bit words, unsigned; its `length` must be the number that the program declares. Gives a word where one is declared. */
export type HostFunction = (...words: bigint[]) => unknown;

/** A function with a price: so many units of fuel for each call, a whole number, besides those of the instruction. */
export interface PricedHostFunction {
  readonly call: HostFunction;
  readonly fuel: number;
}

/** What a host grants, by the names that programs import. */
export type HostImports = Readonly<Record<string, HostFunction | PricedHostFunction>>;

/** An import and what was granted for it. */
export interface LinkedImport extends HostImport, PricedHostFunction {}

/**
 * Holds the whole table against what a table is, whatever the program imports of it: a mistake is found when it is made.
 * @throws {LinkError} for an entry that is no function or has no fair price, an import that is not granted, or is granted with
 * another number of parameters
 */
export function linkImports(program: Program, granted: HostImports): readonly LinkedImport[] {
  const table = new Map(Object.entries(granted).map(([name, grant]) => [name, priced(name, grant)]));
  return program.imports.map((wanted) => {
    const { name, parameters } = wanted;
    const grant = table.get(name);
    if (grant === undefined)
      throw new LinkError(
        `program ${program.name} imports ${name}, which is not granted; granted: ${[...table.keys()].join(', ') || 'nothing'}`,
      );
    if (grant.call.length !== parameters)
      throw new LinkError(
        `program ${program.name} imports ${name} with ${counted(parameters, 'parameter')}, and the granted function takes ${grant.call.length}`,
      );
    return { ...wanted, ...grant };
  });
}

function priced(name: string, grant: unknown): PricedHostFunction {
  if (typeof grant === 'function') return { call: grant as HostFunction, fuel: 0 };
  const { call, fuel } = (grant ?? {}) as { readonly call?: unknown; readonly fuel?: unknown };
  if (typeof call !== 'function')
    throw new LinkError(`import ${name} is a function, or { call, fuel } with a price, not ${shown(grant)}`);
  checkAmount(`import ${name}: its price in fuel`, fuel, 'finite');
  return { call: call as HostFunction, fuel: fuel as number };
}

/** Calls the host for the instruction at `pc`; not done, and to be done again, if there is no fuel for its price. */
export function callHost(machine: Machine, pc: number, base: number): Stop {
  const { u64 } = machine;
  const { cells } = machine.code;
  const wantsValue = cells[pc] === OP.call_host_value;
  const first = pc + (wantsValue ? 2 : 1);
  const { name, parameters, call, fuel } = machine.imports[cells[first] as number] as LinkedImport;
  if (fuel > machine.fuel) return 'exhausted';
  machine.fuel -= fuel;
  const words: bigint[] = [];
  for (let index = 0; index < parameters; index++) {
    const further = pc + CELLS * Math.floor((index + 3) / 6) + 1 + ((index - 3) % 6);
    words.push(u64[base + (cells[index < 3 ? first + 1 + index : further] as number)] as bigint);
  }
  machine.inHost = true;
  try {
    const value = call(...words);
    if (!wantsValue) return undefined;
    if (typeof value === 'bigint' && isWord(value)) {
      u64[base + (cells[pc + 1] as number)] = value;
      return undefined;
    }
    machine.message =
      typeof value === 'bigint'
        ? `${name} gave back a number outside -2^63 to 2^64 - 1, and its result is a word of 64 bits`
        : `${name} gave back ${typeof value}, and its result is a word`;
  } catch (error) {
    machine.message = `${name}: ${error instanceof Error ? error.message : typeof error === 'string' ? error : typeof error}`;
  } finally {
    machine.inHost = false;
  }
  return 'host function';
}
