/**
 * One word of state and an event count for those who wait until it changes: what the simple objects are made of.
 *
 *   magic    which object this is
 *   state    the object's own; written by compare-exchange
 *   value    the object's own
 *   event    event count: changes when the state did while somebody was waiting
 *   waiters  threads that are parked, or about to be
 */
import {
  type Address,
  type Layout,
  LINE_WORDS,
  layout,
  type Placed,
  words as several,
  type Words,
  word,
} from '@pool/core';
import { assertStands, assertWords, moveWord, startOf } from '../internal/standing.ts';
import { EventCount } from '../waiting/event-count.ts';

type Field = 'magic' | 'state' | 'value' | 'event' | 'waiters' | 'reserved';

/** One line: these objects change seldom, and all who look at one word of it look at the others. */
export const SIGNALLED_WORD: Layout<Field> = layout('signalled word', {
  magic: word,
  state: word,
  value: word,
  event: word,
  waiters: word,
  reserved: several(LINE_WORDS - 5),
});

export interface StartOptions {
  /** Where counters begin, for tests of their wrapping. */
  readonly start?: bigint;
}

export class SignalledWord {
  readonly words: Words;
  readonly base: Address;
  readonly at: Placed<Field>;
  readonly events: EventCount;

  private constructor(words: Words, base: Address) {
    const at = SIGNALLED_WORD.at(base);
    this.words = words;
    this.base = base;
    this.at = at;
    this.events = new EventCount(words, at.event, at.waiters);
  }

  static create(words: Words, base: Address, state: number, options: StartOptions = {}): SignalledWord {
    const created = new SignalledWord(words, base);
    const { at } = created;
    assertWords(words);
    const start = startOf(options);
    words.storeNumber(at.state, state);
    words.storeNumber(at.value, 0);
    words.storeNumber(at.waiters, 0);
    words.store(at.event, start);
    return created;
  }

  static attach(words: Words, base: Address, name: string, magic: bigint): SignalledWord {
    assertStands(words, base, SIGNALLED_WORD.at(base).magic, magic, name);
    return new SignalledWord(words, base);
  }

  /** Says that the object is complete. */
  publish(magic: bigint): void {
    this.words.store(this.at.magic, magic); // pairs with load(magic) in assertStands()
  }

  /** @throws {CorruptError} if the word is none that there can be */
  read(): number {
    return this.words.loadNumber(this.at.state);
  }

  /** @throws {CorruptError} as `read` */
  move(from: number, to: number): boolean {
    return moveWord(this.words, this.at.state, from, to);
  }
}
