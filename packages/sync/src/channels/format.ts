/**
 * What a channel carries. A message is one word, or bytes up to a length that is fixed when the channel is made: either lies
 * in the cell itself, so sending allocates nothing that a death could leave behind. A codec turns values into bytes and back.
 */
import { type Address, bitsOfDouble, CorruptError, doubleOfBits, ValueError, WORD_BYTES, type Words } from '@pool/core';
import { lengthOf } from '../internal/given-bytes.ts';
import { bytesOfSlab, encodeText } from './text-bytes.ts';

/** Turns values into bytes and back. Ones for other encodings (msgpackr, structured clones) are objects of this shape. */
export interface Codec<T> {
  /** For messages about it. */
  readonly name: string;
  encode(value: T): Uint8Array;
  /** Called with bytes of its own, which it may keep. */
  decode(bytes: Uint8Array): T;
}

/** Bytes as they are. */
export const bytes: Codec<Uint8Array> = { name: 'bytes', encode: (value) => value, decode: (value) => value };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text. A lone surrogate arrives as U+FFFD. @throws {ValueError} for what is no string */
export const utf8: Codec<string> = {
  name: 'utf8',
  encode(value) {
    if (typeof value !== 'string') throw new ValueError(value, 'this channel carries text');
    return encodeText(value);
  },
  decode: (value) => decoder.decode(value),
};

/** What `JSON.stringify` can say. @throws {ValueError} for what it cannot, such as `undefined`, a function or a `bigint` */
export const json: Codec<unknown> = {
  name: 'json',
  encode(value) {
    let text: string | undefined;
    let why = '';
    try {
      text = JSON.stringify(value);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // of a `toJSON`
      why = `: ${error.message}`;
    }
    if (text === undefined) throw new ValueError(typeof value, `JSON has no word for it${why}`);
    return encodeText(text);
  },
  decode: (value) => JSON.parse(decoder.decode(value)) as unknown,
};

/** Codecs that keep nothing of the bytes they decode. */
const KEEPS_NOTHING: ReadonlySet<unknown> = new Set([utf8, json]);

/** A message as it is moved: a word, a number, which is a word as well, or the bytes that a codec has made. */
export type Packed = bigint | number | Uint8Array;

/** How messages of one channel lie in its words. */
export interface Format<T> {
  readonly name: string;
  /** Words of a message in its cell. */
  readonly payloadWords: number;
  /** Checks and encodes a value. @throws {ValueError} if it does not fit */
  pack(value: T): Packed;
  /** What was packed, as it is now, for a message that waits: what the codec has given may be its own, or its caller's, to use again. */
  keep(packed: Packed): Packed;
  unpack(packed: Packed): T;
  store(words: Words, at: Address, packed: Packed): void;
  fetch(words: Words, at: Address): Packed;
}

/** The same where each message is one word. */
export interface WordFormat<T> extends Format<T> {
  readonly ofWords: 'words' | 'numbers';
  /** What stands in memory. */
  wordOf(packed: Packed): bigint;
  packedIn(word: bigint): Packed;
}

/** 64-bit words, as `bigint`. */
export const WORDS: WordFormat<bigint> = {
  name: 'words',
  ofWords: 'words',
  payloadWords: 1,
  pack(value) {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    return value;
  },
  keep: (packed) => packed,
  unpack: (packed) => packed as bigint,
  wordOf: (packed) => packed as bigint,
  packedIn: (word) => word,
  store: (words, at, packed) => words.storePlain(at, packed as bigint),
  fetch: (words, at) => words.loadPlain(at),
};

/** Any number, by its bits. */
export const NUMBERS: WordFormat<number> = {
  name: 'numbers',
  ofWords: 'numbers',
  payloadWords: 1,
  pack(value) {
    if (typeof value !== 'number') throw new ValueError(value, 'this channel carries numbers');
    return value;
  },
  keep: (packed) => packed,
  unpack: (packed) => packed as number,
  wordOf: (packed) => bitsOfDouble(packed as number),
  packedIn: doubleOfBits,
  store: (words, at, packed) => words.storePlain(at, bitsOfDouble(packed as number)),
  fetch: (words, at) => doubleOfBits(words.loadPlain(at)),
};

/** Values through a codec, of at most `messageBytes` bytes each. */
export function coded<T>(codec: Codec<T>, messageBytes: number): Format<T> {
  const passing = KEEPS_NOTHING.has(codec);
  return {
    name: codec.name,
    payloadWords: 1 + Math.ceil(messageBytes / WORD_BYTES),
    pack(value) {
      const encoded = codec.encode(value);
      const length = lengthOf(encoded);
      if (!(length <= messageBytes))
        throw new ValueError(
          (encoded as Uint8Array | null | undefined)?.length ?? typeof encoded,
          Number.isNaN(length)
            ? `codec ${codec.name} encodes to bytes`
            : `a message of this channel has at most ${messageBytes} bytes: make it with a larger \`messageBytes\``,
        );
      return encoded;
    },
    keep: (packed) => (packed as Uint8Array).slice(), // of a slab, too: whoever calls a built-in codec himself can transfer that
    unpack: (packed) => codec.decode(packed as Uint8Array),
    store(words, at, packed) {
      const content = packed as Uint8Array;
      const length = Math.min(content.length, messageBytes); // longer by now: another thread has grown its buffer
      words.storePlainNumber(at, length);
      words.copyIn((at + 1) as Address, content, 0, length);
    },
    fetch(words, at) {
      const length = words.loadPlainNumber(at);
      if (length > messageBytes)
        throw new CorruptError(`channel: a message says it has ${length} bytes, and ${messageBytes} is the most`);
      const content = passing ? bytesOfSlab(length) : new Uint8Array(length);
      words.copyOut((at + 1) as Address, content);
      return content;
    },
  };
}

/** Whether its messages are words. */
export function isOfWords(format: Format<never>): format is WordFormat<never> {
  return 'ofWords' in format;
}
