/** Words of granted windows by the names of the source: places, `job.next`, and whole windows, `job`. */
import type { Address, WindowGrant, Words } from '@pool/core';
import { LinkError } from '../errors.ts';
import { shown } from '../interpreter/given.ts';
import type { LinkedPlaces } from '../interpreter/link-windows.ts';
import type { Program } from '../program/program.ts';

/** A range of words that has a name. */
export interface NamedWords {
  readonly name: string;
  /** The pool's address of the first. */
  readonly base: Address;
  readonly length: number;
}

/** Words that are watched, and what they last held: a place or a window, or one word of it. */
export interface Watch {
  readonly number: number;
  /** As it was asked for: `job.next`, `job.cells`, `job.cells[2]`. */
  readonly name: string;
  /** The pool's address of the first. */
  readonly address: Address;
  readonly last: readonly bigint[];
}

export interface WordChange {
  readonly watch: number;
  /** Of the word: `job.cells[2]`, also where all of `job.cells` is watched. */
  readonly name: string;
  readonly before: bigint;
  readonly after: bigint;
}

/** A watch as a session keeps it. */
export interface KeptWatch extends Watch {
  readonly words: readonly { readonly name: string; readonly address: Address }[];
  readonly last: bigint[];
}

/** Each watched word is read after each instruction. */
const MOST_WATCHED = 1024;

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
    const found = this.#find(name);
    if (!(Number.isInteger(index) && index >= 0 && index < found.length))
      throw new LinkError(`${name} has ${counted(found.length)}, and no word ${shown(index)}`);
    return (found.base + index) as Address;
  }

  /**
   * A watch of one word, or of all that `name` has.
   * @throws {LinkError} if there is no such word, or there are too many
   */
  watch(number: number, name: string, index: number | undefined): KeptWatch {
    const { length } = this.#find(name);
    if (index === undefined && length > MOST_WATCHED)
      throw new LinkError(
        `${name} has ${counted(length)}, and a watch at most ${MOST_WATCHED}: name one, as ${name}[0]`,
      );
    const first = this.address(name, index ?? 0);
    const nameOf = (at: number): string => (length === 1 ? name : `${name}[${at}]`);
    const words = Array.from({ length: index === undefined ? length : 1 }, (_, offset) => ({
      name: nameOf((index ?? 0) + offset),
      address: (first + offset) as Address,
    }));
    const last = words.map(({ address }) => this.read(address));
    return { number, name: index === undefined ? name : nameOf(index), address: first, words, last };
  }

  #find(name: string): NamedWords {
    const found = this.all.find((one) => one.name === name);
    if (found !== undefined) return found;
    const names = this.all.map((one) => one.name).join(', ') || 'none';
    throw new LinkError(`there are no words ${name}; there are ${names}`);
  }

  read(address: Address): bigint {
    return (this.#words as Words).load(address);
  }
}

/** Brings watches up to date; gives what has changed. */
export function changesOf(watches: Iterable<KeptWatch>, words: WordNames): WordChange[] {
  const changes: WordChange[] = [];
  for (const watch of watches) {
    watch.words.forEach(({ name, address }, index) => {
      const after = words.read(address);
      const before = watch.last[index] as bigint;
      if (after === before) return;
      changes.push({ watch: watch.number, name, before, after });
      watch.last[index] = after;
    });
  }
  return changes;
}

function counted(words: number): string {
  return words === 1 ? '1 word' : `${words} words`;
}
