import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Address, domain, Pool, type Slot } from '@pool/core';
import { assemble, formatErrors, type Instance, instantiate, load, type VerifiedProgram } from '@pool/vm';
import { PROGRAM_CONSTANTS } from '../../src/index.ts';

/** Words before the object in its window: its own address is not the window's. */
const BEFORE = 32;

const programs = new Map<string, VerifiedProgram>();

/** Assembled once a text, which names the routines that it includes. */
function programOf(text: string, constants: Readonly<Record<string, bigint>>): VerifiedProgram {
  const known = programs.get(text);
  if (known !== undefined) return known;
  const shipped = (path: string): string =>
    readFileSync(new URL(`../../asm/${basename(path)}`, import.meta.url), 'utf8');
  const assembled = assemble(
    { name: 'harness.pasm', text },
    { include: (path) => ({ name: path, text: shipped(path) }), constants },
  );
  if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
  const program = load(assembled.bytes);
  programs.set(text, program);
  return program;
}

/**
 * A pool with room for an object, and a program that holds the object too: the shipped routines, and around them a harness
 * that finds the object at `OBJECT` and has 8 words of private memory at `memory`.
 */
export class ProgramBesideHost {
  readonly pool: Pool = Pool.create({ words: 4096, segments: 0 });
  readonly base: Address;
  readonly #instance: Instance;

  constructor(size: number, include: string, harness: string, constants = PROGRAM_CONSTANTS) {
    const words = BEFORE + size;
    const begin = this.pool.reserve(words);
    this.base = (begin + BEFORE) as Address;
    const text = `include "pool:sync/${include}"\nwindow queues words ${words} {\n}\ndata memory = words -1, 0, 0, 0, 0, 0, 0, 0\n${harness}`;
    const window = { name: 'queues', base: begin, words, slotBase: 0 as Slot, slots: 0, domain: domain(1) };
    this.#instance = instantiate(programOf(text, { ...constants, OBJECT: BigInt(BEFORE) }), {
      words: this.pool,
      windows: [window],
      limits: { fuel: 1e6, longestWait: 0 },
    });
  }

  /** Runs a function of the harness. @throws {Error} unless it comes to its end */
  run(entry: string, ...given: bigint[]): bigint {
    const outcome = this.#instance.run(entry, given);
    if (outcome.kind === 'done') return outcome.value ?? 0n;
    throw new Error(JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
  }
}
