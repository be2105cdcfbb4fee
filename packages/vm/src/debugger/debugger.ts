/**
 * A program that is run a little at a time: by the instruction, over calls, to a breakpoint, until a word of the pool changes.
 * It is the same interpreter on another form of the linked code (see stepping-code.ts), so what is seen here is what runs, to
 * the unit of fuel; `run` does not know of it and does not pay for it.
 */
import type { WindowGrant } from '@pool/core';
import { LinkError } from '../errors.ts';
import { execute, type Signal } from '../interpreter/execute.ts';
import { checkAmount, checkMost } from '../interpreter/given.ts';
import type { Outcome } from '../interpreter/instance.ts';
import { FRAME_CELLS, type Machine } from '../interpreter/machine.ts';
import { backTrace, locate, outcomeOf } from '../interpreter/trace.ts';
import { formatLocation, type Location, type TraceFrame } from '../traps.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
import { type BreakpointPlace, resolveBreakpoint } from './breakpoints.ts';
import { type Frame, framesOf } from './inspect.ts';
import { HANDED, SteppingCode } from './stepping-code.ts';
import { changesOf, type KeptWatch, type NamedWords, type Watch, type WordChange, WordNames } from './words.ts';

/** Stopped before the instruction at `at`, which has not run. */
export interface Pause {
  readonly kind: 'paused';
  /** `limit`: as much has run as `most` allowed, and `continue` goes on to where the command was going. */
  readonly why: 'step' | 'breakpoint' | 'watch' | 'limit';
  readonly at: Location;
  /** The numbers of the breakpoints that are here. */
  readonly breakpoints: readonly number[];
  /** The watched words that the last instruction has changed, or another thread meanwhile. */
  readonly changes: readonly WordChange[];
}

/** Where a command ended. After `exhausted` fuel can be added; after `done` and `trap` there is only looking around. */
export type Stop = Pause | Outcome;

export interface Breakpoint {
  readonly number: number;
  readonly at: readonly Location[];
}

/** What `next` and `finish` run to: an instruction, with no more calls around it than this. */
interface Target {
  readonly pc: number;
  readonly depth: number;
}

/** Fuel for one stay in the interpreter's loop; see instance.ts. */
const SLICE = 2 ** 20;
const LEAST_SLICE = 2 ** 10;
/** What an instruction run by itself counts against `most`, which is there to bound time; and each word that is looked at after it. */
const SINGLE = 16;

/** A session, from `Instance.start`. Another `start` or `run` of the instance ends it. */
export class Debugger {
  readonly #name: string;
  readonly #verified: VerifiedProgram;
  readonly #machine: Machine;
  readonly #code: SteppingCode;
  readonly #words: WordNames;
  readonly #breakpoints = new Map<number, { readonly breakpoint: Breakpoint; readonly cells: readonly number[] }>();
  readonly #watches = new Map<number, KeptWatch>();
  #numbers = 0;
  /** How many words all watches have. */
  #watched = 0;
  #target: Target | undefined;
  #ended = false;

  /** The machine has the arguments in its first registers; `entry` is the function's index. */
  constructor(
    name: string,
    verified: VerifiedProgram,
    machine: Machine,
    entry: number,
    grants: readonly WindowGrant[],
  ) {
    this.#name = name;
    this.#verified = verified;
    this.#machine = machine;
    this.#code = new SteppingCode(verified, machine.places);
    this.#words = new WordNames(verifiedProgram(verified), machine.places, grants, machine.words);
    machine.code = this.#code.single;
    machine.pc = machine.code.entries[entry] as number;
    machine.message = undefined;
    machine.result = undefined;
    machine.session = this;
  }

  /** The instruction that runs next; after a trap, the one that trapped. */
  get at(): Location {
    return locate(this.#own(), this.#machine.pc);
  }
  /** How many calls have not returned; 0 in the entry function. */
  get depth(): number {
    return this.#own().depth;
  }
  get fuelLeft(): number {
    return this.#own().fuel;
  }
  /** The private memory as it is now; a growth replaces it. */
  get memory(): Uint8Array<ArrayBuffer> {
    return this.#own().bytes;
  }
  /** Places and windows whose words can be read and watched. */
  get names(): readonly NamedWords[] {
    return this.#words.all;
  }
  get breakpoints(): readonly Breakpoint[] {
    return Array.from(this.#breakpoints.values(), ({ breakpoint }) => breakpoint);
  }
  get watches(): readonly Watch[] {
    return [...this.#watches.values()];
  }

  /** Runs one instruction; a call goes into the function. */
  step(): Stop {
    this.#toRun();
    this.#target = undefined;
    const signal = this.#single();
    return signal === undefined ? (this.#reason() ?? this.#pause('step')) : this.#end(signal);
  }

  /** Runs one instruction, and if that is a call all of the call, unless something stops within it. */
  next(most: number = Number.POSITIVE_INFINITY): Stop {
    checkMost(most);
    const { pc, depth } = this.#toRun();
    const stop = this.step();
    if (stop.kind !== 'paused' || stop.why !== 'step' || this.#machine.depth <= depth) return stop;
    this.#target = { pc: this.#code.afterCall(pc), depth };
    return this.#go(most);
  }

  /** Runs until the present function has returned; in the entry function, to the end. */
  finish(most: number = Number.POSITIVE_INFINITY): Stop {
    checkMost(most);
    const { depth, frames } = this.#toRun();
    const call = depth === 0 ? undefined : (frames[FRAME_CELLS * (depth - 1)] as number);
    this.#target = call === undefined ? undefined : { pc: this.#code.afterCall(call), depth: depth - 1 };
    return this.#leave(most);
  }

  /**
   * Runs until something stops it. After about `most` units of fuel (fewer while words are watched, which takes longer), or when
   * the program has slept for 25 ms, it pauses with `limit`, so that a host can look at other things; the next `continue` then
   * goes on to where the interrupted command was going.
   */
  continue(most: number = Number.POSITIVE_INFINITY): Stop {
    checkMost(most);
    this.#toRun();
    return this.#leave(most);
  }

  /** Adds fuel; after `exhausted` any command then goes on exactly there. */
  addFuel(units: number): void {
    checkAmount('the fuel to add', units);
    this.#own().fuel += units;
  }

  /**
   * Stops before a function's first instruction, or before a line's.
   * @throws {LinkError} if there is no such place, or a breakpoint of the very same place already
   */
  addBreakpoint(place: BreakpointPlace): Breakpoint {
    this.#own();
    const resolved = resolveBreakpoint(this.#verified, place);
    const cells = resolved.map((one) => this.#code.cellOf(one.function, one.instruction));
    const at = cells.map((pc) => locate(this.#machine, pc));
    for (const { breakpoint, cells: others } of this.#breakpoints.values())
      if (others.length === cells.length && others.every((pc, index) => pc === cells[index]))
        throw new LinkError(`breakpoint ${breakpoint.number} stops at ${at.map(placeOf).join(' and ')} already`);
    this.#numbers += 1;
    const breakpoint = { number: this.#numbers, at };
    this.#breakpoints.set(breakpoint.number, { breakpoint, cells });
    for (const pc of cells) this.#code.setStop(pc, true);
    return breakpoint;
  }

  /**
   * Stops behind an instruction after which a word of the pool is another. `name` is a place or a window: all of its words, at
   * most 1024, or the one with the index. While words are watched every instruction is run by itself, some twenty times slower,
   * and slower still the more they are.
   * @throws {LinkError} if there is no such word, too many, or a watch of the very same words already
   */
  addWatch(name: string, index?: number): Watch {
    this.#own();
    const watch = this.#words.watch(this.#numbers + 1, name, index);
    for (const other of this.#watches.values())
      if (other.address === watch.address && other.words.length === watch.words.length)
        throw new LinkError(`watch ${other.number} watches ${other.name} already`);
    this.#numbers += 1;
    this.#watches.set(watch.number, watch);
    this.#watched += watch.words.length;
    return watch;
  }

  /** Removes a breakpoint or a watch; whether there was one. */
  remove(number: number): boolean {
    this.#own();
    const cells = this.#breakpoints.get(number)?.cells ?? [];
    this.#watched -= this.#watches.get(number)?.words.length ?? 0;
    const removed = this.#breakpoints.delete(number) || this.#watches.delete(number);
    for (const pc of cells) this.#code.setStop(pc, this.#breakpointsAt(pc).length > 0);
    return removed;
  }

  /** The calls that have not returned, innermost first, with their registers. */
  frames(): Frame[] {
    return framesOf(this.#own(), this.#verified);
  }

  /** As `frames`, locations only, as a trap has it. */
  backTrace(): TraceFrame[] {
    return backTrace(this.#own());
  }

  /** A word of the pool; `name` is a place or a window. @throws {LinkError} if there is no such word */
  word(name: string, index = 0): bigint {
    this.#own();
    return this.#words.read(this.#words.address(name, index));
  }

  /** Off the present instruction, whatever stops there, and on. */
  #leave(most: number): Stop {
    const signal = this.#interruptible(most, () => this.#single());
    return signal === undefined ? this.#go(most) : this.#end(signal);
  }

  /** On from an instruction at which something may stop. */
  #go(most: number): Stop {
    let allowed = most;
    for (;;) {
      const stop = this.#reason();
      if (stop !== undefined) return stop;
      if (allowed <= 0) return this.#pause('limit');
      let signal: Signal | undefined;
      if (this.#watches.size > 0) {
        signal = this.#interruptible(most, () => this.#single());
        allowed -= SINGLE + this.#watched;
      } else {
        const slice = Math.min(SLICE, Math.max(LEAST_SLICE, allowed));
        signal = this.#interruptible(most, () => this.#free(slice));
        allowed -= slice;
      }
      if (signal !== undefined) return this.#end(signal);
    }
  }

  /** Why the machine should pause before the present instruction. */
  #reason(): Pause | undefined {
    const changes = changesOf(this.#watches.values(), this.#words);
    if (changes.length > 0) return this.#pause('watch', changes);
    const { pc, depth } = this.#machine;
    if (this.#breakpointsAt(pc).length > 0) return this.#pause('breakpoint');
    return pc === this.#target?.pc && depth <= this.#target.depth ? this.#pause('step') : undefined;
  }

  #pause(why: Pause['why'], changes: readonly WordChange[] = []): Pause {
    if (why !== 'limit') this.#target = undefined;
    const { pc } = this.#machine;
    return { kind: 'paused', why, at: locate(this.#machine, pc), breakpoints: this.#breakpointsAt(pc), changes };
  }

  /** Where there is a limit, a bulk operation or a wait that takes long is interrupted as well. */
  #interruptible(most: number, run: () => Signal | undefined): Signal | undefined {
    this.#machine.interrupt = most === Number.POSITIVE_INFINITY ? undefined : () => true;
    try {
      return run();
    } finally {
      this.#machine.interrupt = undefined;
    }
  }

  #end(signal: Signal): Stop {
    if (signal === 'interrupted') return this.#pause('limit');
    this.#ended = signal !== 'exhausted';
    return outcomeOf(this.#machine, signal, this.#name);
  }

  /** One instruction; `undefined`: it is done, and the machine stands before the next. */
  #single(): Signal | undefined {
    if (!this.#pay()) return 'exhausted';
    return this.#execute(true, HANDED);
  }

  /** To the next stop, or for a slice; `undefined`: the machine stands before an instruction. */
  #free(slice: number): Signal | undefined {
    if (!this.#pay()) return 'exhausted';
    const target = this.#target;
    if (target !== undefined) this.#code.setStop(target.pc, true);
    try {
      return this.#execute(false, slice);
    } finally {
      if (target !== undefined) this.#code.setStop(target.pc, this.#breakpointsAt(target.pc).length > 0);
    }
  }

  #execute(single: boolean, handed: number): Signal | undefined {
    const machine = this.#machine;
    machine.code = single ? this.#code.single : this.#code.free;
    const slice = Math.min(handed, machine.fuel);
    const withheld = machine.fuel - slice;
    machine.fuel = slice;
    const signal = execute(machine);
    machine.fuel += withheld;
    // A bulk operation can cost more than a slice.
    if (signal === 'exhausted' && machine.paid && withheld > 0 && handed < HANDED) return this.#execute(single, HANDED);
    // Short of fuel for a block is where this stopped it, or a slice ended; whether there is none, paying will tell.
    return signal === 'exhausted' && !machine.paid ? undefined : signal;
  }

  /** Charges for the block that begins here, unless that is done. */
  #pay(): boolean {
    const machine = this.#machine;
    if (machine.paid) return true;
    const cost = this.#code.cost(machine.pc);
    if (cost > machine.fuel) return false;
    machine.fuel -= cost;
    machine.paid = true;
    return true;
  }

  #breakpointsAt(pc: number): number[] {
    return Array.from(this.#breakpoints.values()).flatMap(({ breakpoint, cells }) =>
      cells.includes(pc) ? [breakpoint.number] : [],
    );
  }

  /** The machine, if it is still this session's. */
  #own(): Machine {
    if (this.#machine.session !== this) throw new LinkError(`the instance ${this.#name} has been started anew`);
    return this.#machine;
  }

  /** The machine, if it can still run. */
  #toRun(): Machine {
    if (this.#ended) throw new LinkError(`the instance ${this.#name} has ended`);
    if (this.#machine.inHost) throw new LinkError(`the instance ${this.#name} is waiting for a function of the host`);
    return this.#own();
  }
}

function placeOf(at: Location): string {
  return `${at.function} (${formatLocation(at)})`;
}
