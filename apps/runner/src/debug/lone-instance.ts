/**
 * A program alone in a pool of its own: the windows that it declares are granted, all zero, and nobody else is there. Functions
 * that it imports do nothing and give 0.
 */
import { StaticStorage } from '@pool/alloc';
import {
  type Address,
  domain,
  LINE_WORDS,
  Pool,
  PoolError,
  roundUp,
  Segments,
  type Slot,
  type WindowGrant,
} from '@pool/core';
import { type HostImports, type Instance, instantiate, LinkError, type VerifiedProgram } from '@pool/vm';
import { SetupError } from '../errors.ts';

export interface LoneOptions {
  /** Words of each window, where the program asks for fewer. */
  readonly words?: number;
  readonly fuel?: number;
  /** Told of every call of an imported function, such as `log(3)`. */
  readonly onImport?: (call: string) => void;
}

const SEGMENTS = 64;
const SEGMENT_BYTES = 65_536;
/** Nobody else is there to wake the program. */
const LONGEST_WAIT_MS = 1_000;

/** Links a program to a new pool. @throws {SetupError} if there is no such memory, or the limits do not fit */
export function instantiateAlone(program: VerifiedProgram, { words = 0, fuel, onImport }: LoneOptions): Instance {
  const sizes = program.windows.map((window) => ({ ...window, words: Math.max(window.words, words) }));
  const blocks = StaticStorage.size(SEGMENTS, SEGMENT_BYTES);
  const needed = sizes.reduce(
    (sum, window) => sum + lines(window.words) + lines(window.slots),
    roundUp(blocks, LINE_WORDS),
  );
  try {
    const pool = Pool.create({ words: needed, owners: 1, segments: SEGMENTS });
    const storage = new StaticStorage({ base: pool.reserve(blocks), blocks: SEGMENTS, blockBytes: SEGMENT_BYTES });
    const own = domain(1);
    const windows = sizes.map((window): WindowGrant => {
      const base = reserve(pool, window.words);
      const slotBase = reserve(pool, window.slots) as number as Slot;
      return { name: window.name, base, words: window.words, slotBase, slots: window.slots, domain: own };
    });
    return instantiate(program, {
      words: pool,
      windows,
      imports: standIns(program, onImport),
      segments: new Segments(pool, { storage }).access({ domains: new Set([own]) }),
      limits: { longestWait: LONGEST_WAIT_MS, ...(fuel === undefined ? {} : { fuel }) },
    });
  } catch (cause) {
    if (cause instanceof LinkError) throw new SetupError([{ message: cause.message }], { cause });
    if (cause instanceof PoolError)
      throw new SetupError([{ message: `no pool for ${program.name}: ${cause.message}` }], { cause });
    throw cause;
  }
}

function standIns({ program }: VerifiedProgram, onImport?: (call: string) => void): HostImports {
  return Object.fromEntries(
    program.imports.map(({ name, parameters, returnsValue }) => {
      const call = (...given: bigint[]): bigint | undefined => {
        onImport?.(`${name}(${given.join(', ')})${returnsValue ? ' gives 0' : ''}`);
        return returnsValue ? 0n : undefined;
      };
      return [name, Object.defineProperty(call, 'length', { value: parameters })];
    }),
  );
}

function lines(words: number): number {
  return roundUp(words, LINE_WORDS);
}

function reserve(pool: Pool, words: number): Address {
  return words === 0 ? (0 as Address) : pool.reserve(words);
}
