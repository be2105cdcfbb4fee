/** Words of granted windows by the names of the source: places, `job.next`, and whole windows, `job`. */
import type { Address, WindowGrant, Words } from '@pool/core';
import { LinkError } from '../errors.ts';
import type { LinkedPlaces } from '../interpreter/link-windows.ts';
import type { Program } from '../program/program.ts';

/** A range of words that has a name. */
export interface NamedWords {
  readonly name: string;
  /** The pool's address of the first. */
  readonly base: Address;
  readonly length: number;
}

/** A word that is watched, and what it last held. */
export interface Watch {
  readonly number: number;
  readonly name: string;
  readonly address: Address;
  last: bigint;
}

export interface WordChange {
  readonly watch: number;
  readonly name: string;
  readonly before: bigint;
  readonly after: bigint;
}

export class WordNames {
  readonly all: readonly NamedWords[];
  readonly #words: Words | undefined;

  constructor(program: Program, places: LinkedPlaces, grants: readonly WindowGrant[], words: Words | undefined) {
    const windows = program.windows.flatMap(({ name }) => grants.find((grant) => grant.name === name) ?? []);
    const named = program.places.flatMap((place, index): NamedWords[] =>
      place.kind === 'slots' || windows.some(({ name }) => name === place.name)
        ? []
        : [{ name: place.name, base: places.bases[index] as Address, length: places.lengths[index] as number }],
    );
    this.all = [...windows.map(({ name, base, words: length }) => ({ name, base, length })), ...named];
    this.#words = words;
  }

  /** @throws {LinkError} if there is no such name, or it has no such word */
  address(name: string, index: number): Address {
    const found = this.all.find((one) => one.name === name);
    if (found === undefined) {
      const names = this.all.map((one) => one.name).join(', ') || 'none';
      throw new LinkError(`there are no words ${name}; there are ${names}`);
    }
    if (!(Number.isInteger(index) && index >= 0 && index < found.length))
      throw new LinkError(`${name} has ${found.length} words, and no word ${index}`);
    return (found.base + index) as Address;
  }

  read(address: Address): bigint {
    return (this.#words as Words).load(address);
  }
}

/** Brings watches up to date; gives what has changed. */
export function changesOf(watches: Iterable<Watch>, words: WordNames): WordChange[] {
  const changes: WordChange[] = [];
  for (const watch of watches) {
    const after = words.read(watch.address);
    if (after === watch.last) continue;
    changes.push({ watch: watch.number, name: watch.name, before: watch.last, after });
    watch.last = after;
  }
  return changes;
}
