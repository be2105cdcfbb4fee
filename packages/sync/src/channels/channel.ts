/**
 * A channel: a sending and a receiving end, each with as many clones as its kind allows, around something that moves messages.
 *
 * An end is gone when its last clone is closed, or dead and recovered. When there are no senders left, receivers drain what was
 * sent and then are told `closed`; when there are no receivers left, sends are refused. As in crossbeam's channels.
 *
 *   magic, kind, capacity, messageBytes, clones   constant
 *   senders, receivers   who has the clones of each end, see clone-table.ts
 *   transport            cells in a ring (see ../queues/cell-ring.ts), a ring between two (../queues/spsc-ring.ts) or one slot
 *                        (rendezvous.ts)
 */
import {
  type Address,
  AttachError,
  type Layout,
  LINE_WORDS,
  layout,
  type Owner,
  rest,
  roundUp,
  unpackOwner,
  ValueError,
  word,
} from '@pool/core';
import { assertStands, magicWord, type OwnedWords, type OwnerOptions, packedOwner } from '../internal/standing.ts';
import { nameOf } from '../queues/cell.ts';
import { CellRing, LARGEST_CELL_COUNT } from '../queues/cell-ring.ts';
import type { Recovered } from '../recovery.ts';
import { type Clone, CloneTable } from './clone-table.ts';
import type { Format } from './format.ts';
import { RendezvousTransport } from './rendezvous.ts';
import { RingTransport } from './ring-transport.ts';
import { CellTransport, type LeftMessages, ringPlace, ringWords, type Side, type Transport } from './transport.ts';

/** How many threads may send and receive: one each, several senders, or several of both. */
export type ChannelKind = 'spsc' | 'mpsc' | 'mpmc';

const KINDS: readonly ChannelKind[] = ['spsc', 'mpsc', 'mpmc'];
const LARGEST_MESSAGE = 2 ** 24;
const LARGEST_CLONE_COUNT = 2 ** 16;

export const CHANNEL: Layout<'magic' | 'kind' | 'capacity' | 'messageBytes' | 'clones' | 'rest'> = layout('channel', {
  magic: word,
  kind: word,
  capacity: word,
  messageBytes: word,
  clones: word,
  rest,
});

export const CHANNEL_MAGIC: bigint = magicWord('chan', 1);

/** What is constant about a channel. */
export interface ChannelShape {
  readonly kind: ChannelKind;
  /** A power of two of 2..2^22, or 0: a rendezvous. */
  readonly capacity: number;
  /** The most bytes of a message; 0 where messages are words. */
  readonly messageBytes: number;
  /** How many clones each end can have. */
  readonly clones: number;
}

export function checkShape(shape: ChannelShape): ChannelShape {
  const { kind, capacity, messageBytes, clones } = shape;
  const power = capacity >= 2 && capacity <= LARGEST_CELL_COUNT && (capacity & (capacity - 1)) === 0;
  if (!KINDS.includes(kind)) throw new ValueError(kind, '`kind` is spsc, mpsc or mpmc');
  if (!Number.isInteger(capacity) || !(capacity === 0 || power))
    throw new ValueError(capacity, `\`capacity\` is 0 or a power of two of 2..${LARGEST_CELL_COUNT}`);
  if (!Number.isInteger(messageBytes) || messageBytes < 0 || messageBytes > LARGEST_MESSAGE)
    throw new ValueError(messageBytes, `\`messageBytes\` is an integer of 1..${LARGEST_MESSAGE}`);
  if (!Number.isInteger(clones) || clones < 1 || clones > LARGEST_CLONE_COUNT)
    throw new ValueError(clones, `\`clones\` is an integer of 1..${LARGEST_CLONE_COUNT}`);
  return shape;
}

function places(shape: ChannelShape, payloadWords: number) {
  const table = roundUp(shape.clones, LINE_WORDS);
  const transport = 2 * table;
  return { senders: 0, receivers: table, transport, end: transport + transportSize(shape, payloadWords) };
}

function transportSize({ kind, capacity, messageBytes }: ChannelShape, payloadWords: number): number {
  if (capacity === 0) return RendezvousTransport.size(payloadWords);
  if (kind === 'spsc' && messageBytes === 0) return RingTransport.size({ capacity });
  return ringWords(capacity, 1 + payloadWords);
}

export function channelWords(shape: ChannelShape, payloadWords: number): number {
  return CHANNEL.size(places(checkShape(shape), payloadWords).end);
}

/** A channel as one thread sees it. Its ends share one. */
export class Channel {
  readonly words: OwnedWords;
  readonly base: Address;
  readonly shape: ChannelShape;
  readonly owner: Owner;
  readonly transport: Transport;
  readonly clones: { readonly [S in Side]: CloneTable };

  private constructor(
    words: OwnedWords,
    base: Address,
    shape: ChannelShape,
    format: Format<never>,
    owner: Owner,
    start?: bigint,
  ) {
    this.words = words;
    this.base = base;
    this.shape = shape;
    this.owner = owner;
    const from = CHANNEL.at(base).rest;
    const { senders, receivers, transport } = places(shape, format.payloadWords);
    this.clones = {
      sender: new CloneTable(words, (from + senders) as Address, shape.clones),
      receiver: new CloneTable(words, (from + receivers) as Address, shape.clones),
    };
    this.transport = transportAt(words, (from + transport) as Address, shape, format, owner, start);
  }

  static create(
    words: OwnedWords,
    base: Address,
    shape: ChannelShape,
    format: Format<never>,
    options: OwnerOptions & { readonly start?: bigint },
  ): Channel {
    const owner = unpackOwner(packedOwner(words, options, 'channel'));
    const channel = new Channel(words, base, checkShape(shape), format, owner, options.start ?? 0n);
    const at = CHANNEL.at(base);
    words.storeNumber(at.kind, KINDS.indexOf(shape.kind));
    words.storeNumber(at.capacity, shape.capacity);
    words.storeNumber(at.messageBytes, shape.messageBytes);
    words.storeNumber(at.clones, shape.clones);
    channel.clones.sender.init();
    channel.clones.receiver.init();
    words.store(at.magic, CHANNEL_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return channel;
  }

  /** @throws {AttachError} if no such channel stands there */
  static attach(
    words: OwnedWords,
    base: Address,
    format: (messageBytes: number) => Format<never>,
    options: OwnerOptions,
  ): Channel {
    const at = CHANNEL.at(base);
    assertStands(words, base, at.magic, CHANNEL_MAGIC, 'channel');
    const [kind, capacity, messageBytes, clones] = [at.kind, at.capacity, at.messageBytes, at.clones].map((field) =>
      Number(words.load(field)),
    ) as [number, number, number, number];
    const owner = unpackOwner(packedOwner(words, options, 'channel'));
    try {
      const shape = checkShape({ kind: KINDS[kind] as ChannelKind, capacity, messageBytes, clones });
      const made = format(messageBytes);
      if (base + channelWords(shape, made.payloadWords) <= words.size)
        return new Channel(words, base, shape, made, owner);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
    }
    throw new AttachError(`the channel at word ${base} says of itself what cannot be`);
  }

  /** Gives a clone of an end up; with the last one the end is gone. */
  drop(side: Side, clone: Clone): void {
    if (this.clones[side].drop(clone)) this.#closeIfLast(side);
  }

  recover(dead: Owner): Recovered[] {
    const left: LeftMessages = this.transport.recover(dead);
    const found: Recovered[] = [];
    const add = (what: string, count: number): void => {
      if (count > 0) found.push({ kind: 'channel', base: this.base, found: what, count });
    };
    add('sends that are skipped', left.skipped);
    add('messages that reached nobody', left.undelivered.length);
    for (const side of ['sender', 'receiver'] as const) {
      const dropped = this.clones[side].recover(dead);
      if (dropped > 0) this.#closeIfLast(side);
      add(`${side} clones`, dropped);
    }
    return found;
  }

  #closeIfLast(side: Side): void {
    if (this.clones[side].isEmpty()) this.transport.close(side);
  }
}

function transportAt(
  words: OwnedWords,
  base: Address,
  { kind, capacity, messageBytes }: ChannelShape,
  format: Format<never>,
  owner: Owner,
  start: bigint | undefined,
): Transport {
  if (kind === 'spsc' && messageBytes === 0 && capacity > 0)
    return start === undefined
      ? RingTransport.attach(words, base, owner)
      : RingTransport.create(words, base, { capacity, start }, owner);
  if (capacity === 0) {
    const transport = new RendezvousTransport(words, base, format, owner);
    if (start !== undefined) transport.init(start);
    return transport;
  }
  const ring = new CellRing(words, ringPlace(base), capacity, 1 + format.payloadWords, nameOf(owner));
  if (start === undefined) ring.attach();
  else ring.init(start);
  return new CellTransport(words, ring, format);
}

/** Whether an end of this kind may have several clones. */
export function isClonable(kind: ChannelKind, side: Side): boolean {
  return kind === 'mpmc' || (kind === 'mpsc' && side === 'sender');
}
