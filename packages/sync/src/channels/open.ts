/** Making channels, and attaching to their ends. */
import { type Address, AttachError, packOwner, type Storage, ValueError } from '@pool/core';
import { assertOptions, type OwnedWords, type OwnerOptions } from '../internal/standing.ts';
import { checkLanes } from '../queues/lanes.ts';
import { Channel, channelWords } from './channel.ts';
import { type ChannelKind, type ChannelShape, checkShape, segmentWords } from './channel-shape.ts';
import type { Clone } from './clone-table.ts';
import type { EndHandle } from './end.ts';
import { bytes, type Codec, coded, type Format, json, NUMBERS, utf8, WORDS, type WordFormat } from './format.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import type { Side } from './transport.ts';

/** What a channel carries, by name: words as `bigint`, any numbers, or what a built-in codec turns into bytes. */
export interface Carried {
  readonly words: bigint;
  readonly numbers: number;
  readonly bytes: Uint8Array;
  readonly utf8: string;
  readonly json: unknown;
}

export interface ChannelOptions<C> extends OwnerOptions {
  /** How many messages fit: a power of two of 2..2^22; 0: each send waits for its receiver; infinity: as many as `storage` has room for. */
  readonly capacity: number;
  /** Default: `words`. A codec of one's own, for anything else. */
  readonly carries?: C;
  /** How many threads may send and receive. `spsc` is the fastest for words and numbers. Default: `mpmc`. */
  readonly kind?: ChannelKind;
  /** The most bytes that a message has once encoded: room that each cell keeps. Default: 256. */
  readonly messageBytes?: number;
  /** How many clones each end can have. Default: 64. */
  readonly clones?: number;
  /** Of a channel without bound: where its room comes from, cells of a segment (default: 256), and how many segments (default: 1024). */
  readonly storage?: Storage;
  readonly segmentCells?: number;
  readonly segments?: number;
  /** Of words and numbers: how many senders have a lane of their own, see `ArrayQueue`. 0..15. Default: 4; without bound 1, for the room it takes. */
  readonly lanes?: number;
  /** Where positions begin, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
}

export interface AttachEndOptions<T> extends OwnerOptions {
  /** The codec, where it is not a built-in one: it cannot travel in the handle. */
  readonly codec?: Codec<T>;
  /** Of a channel without bound: this thread's own object for the same storage. */
  readonly storage?: Storage;
}

/** A codec of whatever values. */
interface AnyCodec {
  readonly name: string;
  encode(value: never): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

type CarriedBy<C> = C extends keyof Carried ? Carried[C] : C extends Codec<infer T> ? T : never;

const BUILT_IN: ReadonlyMap<string, Codec<never>> = new Map(
  [bytes, utf8, json].map((codec) => [codec.name, codec as Codec<never>]),
);
const RESERVED: ReadonlySet<string> = new Set(['words', 'numbers', ...BUILT_IN.keys()]);
const DEFAULT_MESSAGE_BYTES = 256;
const DEFAULT_CLONES = 64;
const DEFAULT_SEGMENT_CELLS = 256;
const DEFAULT_SEGMENTS = 1024;

function formatOf(carries: string | Codec<never>, messageBytes: number): Format<never> {
  if (carries === 'words') return WORDS as WordFormat<never>;
  if (carries === 'numbers') return NUMBERS as WordFormat<never>;
  const codec = typeof carries === 'string' ? BUILT_IN.get(carries) : carries;
  if (codec === undefined)
    throw new ValueError(carries, 'a channel carries words, numbers, bytes, utf8, json, or by a codec of yours');
  const { name, encode, decode } = codec ?? {};
  if (typeof name !== 'string' || typeof encode !== 'function' || typeof decode !== 'function')
    throw new ValueError(carries, 'a codec is { name, encode, decode }');
  if (RESERVED.has(name) && BUILT_IN.get(name) !== codec)
    throw new ValueError(
      name,
      'a codec of yours has a `name` of its own: whoever attaches would take it for the built-in one',
    );
  return coded(codec, messageBytes);
}

function shapeOf(options: ChannelOptions<unknown>): { shape: ChannelShape; format: Format<never> } {
  assertOptions(options, 'channel', 'capacity: 64');
  const { capacity, kind = 'mpmc', carries = 'words', clones = DEFAULT_CLONES } = options;
  const isCoded = carries !== 'words' && carries !== 'numbers';
  const messageBytes = isCoded ? (options.messageBytes ?? DEFAULT_MESSAGE_BYTES) : 0;
  if (isCoded && messageBytes === 0) throw new ValueError(messageBytes, '`messageBytes` is 1 or more');
  const unbounded = capacity === Number.POSITIVE_INFINITY;
  const segmentCells = unbounded ? (options.segmentCells ?? DEFAULT_SEGMENT_CELLS) : 0;
  const segments = unbounded ? (options.segments ?? DEFAULT_SEGMENTS) : 0;
  const ofCells = unbounded || (capacity !== 0 && kind !== 'spsc');
  const asked = checkLanes(options.lanes === undefined && unbounded ? 1 : options.lanes);
  const lanes = ofCells && !isCoded ? asked : 0;
  const shape = { kind, capacity, messageBytes, clones, segmentCells, segments, lanes };
  return { shape, format: formatOf(carries as string, messageBytes) };
}

/** How many words to reserve for a channel. @throws {ValueError} for options that cannot be */
export function channelSize<C extends keyof Carried | AnyCodec = 'words'>(options: ChannelOptions<C>): number {
  const { shape, format } = shapeOf(options);
  return channelWords(shape, format.payloadWords);
}

/**
 * How many words a segment of a channel without bound needs of its storage, in one piece.
 * @throws {ValueError} for options that cannot be
 */
export function channelSegmentSize<C extends keyof Carried | AnyCodec = 'words'>(options: ChannelOptions<C>): number {
  const { shape, format } = shapeOf(options);
  if (checkShape(shape).capacity !== Number.POSITIVE_INFINITY)
    throw new ValueError(options.capacity, 'a channel with a bound has no segments');
  return segmentWords(shape, format.payloadWords);
}

/** Lays a channel into words that are the caller's own, and gives its two ends. */
export function channel<const C extends keyof Carried | AnyCodec = 'words'>(
  words: OwnedWords,
  base: Address,
  options: ChannelOptions<C>,
): [Sender<CarriedBy<C>>, Receiver<CarriedBy<C>>] {
  const { shape, format } = shapeOf(options);
  const made = Channel.create(words, base, shape, format, options);
  const [sending, receiving] = (['sender', 'receiver'] as const).map((side) =>
    made.clones[side].add(packOwner(made.owner)),
  ) as [Clone, Clone];
  const carried = format as unknown as Format<CarriedBy<C>>;
  return [new Sender(made, carried, sending), new Receiver(made, carried, receiving)];
}

/** The sender that another thread handed over. @throws {AttachError} if it is no longer to be had */
export function attachSender<T = bigint>(
  words: OwnedWords,
  handle: EndHandle,
  options: AttachEndOptions<T> = {},
): Sender<T> {
  return new Sender<T>(...taken('sender', words, handle, options));
}

/** The receiver that another thread handed over. @throws {AttachError} if it is no longer to be had */
export function attachReceiver<T = bigint>(
  words: OwnedWords,
  handle: EndHandle,
  options: AttachEndOptions<T> = {},
): Receiver<T> {
  return new Receiver<T>(...taken('receiver', words, handle, options));
}

function taken<T>(
  side: Side,
  words: OwnedWords,
  handle: EndHandle,
  options: AttachEndOptions<T>,
): [Channel, Format<T>, Clone] {
  if (handle?.kind !== 'channel end' || handle.side !== side)
    throw new AttachError(`this is no handle of a ${side} (pass what \`handOver\` gave)`);
  const { codec } = options;
  const { carries } = handle;
  const builtIn = RESERVED.has(carries);
  if (codec === undefined ? !builtIn : codec?.name !== carries)
    throw new ValueError(
      codec?.name,
      builtIn
        ? `this channel carries ${carries}: attach without \`codec\``
        : `attach with \`{ codec }\`, the codec of yours that is named ${carries}`,
    );
  let format: Format<never> | undefined;
  const attached = Channel.attach(
    words,
    handle.base as Address,
    (messageBytes) => {
      format = formatOf((codec as Codec<never> | undefined) ?? handle.carries, messageBytes);
      return format;
    },
    options,
  );
  const clone = attached.clones[side].take(handle, packOwner(attached.owner));
  if (clone === undefined)
    throw new AttachError(`this ${side} is gone: it was attached already, or the thread that handed it over has died`);
  return [attached, format as unknown as Format<T>, clone];
}
