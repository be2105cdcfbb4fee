/**
 * The host table: functions of the host that a program imports by name. They get the program's words and nothing else of it; what
 * they throw is a trap of the program, at the call.
 */
import { LinkError } from '../errors.ts';
import { OP } from '../opcodes/table.ts';
import type { HostImport, Program } from '../program/program.ts';
import { CELLS } from './linked-code.ts';
import type { Machine } from './machine.ts';
import type { Stop } from './places.ts';

/** Takes 64-bit words, unsigned; its `length` must be the number that the program declares. Gives a word where one is declared. */
export type HostFunction = (...words: bigint[]) => unknown;

/** A function with a price: so many units of fuel for each call, besides those of the instruction. */
export interface PricedHostFunction {
  readonly call: HostFunction;
  readonly fuel: number;
}

/** What a host grants, by the names that programs import. */
export type HostImports = Readonly<Record<string, HostFunction | PricedHostFunction>>;

/** An import and what was granted for it. */
export interface LinkedImport extends HostImport, PricedHostFunction {}

/** @throws {LinkError} for an import that is not granted, or one granted with another number of parameters or no fair price */
export function linkImports(program: Program, granted: HostImports): readonly LinkedImport[] {
  return program.imports.map((wanted) => {
    const { name, parameters } = wanted;
    const grant = Object.hasOwn(granted, name) ? granted[name] : undefined;
    if (grant === undefined)
      throw new LinkError(
        `program ${program.name} imports ${name}, which is not granted; granted: ${Object.keys(granted).join(', ') || 'nothing'}`,
      );
    const { call, fuel } = typeof grant === 'function' ? { call: grant, fuel: 0 } : grant;
    if (call.length !== parameters)
      throw new LinkError(
        `program ${program.name} imports ${name} with ${parameters} parameters, and the granted function takes ${call.length}`,
      );
    if (!(fuel >= 0 && fuel < Number.POSITIVE_INFINITY))
      throw new LinkError(`import ${name} is granted at a price of ${fuel} units of fuel`);
    return { ...wanted, call, fuel };
  });
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
    if (typeof value === 'bigint') {
      u64[base + (cells[pc + 1] as number)] = value;
      return undefined;
    }
    machine.message = `${name} gave back ${typeof value}, and its result is a word`;
  } catch (error) {
    machine.message = `${name}: ${error instanceof Error ? error.message : typeof error === 'string' ? error : typeof error}`;
  } finally {
    machine.inHost = false;
  }
  return 'host function';
}
