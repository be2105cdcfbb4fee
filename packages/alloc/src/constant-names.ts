import { ValueError } from '@pool/core';

/** `itemWaiters` and `item-waiters` as assembly writes constants: `ITEM_WAITERS`. */
export function constantName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/** The constants that come of some names, each once. */
export class Constants {
  readonly #names: readonly string[];
  readonly #found = new Map<string, bigint>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @throws {ValueError} if there is such a constant already, or it is no name in assembly */
  add(constant: string, value: number): void {
    if (!/^[A-Z_]/.test(constant)) throw new ValueError(constant, 'no constant of assembly begins like this');
    if (this.#found.has(constant))
      throw new ValueError(constant, `two names in ${this.#names.join(', ')} become this constant`);
    this.#found.set(constant, BigInt(value));
  }

  all(): Record<string, bigint> {
    return Object.fromEntries(this.#found);
  }
}
