/**
 * The words that a program touches, numbered densely in the order in which they were first seen, so that the graph can keep
 * arrays by place. Places outlive every graph: the same word has the same place in each of them.
 *
 * The queue of threads that wait at a word is a place of its own, with the address -1 - word.
 */
export class Places {
  readonly addresses: number[] = [];
  /** What each place holds before any thread runs. */
  readonly initial: bigint[] = [];
  readonly #places: Map<number, number> = new Map();
  readonly #initialOf: (address: number) => bigint;

  constructor(initialOf: (address: number) => bigint) {
    this.#initialOf = initialOf;
  }

  of(address: number): number {
    const known = this.#places.get(address);
    if (known !== undefined) return known;
    const place = this.addresses.length;
    this.#places.set(address, place);
    this.addresses.push(address);
    this.initial.push(address < 0 ? 0n : this.#initialOf(address));
    return place;
  }

  /** The queue of those that wait at a word. */
  queueOf(address: number): number {
    return this.of(-1 - address);
  }

  get count(): number {
    return this.addresses.length;
  }
}
