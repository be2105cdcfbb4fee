/**
 * A stack of words. Nodes are numbered, and two lists run through them: those on the stack, and those that are free. The first
 * node of each list stands in a head, moved by compare-exchange; beside it a tag counts the changes, so that a thread which
 * read a node's successor and was held up cannot bring it back when the same node is first again (ABA).
 *
 * Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118, 1986.
 *
 *   magic, capacity, tagBits   constant
 *   top    { tag: 29, node: 24 }; the stack; 0: empty, else the node's index + 1. Written by compare-exchange    own line
 *   free   { tag: 29, node: 24 }; the free nodes, the same                                                        own line
 *   nodes  { next, value } each; next is read by threads that may be late, so it is atomic; the value is the one's who took the
 *          node off a list, so it is plain
 *
 * The tag wraps after 2^29 changes of one head: a thread would have to be held up between a load and a compare-exchange for
 * exactly so many.
 *
 * Progress: push and pop are lock-free; they go round again only when another thread got further. A thread that dies inside one
 * of them may take one node along, never another's value; `repair` finds such nodes at a quiet moment.
 */
import {
  type Address,
  AttachError,
  CorruptError,
  type Layout,
  layout,
  ownLine,
  type Placed,
  rest,
  ValueError,
  type Words,
  word,
} from '@pool/core';
import { assertStands, assertWords, magicWord, moveWord, startOf } from '../internal/standing.ts';

type StackField = 'magic' | 'capacity' | 'tagBits' | 'top' | 'free' | 'nodes';

/** The stack's words. */
export const TREIBER_STACK: Layout<StackField> = layout('treiber stack', {
  magic: word,
  capacity: word,
  tagBits: word,
  top: ownLine,
  free: ownLine,
  nodes: rest,
});

export const TREIBER_STACK_MAGIC: bigint = magicWord('stack', 1);

const NAME = 'treiber stack';
const NODE_WORDS = 2;
const NODE_BITS = 24;
const NODES = 2 ** NODE_BITS;
const MOST_TAG_BITS = 29;
const NONE = 0;

export interface TreiberStackOptions {
  /** How many words fit, at most 2^24 - 1. */
  readonly capacity: number;
  /** Where the tags begin, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
  /** Bits of the tags, fewer only to show what they are for. Default: 29. */
  readonly tagBits?: number;
}

export class TreiberStack {
  readonly base: Address;
  readonly capacity: number;
  readonly #words: Words;
  readonly #at: Placed<StackField>;
  readonly #tags: number;

  private constructor(words: Words, base: Address, capacity: number, tagBits: number) {
    this.base = base;
    this.capacity = capacity;
    this.#words = words;
    this.#at = TREIBER_STACK.at(base);
    this.#tags = 2 ** tagBits;
  }

  /** How many words to reserve. @throws {ValueError} for a capacity that is none of 1..2^24 - 1 */
  static size(options: TreiberStackOptions): number {
    return TREIBER_STACK.size(checked(options).capacity * NODE_WORDS);
  }

  /** Lays an empty stack into words that are the caller's own. */
  static create(words: Words, base: Address, options: TreiberStackOptions): TreiberStack {
    const { capacity, tagBits = MOST_TAG_BITS } = checked(options);
    assertWords(words);
    const stack = new TreiberStack(words, base, capacity, tagBits);
    const at = stack.#at;
    const tag = Number(startOf(options) % BigInt(stack.#tags));
    for (let node = 1; node <= capacity; node++)
      words.storeNumber(stack.#next(node), node < capacity ? node + 1 : NONE);
    words.storeNumber(at.capacity, capacity);
    words.storeNumber(at.tagBits, tagBits);
    words.storeNumber(at.top, tag * NODES + NONE);
    words.storeNumber(at.free, tag * NODES + 1);
    words.store(at.magic, TREIBER_STACK_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return stack;
  }

  /** The stack that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): TreiberStack {
    const at = TREIBER_STACK.at(base);
    assertStands(words, base, at.magic, TREIBER_STACK_MAGIC, NAME);
    const [capacity, tagBits] = [Number(words.load(at.capacity)), Number(words.load(at.tagBits))];
    const fits = isCapacity(capacity) && isTagBits(tagBits);
    if (!fits || base + TREIBER_STACK.size(capacity * NODE_WORDS) > words.size)
      throw new AttachError(`the stack at word ${base} says it has ${capacity} nodes, which cannot be`);
    return new TreiberStack(words, base, capacity, tagBits);
  }

  /** Whether there was nothing on the stack, a moment ago. */
  get isEmpty(): boolean {
    return this.#nodeOf(this.#words.loadNumber(this.#at.top)) === NONE;
  }

  /**
   * Pushes if there is a free node. Never waits. Progress: lock-free.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the stack's words do not hold together
   */
  tryPush(value: bigint): 'ok' | 'full' {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    const node = this.#take(this.#at.free);
    if (node === NONE) return 'full';
    this.#words.storePlain(this.#value(node), value);
    this.#put(this.#at.top, node);
    return 'ok';
  }

  /** As `tryPush`, for a number of 0..2^53-1. */
  tryPushNumber(value: number): 'ok' | 'full' {
    if (!Number.isSafeInteger(value) || value < 0) throw new ValueError(value, 'an integer of 0..2^53-1');
    const node = this.#take(this.#at.free);
    if (node === NONE) return 'full';
    this.#words.storePlainNumber(this.#value(node), value);
    this.#put(this.#at.top, node);
    return 'ok';
  }

  /** Pops if there is something. Never waits. Progress: lock-free. */
  tryPop(): bigint | 'empty' {
    const node = this.#take(this.#at.top);
    if (node === NONE) return 'empty';
    const value = this.#words.loadPlain(this.#value(node));
    this.#put(this.#at.free, node);
    return value;
  }

  /** As `tryPop`, where words are known to be below 2^53. @throws {CorruptError} for another one, which stays on top */
  tryPopNumber(): number | 'empty' {
    const node = this.#take(this.#at.top);
    if (node === NONE) return 'empty';
    let to = this.#at.top;
    try {
      const value = this.#words.loadPlainNumber(this.#value(node));
      to = this.#at.free;
      return value;
    } finally {
      this.#put(to, node);
    }
  }

  /**
   * Frees the nodes that are on neither list, since their threads died with them; how many. Only while no other thread uses
   * the stack: a node that somebody is about to push is on neither list too.
   */
  repair(): number {
    const lost = new Set(Array.from({ length: this.capacity }, (_, index) => index + 1));
    for (const head of [this.#at.top, this.#at.free]) {
      for (let node = this.#nodeOf(this.#words.loadNumber(head)); node !== NONE; node = this.#nextOf(node))
        if (!lost.delete(node)) throw new CorruptError(`${NAME}: node ${node - 1} is on its lists twice`);
    }
    for (const node of lost) this.#put(this.#at.free, node);
    return lost.size;
  }

  /** Takes the first node off a list; `NONE` if there is none. */
  #take(head: Address): number {
    for (;;) {
      const seen = this.#words.loadNumber(head); // pairs with compareExchange(head) in #put(): its node is written
      const node = this.#nodeOf(seen);
      if (node === NONE) return NONE;
      const next = this.#nextOf(node); // of no use if the node has been taken by now, and then the tag is another one
      if (moveWord(this.#words, head, seen, this.#following(seen) + next)) return node;
    }
  }

  /** Puts a node of one's own first on a list. */
  #put(head: Address, node: number): void {
    for (;;) {
      const seen = this.#words.loadNumber(head);
      this.#words.storeNumber(this.#next(node), this.#nodeOf(seen));
      // pairs with load(head) in #take(): publishes the node
      if (moveWord(this.#words, head, seen, this.#following(seen) + node)) return;
    }
  }

  /** The next tag, in its place. */
  #following(head: number): number {
    return ((Math.floor(head / NODES) + 1) & (this.#tags - 1)) * NODES;
  }

  #nodeOf(head: number): number {
    return this.#checked(head & (NODES - 1));
  }

  #nextOf(node: number): number {
    return this.#checked(this.#words.loadNumber(this.#next(node)));
  }

  #checked(node: number): number {
    if (node > this.capacity) throw new CorruptError(`${NAME}: node ${node - 1} of ${this.capacity}`);
    return node;
  }

  #next(node: number): Address {
    return (this.#at.nodes + (node - 1) * NODE_WORDS) as Address;
  }

  #value(node: number): Address {
    return (this.#next(node) + 1) as Address;
  }
}

function isCapacity(capacity: number): boolean {
  return Number.isInteger(capacity) && capacity >= 1 && capacity < NODES;
}

function isTagBits(bits: number): boolean {
  return Number.isInteger(bits) && bits >= 1 && bits <= MOST_TAG_BITS;
}

function checked(options: TreiberStackOptions): TreiberStackOptions {
  if (!isCapacity(options?.capacity))
    throw new ValueError(options?.capacity, `a stack has room for 1..${NODES - 1} words`);
  const { tagBits = MOST_TAG_BITS } = options;
  if (!isTagBits(tagBits)) throw new ValueError(tagBits, `a tag has 1..${MOST_TAG_BITS} bits`);
  return options;
}
