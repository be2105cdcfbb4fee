/**
 * What a channel carries. A message is one word, or bytes up to a length that is fixed when the channel is made: either lies
 * in the cell itself, so sending allocates nothing that a death could leave behind. A codec turns values into bytes and back.
 */
import { type Address, CorruptError, ValueError, WORD_BYTES, type Words } from '@pool/core';
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

/** How messages of one channel lie in its words. */
export interface Format<T> {
  readonly name: string;
  /** Words of a message in its cell. */
  readonly payloadWords: number;
  /** Checks and encodes a value. @throws {ValueError} if it does not fit */
  pack(value: T): bigint | Uint8Array;
  unpack(packed: bigint | Uint8Array): T;
  store(words: Words, at: Address, packed: bigint | Uint8Array): void;
  fetch(words: Words, at: Address): bigint | Uint8Array;
}

const storeWord = (words: Words, at: Address, packed: bigint | Uint8Array): void =>
  words.storePlain(at, packed as bigint);
const fetchWord = (words: Words, at: Address): bigint => words.loadPlain(at);

/** 64-bit words, as `bigint`. */
export const WORDS: Format<bigint> = {
  name: 'words',
  payloadWords: 1,
  pack(value) {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    return value;
  },
  unpack: (packed) => packed as bigint,
  store: storeWord,
  fetch: fetchWord,
};

const asNumber = new Float64Array(1);
const asWord = new BigUint64Array(asNumber.buffer);

/** Any number, by its bits. */
export const NUMBERS: Format<number> = {
  name: 'numbers',
  payloadWords: 1,
  pack(value) {
    if (typeof value !== 'number') throw new ValueError(value, 'this channel carries numbers');
    asNumber[0] = value;
    return asWord[0] as bigint;
  },
  unpack(packed) {
    asWord[0] = packed as bigint;
    return asNumber[0] as number;
  },
  store: storeWord,
  fetch: fetchWord,
};

/** Values through a codec, of at most `messageBytes` bytes each. */
export function coded<T>(codec: Codec<T>, messageBytes: number): Format<T> {
  const passing = KEEPS_NOTHING.has(codec);
  return {
    name: codec.name,
    payloadWords: 1 + Math.ceil(messageBytes / WORD_BYTES),
    pack(value) {
      const encoded = codec.encode(value);
      if (!(encoded instanceof Uint8Array))
        throw new ValueError(typeof encoded, `codec ${codec.name} encodes to bytes`);
      if (encoded.length > messageBytes)
        throw new ValueError(
          encoded.length,
          `a message of this channel has at most ${messageBytes} bytes: make it with a larger \`messageBytes\``,
        );
      return encoded;
    },
    unpack: (packed) => codec.decode(packed as Uint8Array),
    store(words, at, packed) {
      const content = packed as Uint8Array;
      words.storePlainNumber(at, content.length);
      words.copyIn((at + 1) as Address, content);
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
