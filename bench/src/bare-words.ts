/** Numbers between two threads by a word each way that both park on, and nothing else: the floor under every wake. */

const LINE = 32;

export class BareWords {
  static readonly bytes: number = 3 * LINE * Int32Array.BYTES_PER_ELEMENT;
  /** Where they are: `{ sent, value }`, a line each way. */
  static readonly there: number = 0;
  static readonly back: number = LINE;
  readonly #words: Int32Array;
  readonly #out: number;
  readonly #in: number;
  #sent = 0;
  #received = 0;

  constructor(words: Int32Array, out: number, incoming: number) {
    this.#words = words;
    this.#out = out;
    this.#in = incoming;
  }

  send(value: number): void {
    this.#sent = (this.#sent + 1) | 0;
    this.#words[this.#out + 1] = value;
    Atomics.store(this.#words, this.#out, this.#sent); // pairs with the load in receive(): publishes the value
    Atomics.notify(this.#words, this.#out);
  }

  receive(): number {
    while (Atomics.load(this.#words, this.#in) === this.#received) Atomics.wait(this.#words, this.#in, this.#received);
    this.#received = (this.#received + 1) | 0;
    return this.#words[this.#in + 1] as number;
  }
}
