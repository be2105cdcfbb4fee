/**
 * Programs of GenMC's test suite (Kokologiannakis, Marmanis, Vafeiadis and others), written anew from what they do, with the
 * numbers of executions that it expects. Where GenMC cuts a loop after so many turns, the thread ends there, since it counts
 * such executions.
 */
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../src/index.ts';

export type Body = (t: ModelThread) => unknown;

export interface Published {
  readonly program: ModelProgram;
  readonly sc?: number;
  readonly rc11?: number;
  readonly rf?: number;
}

export const [X, Y, Z, W] = [0, 1, 2, 3];
/** Where arrays are. */
export const ARRAY = 8;

export function program(...bodies: Body[]): ModelProgram {
  return { threads: Object.fromEntries(bodies.map((body, index) => [`t${index}`, (t: ModelThread) => void body(t)])) };
}

export function from(initial: Readonly<Record<number, number>>, ...bodies: Body[]): ModelProgram {
  return {
    ...program(...bodies),
    initial: (words) => {
      for (const [at, value] of Object.entries(initial)) words.store(Number(at) as never, BigInt(value));
    },
  };
}

export function each(count: number, body: (index: number) => Body): Body[] {
  return Array.from({ length: count }, (_, index) => body(index));
}

/** One program a size, with what is published for each. */
export function sizes(
  name: string,
  make: (size: number) => ModelProgram,
  published: Readonly<Record<number, Omit<Published, 'program'>>>,
): { [name: string]: Published } {
  return Object.fromEntries(
    Object.entries(published).map(([size, counts]) => [`${name} ${size}`, { program: make(Number(size)), ...counts }]),
  );
}

/** The same number whatever is counted. */
export function all(count: number): Omit<Published, 'program'> {
  return { sc: count, rc11: count, rf: count };
}

export function loads(...places: number[]): Body {
  return (t) => places.map((at) => t.load(at));
}

export function stores(...pairs: (readonly [at: number, value: number])[]): Body {
  return (t) => pairs.map(([at, value]) => t.store(at, value));
}

/** Holds a suite of programs to what is published. */
export function published(suite: string, programs: { readonly [name: string]: Published }): void {
  describe(suite, () => {
    it.each(Object.entries(programs))('%s', (_, { program, sc, rc11, rf }) => {
      for (const [model, equivalence, executions] of [
        ['sc', 'rf-co', sc],
        ['rc11', 'rf-co', rc11],
        ['rc11', 'rf', rf],
      ] as const) {
        if (executions === undefined) continue;
        const report = check(program, { model, equivalence, spinAssume: true });
        expect(report).toMatchObject({ model, executions, exhausted: true });
        expect(report.findings.filter(({ kind }) => kind !== 'stuck thread')).toEqual([]);
      }
    });
  });
}
