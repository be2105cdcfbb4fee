/** Small programs for tests: assembled, verified, run; whatever fails on the way is shown with its place. */
import {
  type AssembleOptions,
  assemble,
  formatErrors,
  formatTrap,
  type Instance,
  type InstanceOptions,
  instantiate,
  load,
  type Outcome,
  type VerifiedProgram,
} from '@pool/vm';

export function program(text: string, options: AssembleOptions = {}): VerifiedProgram {
  return load(bytesOf(text, options));
}

export function bytesOf(text: string, options: AssembleOptions = {}): Uint8Array<ArrayBuffer> {
  const result = assemble({ name: 'test.pasm', text }, options);
  if (!result.ok) throw new Error(`\n${formatErrors(result.errors)}`);
  return result.bytes;
}

export function instance(text: string, options: InstanceOptions & AssembleOptions = {}): Instance {
  return instantiate(program(text, options), options);
}

/** Runs `main` and gives its value. @throws {Error} for anything but an end in order */
export function run(
  text: string,
  given: readonly (bigint | number)[] = [],
  options: InstanceOptions & AssembleOptions = {},
): bigint {
  const outcome = instance(text, options).run('main', given);
  if (outcome.kind === 'trap') throw new Error(formatTrap(outcome.trap));
  if (outcome.kind !== 'done' || outcome.value === undefined) throw new Error(`no value: ${outcome.kind}`);
  return outcome.value;
}

/** The reason for which `main` traps. @throws {Error} if it does not */
export function trapOf(
  text: string,
  given: readonly (bigint | number)[] = [],
  options: InstanceOptions & AssembleOptions = {},
): string {
  const outcome: Outcome = instance(text, options).run('main', given);
  if (outcome.kind !== 'trap') throw new Error(`no trap: ${outcome.kind}`);
  return outcome.trap.reason;
}
