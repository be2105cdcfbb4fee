/**
 * Windows and their named places. Fields follow each other from address 0 unless they say where they stand; words and slots are
 * counted apart. Every field is a place; `window[3]` and `window.field[3]` become places of their own when they are used.
 */
import { type Place as ProgramPlace, REST, type WindowDeclaration } from '../program/program.ts';
import type { Constants } from './constants.ts';
import type { Place } from './diagnostics.ts';
import { MAX_COUNTED } from './limits.ts';
import { didYouMean } from './suggest.ts';
import type { Expression, ListedPlace, WindowField, WindowSyntax } from './syntax.ts';

/** What the binary format has room for; whether a pool is as large is seen when the program is linked. */
const MAX_WORDS = 2n ** 32n - 1n;
/** One more means the rest of the window. */
const MAX_LENGTH = BigInt(REST) - 1n;

interface WindowInfo {
  readonly index: number;
  readonly declaration: { readonly name: string; words: number; slots: number };
}

export class Windows {
  readonly places: ProgramPlace[] = [];
  readonly #constants: Constants;
  readonly #windows = new Map<string, WindowInfo>();
  readonly #declarations: WindowInfo['declaration'][] = [];
  readonly #named = new Map<string, number>();
  readonly #listed: boolean;

  /** `listed`: the text declares its places in a table of its own, so windows make none. */
  constructor(constants: Constants, listed = false) {
    this.#constants = constants;
    this.#listed = listed;
  }

  get declarations(): readonly WindowDeclaration[] {
    return this.#declarations.map((declaration) => ({ ...declaration }));
  }
  /** Every name that stands for a place. */
  names(): Iterable<string> {
    return this.#named.keys();
  }
  windowNames(): Iterable<string> {
    return this.#windows.keys();
  }
  windowIndex(name: string): number | undefined {
    return this.#windows.get(name)?.index;
  }

  declare(syntax: WindowSyntax): void {
    const { diagnostics } = this.#constants;
    if (this.#windows.has(syntax.name)) {
      diagnostics.report(syntax.at, `window ${syntax.name} is declared twice`);
      return;
    }
    const window: WindowInfo = {
      index: this.#windows.size,
      declaration: { name: syntax.recorded ?? syntax.name, words: 0, slots: 0 },
    };
    this.#windows.set(syntax.name, window);
    this.#declarations.push(window.declaration);
    if (window.index === MAX_COUNTED) diagnostics.report(syntax.at, `a program has at most ${MAX_COUNTED} windows`);
    const next = { words: 0, slots: 0 };
    for (const field of syntax.fields) this.#declareField(window, field, next);
    for (const kind of ['words', 'slots'] as const) {
      const size = syntax[kind];
      const given =
        size === undefined ? undefined : this.#constants.integer(size, `the number of ${kind}`, 0n, MAX_WORDS);
      if (size !== undefined && given === undefined) this.#constants.markBroken(syntax.name);
      if (size !== undefined && given !== undefined && given < window.declaration[kind])
        diagnostics.report(
          size.at,
          `window ${syntax.name} says ${given} ${kind}, but its fields need ${window.declaration[kind]}`,
        );
      window.declaration[kind] = Math.max(window.declaration[kind], Number(given ?? 0n));
    }
    if (!this.#listed)
      this.#add(
        syntax.name,
        { name: syntax.name, kind: 'words', window: window.index, address: 0, length: REST },
        syntax.at,
      );
  }

  /** A place of a listing. */
  declarePlace({ name, recorded, slots, window: at, length, address, at: listedAt }: ListedPlace): void {
    const window = this.#windows.get(at.text)?.index;
    if (window === undefined)
      this.#constants.diagnostics.report(at, `no window is named ${at.text}`, () =>
        didYouMean(at.text, this.windowNames()),
      );
    const from = this.#constants.integer(address, `the address of ${name}`, 0n, MAX_WORDS);
    const count = length === 'rest' ? REST : this.#constants.integer(length, `the length of ${name}`, 0n, MAX_LENGTH);
    if (window === undefined || from === undefined || count === undefined) return;
    const kind = slots ? 'slots' : 'words';
    const place = { name: recorded ?? name, kind, window, address: Number(from), length: Number(count) } as const;
    this.#add(name, place, listedAt);
  }

  #declareField(window: WindowInfo, field: WindowField, next: { words: number; slots: number }): void {
    const { diagnostics } = this.#constants;
    const kind = field.slots ? 'slots' : 'words';
    const name = `${window.declaration.name}.${field.name}`;
    if (this.#named.has(name)) diagnostics.report(field.at, `${name} is declared twice`);
    const address =
      field.address === undefined
        ? BigInt(next[kind])
        : this.#constants.integer(field.address, `the address of ${name}`, 0n, MAX_WORDS - 1n);
    const open = field.length === 'rest';
    const length =
      field.length === undefined || field.length === 'rest'
        ? 1n
        : this.#constants.integer(field.length, `the length of ${name}`, 1n, MAX_LENGTH);
    if (address === undefined || length === undefined) {
      this.#constants.markBroken(name);
      return;
    }
    // A rest may be empty in the smallest window, so it asks for nothing.
    const end = Number(address) + (open ? 0 : Number(length));
    if (end > MAX_WORDS) {
      diagnostics.report(field.at, `${name} ends at ${end}, and a window has at most ${MAX_WORDS} ${kind}`);
      this.#constants.markBroken(name);
      return;
    }
    next[kind] = end;
    window.declaration[kind] = Math.max(window.declaration[kind], end);
    const place = {
      name,
      kind,
      window: window.index,
      address: Number(address),
      length: open ? REST : Number(length),
    } as const;
    this.#add(name, place, field.at);
    if (!open) this.#constants.define(`${name}.length`, undefined, () => length);
  }

  #add(name: string, place: ProgramPlace, at: Place): number {
    if (this.places.length === MAX_COUNTED)
      this.#constants.diagnostics.report(
        at,
        `a program has at most ${MAX_COUNTED} places, fields and elements with a constant index together`,
        'an index in a register needs no place of its own',
      );
    const index = this.places.push(place) - 1;
    this.#named.set(name, index);
    return index;
  }

  /** The place with a name, whatever its kind. */
  find(name: string): { readonly index: number; readonly place: ProgramPlace } | undefined {
    const index = this.#named.get(name);
    return index === undefined ? undefined : { index, place: this.places[index] as ProgramPlace };
  }

  /** The place of one element at a constant index; `undefined` once the reason has been reported. */
  element(name: string, index: Expression, at: Place): number | undefined {
    const array = this.find(name)?.place;
    if (array === undefined) return undefined;
    const window = this.#declarations[array.window] as WindowDeclaration;
    const limit = array.length === REST ? window[array.kind] - array.address : array.length;
    const value = this.#constants.evaluate(index);
    if (value === undefined) return undefined;
    if (typeof value !== 'bigint' || value < 0n || value >= limit) {
      const declared =
        array.length === REST
          ? `window ${window.name} is declared with ${window[array.kind]} ${array.kind}`
          : `it has ${limit}`;
      this.#constants.diagnostics.report(at, `index ${value} is outside ${name}: ${declared}`);
      return undefined;
    }
    const elementName = `${name}[${value}]`;
    const place = {
      name: elementName,
      kind: array.kind,
      window: array.window,
      address: array.address + Number(value),
      length: 1,
    };
    return this.#named.get(elementName) ?? this.#add(elementName, place, at);
  }
}
