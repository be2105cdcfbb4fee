/** A program with its own private memory and the windows that it was granted, ready to run. */

import type { SegmentAccess, WindowGrant, Words } from '@pool/core';
import { counted } from '../counted.ts';
import { Debugger } from '../debugger/debugger.ts';
import { type Profile, Profiler } from '../debugger/profile.ts';
import { LinkError } from '../errors.ts';
import type { Program } from '../program/program.ts';
import type { Location, Trap } from '../traps.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
import { execute, type Signal } from './execute.ts';
import { argumentWords, checkAmount, shown } from './given.ts';
import { type HostImports, linkImports } from './host-call.ts';
import { linkWindows } from './link-windows.ts';
import { type LinkedCode, linkCode } from './linked-code.ts';
import { Machine } from './machine.ts';
import { isSuspension } from './places.ts';
import { SharedSteps } from './shared-steps.ts';
import { outcomeOf } from './trace.ts';

export interface Limits {
  /** Units of fuel to begin with, a whole number; default: no limit. A block's cost is charged at its entry and never refunded. */
  readonly fuel?: number;
  /** Calls within calls, at most 65,536; default 1000. */
  readonly callDepth?: number;
  /** Bytes of private memory; default: what the program declares as its limit. */
  readonly memoryBytes?: number;
  /** Milliseconds; a `shared_wait` that asks for more times out earlier. Default: no limit. */
  readonly longestWait?: number;
}

export interface InstanceOptions {
  /** For traps; default: the program's name. */
  readonly name?: string;
  /** The pool; needed if the program declares a window. */
  readonly words?: Words;
  /** One for each window that the program declares, by name. */
  readonly windows?: readonly WindowGrant[];
  /** Needed if the program has a segment instruction. */
  readonly segments?: SegmentAccess;
  /** What the program imports, by name. */
  readonly imports?: HostImports;
  /**
   * Asked now and then whether the run is to come back as `interrupted`: at least every 2^20 units of fuel, between chunks of
   * 256 KiB of a bulk operation, and every 25 ms by a `shared_wait` that sleeps.
   */
  readonly interrupt?: () => boolean;
  readonly limits?: Limits;
}

/**
 * How a run ended: the program's own end; a trap, which is the program's fault; no fuel for the next block or the next chunk of
 * a bulk operation, or the host's own interrupt, from where `resume` goes on. What the host did wrong is thrown.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly value: bigint | undefined; readonly fuelLeft: number }
  | { readonly kind: 'trap'; readonly trap: Trap }
  | { readonly kind: 'exhausted'; readonly at: Location }
  | { readonly kind: 'interrupted'; readonly at: Location };

/** Fuel for one stay in the interpreter's loop: some milliseconds. */
const SLICE = 2 ** 20;
const DEFAULT_CALL_DEPTH = 1000;
/** Registers for all calls are laid out at once: at most 2 KiB each. */
const DEEPEST = 2 ** 16;

/** Links a program. @throws {LinkError} if windows, words, segments, imports or memory limits do not fit what it declares, or a limit is no number */
export function instantiate(verified: VerifiedProgram, options: InstanceOptions = {}): Instance {
  return new Instance(verified, options);
}

/** Limits bind only if they are numbers: compared with NaN, no program would ever be over one. */
function checkLimits(name: string, limits: Limits): void {
  const limitOf = (limit: keyof Limits): string => `program ${name}: the limit \`${limit}\``;
  for (const limit of ['fuel', 'callDepth', 'memoryBytes'] as const)
    if (limits[limit] !== undefined) checkAmount(limitOf(limit), limits[limit]);
  const { callDepth, longestWait } = limits;
  if (callDepth !== undefined && callDepth > DEEPEST)
    throw new LinkError(`${limitOf('callDepth')} is at most ${DEEPEST}, not ${callDepth}`);
  if (longestWait !== undefined && !(typeof longestWait === 'number' && longestWait >= 0))
    throw new LinkError(`${limitOf('longestWait')} is a number of at least 0, not ${shown(longestWait)}`);
}

export class Instance {
  readonly name: string;
  readonly #verified: VerifiedProgram;
  readonly #windows: readonly WindowGrant[];
  readonly #program: Program;
  readonly #code: LinkedCode;
  readonly #machine: Machine;
  readonly #interrupt: (() => boolean) | undefined;
  #suspended = false;
  /** Fuel that the present stay in the interpreter's loop does not have. */
  #withheld = 0;

  /** @see instantiate */
  constructor(verified: VerifiedProgram, options: InstanceOptions) {
    const program = verifiedProgram(verified);
    const limits = options.limits ?? {};
    checkLimits(program.name, limits);
    const pages = Math.min(program.maximumPages, Math.floor((limits.memoryBytes ?? Number.POSITIVE_INFINITY) / 65_536));
    if (pages < program.initialPages)
      throw new LinkError(
        `program ${program.name} begins with ${program.initialPages} pages of memory, and its limit is ${limits.memoryBytes} bytes`,
      );
    const usesSegments = verified.functions.some(({ reader }) => reader.rows.some((row) => row?.group === 'segments'));
    if (usesSegments && options.segments === undefined)
      throw new LinkError(`program ${program.name} uses segments, and is granted none`);
    const usesWords = verified.functions.some(({ reader }) => reader.rows.some((row) => row?.group === 'shared'));
    if (usesWords && options.words === undefined)
      throw new LinkError(`program ${program.name} uses the pool, and is granted none`);
    const places = linkWindows(program, options.windows ?? [], options.words);
    this.name = options.name ?? program.name;
    this.#verified = verified;
    this.#windows = options.windows ?? [];
    this.#program = program;
    this.#code = linkCode(verified, places);
    this.#machine = new Machine(verified, this.#code, places, options.words, options.segments, {
      callDepth: limits.callDepth ?? DEFAULT_CALL_DEPTH,
      longestWait: limits.longestWait,
      pages,
    });
    this.#interrupt = options.interrupt;
    this.#machine.imports = linkImports(program, options.imports ?? {});
    this.#machine.fuel = limits.fuel ?? Number.POSITIVE_INFINITY;
  }

  /** Also while it runs, to functions of the host and to `interrupt`. */
  get fuelLeft(): number {
    return this.#machine.fuel + this.#withheld;
  }
  /** The private memory as it is now; a growth replaces it. */
  get memory(): Uint8Array<ArrayBuffer> {
    return this.#machine.bytes;
  }

  /**
   * Runs a function from its beginning; private memory is as the last run left it. An argument is a word of 64 bits, unsigned
   * or signed, as a bigint or a number; a double is given by its bits.
   * @throws {LinkError} if there is no such function, it has another number of parameters, or an argument is no word
   */
  run(entry = 'main', given: readonly (bigint | number)[] = []): Outcome {
    this.#enter(entry, given);
    this.#machine.interrupt = this.#interrupt;
    return this.#go();
  }

  /** Goes on after `exhausted` or `interrupted`, with so much more fuel. @throws {LinkError} if there is nothing to go on with */
  resume(fuel = 0): Outcome {
    this.#refuseWithin();
    if (!this.#suspended) throw new LinkError(`program ${this.name} has not run out of fuel, nor been interrupted`);
    checkAmount('the fuel to resume with', fuel);
    this.#machine.fuel += fuel;
    return this.#go();
  }

  /**
   * Stands at a function's beginning, to be run a little at a time. Another `start`, `run` or `profile` ends the session.
   * @throws {LinkError} as `run`
   */
  start(entry = 'main', given: readonly (bigint | number)[] = []): Debugger {
    const index = this.#enter(entry, given);
    return new Debugger(this.name, this.#verified, this.#machine, index, this.#windows);
  }

  /** As `run`, to the end of the program or of its fuel, and counts what was executed; somewhat slower. @throws {LinkError} as `run` */
  profile(entry = 'main', given: readonly (bigint | number)[] = []): Profile {
    const profiler = this.startProfile(entry, given);
    profiler.continue();
    return profiler.profile();
  }

  /** As `profile`, a little at a time. Another `start`, `run` or `profile` ends it. @throws {LinkError} as `run` */
  startProfile(entry = 'main', given: readonly (bigint | number)[] = []): Profiler {
    this.#enter(entry, given);
    return new Profiler(this.#machine, this.#verified, this.name);
  }

  /**
   * Stands at a function's beginning, to be run from one shared instruction to the next, and back. Another `start`, `run` or
   * `profile` ends it. @throws {LinkError} as `run`
   */
  startShared(entry = 'main', given: readonly (bigint | number)[] = []): SharedSteps {
    const index = this.#enter(entry, given);
    return new SharedSteps(this.name, this.#verified, this.#machine, index);
  }

  /** Puts the machine at a function's beginning with its arguments; gives the function's index. */
  #enter(entry: string, given: readonly (bigint | number)[]): number {
    this.#refuseWithin();
    const index = this.#program.functions.findIndex(({ name }) => name === entry);
    const body = this.#program.functions[index];
    if (body === undefined)
      throw new LinkError(
        `program ${this.#program.name} has no function ${entry}; it has ${this.#program.functions.map(({ name }) => name).join(', ')}`,
      );
    if (body.parameters !== given.length)
      throw new LinkError(`function ${entry} takes ${counted(body.parameters, 'argument')}, not ${given.length}`);
    const machine = this.#machine;
    argumentWords(body, given).forEach((word, register) => {
      machine.u64[register] = word;
    });
    machine.code = this.#code;
    machine.session = undefined;
    machine.pc = this.#code.entries[index] as number;
    machine.base = 0;
    machine.depth = 0;
    machine.frameSize = body.registers;
    machine.paid = false;
    machine.progress = 0;
    machine.interrupt = undefined;
    this.#suspended = false;
    return index;
  }

  /** A function of the host that is called by the instance cannot run the instance: it has one stack. */
  #refuseWithin(): void {
    if (this.#machine.inHost) throw new LinkError(`program ${this.name} is waiting for a function of the host`);
  }

  #go(): Outcome {
    const machine = this.#machine;
    machine.message = undefined;
    machine.result = undefined;
    const signal = this.#executeInSlices();
    this.#suspended = isSuspension(signal);
    return outcomeOf(machine, signal, this.name);
  }

  /**
   * Comes out of the interpreter's loop and goes in again every so often. V8 replaces the code of a running loop only at some
   * moments, and a program that began in a lower tier was seen to stay there to its end, five times slower.
   */
  #executeInSlices(): Signal {
    const machine = this.#machine;
    this.#withheld += machine.fuel;
    machine.fuel = 0;
    for (;;) {
      const slice = Math.min(SLICE, this.#withheld);
      this.#withheld -= slice;
      machine.fuel += slice;
      const signal = execute(machine);
      const goesOn = signal === 'exhausted' && this.#withheld > 0;
      if (goesOn && !machine.isInterrupted()) continue;
      machine.fuel += this.#withheld;
      this.#withheld = 0;
      return goesOn ? 'interrupted' : signal;
    }
  }
}
