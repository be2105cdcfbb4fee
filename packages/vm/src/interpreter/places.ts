/** Elements of places: the one run-time check of the pool groups. A place without an index was proved when the program was verified and linked. */
import type { Address } from '@pool/core';
import type { TrapReason } from '../traps.ts';
import type { Machine } from './machine.ts';

/** Not done yet: no fuel for what comes next, or the host wants to look at other things. */
export type Suspension = 'exhausted' | 'interrupted';
/** A trap or a suspension; `undefined`: done. */
export type Stop = TrapReason | Suspension | undefined;

export function isSuspension(stop: string | undefined): stop is Suspension {
  return stop === 'exhausted' || stop === 'interrupted';
}

/** The address of the element that the place and the register in two neighbouring cells name, or -1. */
export function element(machine: Machine, cell: number, base: number): Address {
  const { cells } = machine.code;
  const place = cells[cell] as number;
  const register = 2 * (base + (cells[cell + 1] as number));
  const index = machine.u32[register] as number;
  const inside = machine.u32[register + 1] === 0 && index < (machine.places.lengths[place] as number);
  return (inside ? (machine.places.bases[place] as number) + index : -1) as Address;
}

/** Says which index was outside which place. */
export function outside(machine: Machine, cell: number, base: number): TrapReason {
  const { cells } = machine.code;
  const place = cells[cell] as number;
  const index = machine.u64[base + (cells[cell + 1] as number)] as bigint;
  machine.message = `index ${index} is outside ${machine.program.places[place]?.name}, which has ${machine.places.lengths[place]}`;
  return 'outside place';
}
