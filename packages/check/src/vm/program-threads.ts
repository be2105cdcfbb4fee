/**
 * A program of the virtual machine as threads to check. Of its functions without parameters, each called `thread_...` is a
 * thread; `initial`, if there is one, runs before them and `final` after them, alone. A trap is a failed assertion, so
 * `trap "..."` asserts; what a thread returns is what it is observed to do. Each thread has a private memory of its own; the
 * words of all windows lie one after another, and counterexamples name them as the source does.
 *
 * A thread need not be run from its beginning each time: its machine is put back to where it was. Segments are not modelled.
 */
import type { Address, Domain, Slot, WindowGrant, Words } from '@pool/core';
import {
  formatTrap,
  instantiate,
  type MachineState,
  type Outcome,
  type Place,
  type SharedSteps,
  type VerifiedProgram,
} from '@pool/vm';
import { AssertionError, ModelError } from '../errors.ts';
import type { FinalState, ModelProgram } from '../program.ts';
import type { ModelThread, ThreadBody } from '../threads/model-thread.ts';
import type { ResumableThread } from '../threads/resumable.ts';

const PREFIX = 'thread_';
const INITIAL = 'initial';
const FINAL = 'final';
/** What a thread may spend in one run: one that needs more does not end, or is nothing to explore. */
const FUEL = 10_000_000;
/** Place names that are longer than this are not spelled out word by word. */
const LONGEST_NAMED = 4096;

/** Makes a model of a program. @throws {ModelError} if it has no thread, or needs what is not modelled */
export function programThreads(verified: VerifiedProgram): ModelProgram {
  const { program } = verified;
  if (verified.functions.some(({ reader }) => reader.rows.some((row) => row?.group === 'segments')))
    throw new ModelError(`program ${program.name} uses segments, which are not modelled`);
  if (program.imports.length > 0)
    throw new ModelError(`program ${program.name} imports functions of a host, which are not modelled`);
  for (const { name, parameters } of program.functions)
    if (parameters > 0 && (name.startsWith(PREFIX) || name === INITIAL || name === FINAL))
      throw new ModelError(`function ${name} is run by the checker, and so has no parameters`);
  const threads = program.functions.filter(({ name }) => name.startsWith(PREFIX));
  if (threads.length === 0)
    throw new ModelError(`program ${program.name} has no thread: a function whose name begins with ${PREFIX}`);
  const windows = layOut(verified);
  const size = windows.reduce((sum, { words }) => sum + words, 0);
  const alone = (entry: string): ((words: Words) => void) => {
    let routine: Routine | undefined;
    return (words) => {
      routine ??= new Routine(verified, entry, windows, words);
      routine.run(words);
    };
  };
  const has = (entry: string): boolean => program.functions.some(({ name }) => name === entry);
  return {
    words: size,
    names: namesOf(program.places, windows),
    threads: Object.fromEntries(
      threads.map(({ name }): [string, ThreadBody] => {
        const resumable = (thread: ModelThread): ResumableThread =>
          new ProgramThread(new Routine(verified, name, windows, thread.words), thread);
        const whole = (thread: ModelThread): void => {
          const running = resumable(thread);
          while (running.step());
        };
        return [name.slice(PREFIX.length), Object.assign(whole, { resumable })];
      }),
    ),
    ...(has(INITIAL) ? { initial: alone(INITIAL) } : {}),
    ...(has(FINAL) ? { final: atEnd(alone(FINAL)) } : {}),
  };
}

function atEnd(run: (words: Words) => void): (end: FinalState) => void {
  return ({ words }) => run(words);
}

/** A function of the program, linked once and run many times. */
class Routine {
  readonly entry: string;
  readonly steps: SharedSteps;
  readonly #beginning: MachineState;

  constructor(verified: VerifiedProgram, entry: string, windows: WindowGrant[], words: Words) {
    this.entry = entry;
    this.steps = instantiate(verified, { words, windows, limits: { fuel: FUEL } }).startShared(entry);
    this.#beginning = this.steps.save();
  }

  restart(): void {
    this.steps.restore(this.#beginning);
  }

  /** @throws {AssertionError} with the trap, if it ended in one */
  answer(outcome: Outcome): bigint | undefined {
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'trap') throw new AssertionError(formatTrap(outcome.trap));
    throw new ModelError(
      `function ${this.entry} has used ${FUEL} units of fuel by ${outcome.at.file}:${outcome.at.line}: bound its loops with unroll, or prune its spins`,
    );
  }

  /** From its beginning to its end. @throws as `answer` */
  run(words: Words): void {
    this.steps.use(words);
    this.restart();
    let outcome = this.steps.step();
    while (outcome === undefined) outcome = this.steps.step();
    this.answer(outcome);
  }
}

/** A function of the program as a thread. */
class ProgramThread implements ResumableThread {
  readonly #routine: Routine;
  readonly #thread: ModelThread;

  constructor(routine: Routine, thread: ModelThread) {
    this.#routine = routine;
    this.#thread = thread;
  }

  get work(): number {
    return FUEL - this.#routine.steps.fuelLeft;
  }
  get price(): { readonly work: number; readonly bytes: number } {
    return this.#routine.steps.price;
  }

  restart(): void {
    this.#routine.restart();
  }

  step(): boolean {
    const outcome = this.#routine.steps.step();
    if (outcome === undefined) return true;
    const value = this.#routine.answer(outcome);
    if (value !== undefined) this.#thread.observe(this.#routine.entry.slice(PREFIX.length), value);
    return false;
  }

  save(into: unknown): MachineState {
    return this.#routine.steps.save(into as MachineState | undefined);
  }
  restore(state: unknown): void {
    this.#routine.steps.restore(state as MachineState);
  }
  isSame(one: unknown, other: unknown): boolean {
    return isSameState(one as MachineState, other as MachineState);
  }
}

/** Whether a machine in either goes on alike, fuel aside. */
function isSameState(one: MachineState, other: MachineState): boolean {
  return (
    one.pc === other.pc &&
    one.base === other.base &&
    one.stands === other.stands &&
    isSameArray(one.registers, other.registers) &&
    isSameArray(one.frames, other.frames) &&
    isSameArray(one.bytes, other.bytes)
  );
}

function isSameArray<T extends BigInt64Array | Int32Array | Uint8Array>(one: T, other: T): boolean {
  return one.length === other.length && one.every((value: bigint | number, index: number) => value === other[index]);
}

/** Windows one after another; what a program declares is what it gets. */
function layOut(verified: VerifiedProgram): WindowGrant[] {
  let next = 0;
  return verified.windows.map(({ name, words, slots }) => {
    if (slots > 0) throw new ModelError(`window ${name} has slots, which are not modelled`);
    const base = next;
    next += words;
    return { name, base: base as Address, words, slotBase: 0 as Slot, slots: 0, domain: 0 as Domain };
  });
}

function namesOf(places: readonly Place[], windows: readonly WindowGrant[]): Record<string, number> {
  const names = new Map<string, number>(); // a binary calls its places what it likes, `constructor` too
  for (const { name, kind, window, address, length } of places) {
    if (kind !== 'words' || length > LONGEST_NAMED) continue;
    const { base } = windows[window] as WindowGrant;
    for (let index = 0; index < length; index++) {
      const shown = length === 1 ? name : `${name}[${index}]`;
      if (!names.has(shown)) names.set(shown, base + address + index);
    }
  }
  return Object.fromEntries(names);
}
