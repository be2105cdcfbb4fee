/**
 * The functions that a host grants to programs, where the manifest names them. There are few, they take and give words, and none
 * of them can reach another program: what a program shares, it shares through the pool.
 */
import type { HostImports, PricedHostFunction } from '@pool/vm';

/** What the functions need of the thread that they run on. */
export interface HostServices {
  /** Takes a line of the log: a word that the program gave. */
  log(value: bigint): void;
  /** Nanoseconds of a clock that never goes back; the same for all threads, from no moment in particular. */
  clock(): bigint;
}

export interface HostFunctionShape {
  readonly parameters: number;
  readonly returnsValue: boolean;
  /** Units for each call, besides those of the instruction. */
  readonly fuel: number;
  readonly make: (services: HostServices) => PricedHostFunction['call'];
}

export type HostFunctionName = 'clock' | 'log';

/** All that a manifest can grant. */
export const HOST_FUNCTIONS: Readonly<Record<HostFunctionName, HostFunctionShape>> = {
  clock: { parameters: 0, returnsValue: true, fuel: 0, make: (services) => () => services.clock() },
  // A message to another thread costs that thread more than the call costs this one.
  log: { parameters: 1, returnsValue: false, fuel: 1_000, make: (services) => (value: bigint) => services.log(value) },
};

export const HOST_FUNCTION_NAMES: readonly HostFunctionName[] = Object.keys(HOST_FUNCTIONS) as HostFunctionName[];

export function isHostFunction(name: string): name is HostFunctionName {
  return Object.hasOwn(HOST_FUNCTIONS, name);
}

/** The table that an instance is linked to. */
export function hostImports(granted: readonly HostFunctionName[], services: HostServices): HostImports {
  return Object.fromEntries(
    granted.map((name) => [name, { call: HOST_FUNCTIONS[name].make(services), fuel: HOST_FUNCTIONS[name].fuel }]),
  );
}
