/**
 * A channel: a sending and a receiving end, each with as many clones as its kind allows, around something that moves messages.
 *
 * An end is gone when its last clone is closed, or dead and recovered. When there are no senders left, receivers drain what was
 * sent and then are told `closed`; when there are no receivers left, sends are refused. As in crossbeam's channels.
 *
 *   magic, kind, capacity, messageBytes, clones, segmentCells, segments, lanes   constant
 *   senders, receivers   who has the clones of each end, see clone-table.ts
 *   transport            cells in a ring (see ../queues/cell-ring.ts), before them who has which lane, where messages are words; a ring
 *                        between two (../queues/spsc-ring.ts) or one slot (rendezvous.ts)
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
  type Storage,
  unpackOwner,
  ValueError,
  word,
} from '@pool/core';
import {
  assertStands,
  deadOwner,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import type { Recovered } from '../recovery.ts';
import { Turns } from '../waiting/turns.ts';
import {
  type ChannelKind,
  type ChannelShape,
  checkShape,
  KINDS,
  type Opening,
  openTransport,
  transportSize,
} from './channel-shape.ts';
import { type Clone, CloneTable } from './clone-table.ts';
import { type Format, isOfWords } from './format.ts';
import type { LeftMessages, Side, Transport } from './transport.ts';

type ChannelField =
  | 'magic'
  | 'kind'
  | 'capacity'
  | 'messageBytes'
  | 'clones'
  | 'segmentCells'
  | 'segments'
  | 'lanes'
  | 'rest';

export const CHANNEL: Layout<ChannelField> = layout('channel', {
  magic: word,
  kind: word,
  capacity: word,
  messageBytes: word,
  clones: word,
  segmentCells: word,
  segments: word,
  lanes: word,
  rest,
});

export const CHANNEL_MAGIC: bigint = magicWord('chan', 2);

function places(shape: ChannelShape, payloadWords: number) {
  const table = roundUp(shape.clones, LINE_WORDS);
  const transport = 2 * table;
  return { senders: 0, receivers: table, transport, end: transport + transportSize(shape, payloadWords) };
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
  /** The asynchronous operations of this thread that wait, at all clones of an end. */
  readonly turns: { readonly [S in Side]: Turns } = { sender: new Turns(), receiver: new Turns() };

  private constructor(words: OwnedWords, base: Address, shape: ChannelShape, opening: Opening) {
    this.words = words;
    this.base = base;
    this.shape = shape;
    this.owner = opening.owner;
    const from = CHANNEL.at(base).rest;
    const { senders, receivers, transport } = places(shape, opening.format.payloadWords);
    this.clones = {
      sender: new CloneTable(words, (from + senders) as Address, shape.clones),
      receiver: new CloneTable(words, (from + receivers) as Address, shape.clones),
    };
    this.transport = openTransport(words, (from + transport) as Address, shape, opening);
  }

  static create(
    words: OwnedWords,
    base: Address,
    shape: ChannelShape,
    format: Format<never>,
    options: OwnerOptions & { readonly start?: bigint; readonly storage?: Storage },
  ): Channel {
    const owner = unpackOwner(packedOwner(words, options, 'channel'));
    const channel = new Channel(words, base, checkShape(shape), {
      format,
      owner,
      storage: options.storage,
      start: startOf(options),
    });
    const at = CHANNEL.at(base);
    words.storeNumber(at.kind, KINDS.indexOf(shape.kind));
    words.storeNumber(at.capacity, shape.segmentCells > 0 ? 0 : shape.capacity);
    words.storeNumber(at.segmentCells, shape.segmentCells);
    words.storeNumber(at.segments, shape.segments);
    words.storeNumber(at.lanes, shape.lanes);
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
    options: OwnerOptions & { readonly storage?: Storage },
  ): Channel {
    const at = CHANNEL.at(base);
    assertStands(words, base, at.magic, CHANNEL_MAGIC, 'channel');
    const read = (field: ChannelField): number => Number(words.load(at[field]));
    const segmentCells = read('segmentCells');
    const messageBytes = read('messageBytes');
    const owner = unpackOwner(packedOwner(words, options, 'channel'));
    const made = format(messageBytes);
    const shape = {
      kind: KINDS[read('kind')] as ChannelKind,
      capacity: segmentCells > 0 ? Number.POSITIVE_INFINITY : read('capacity'),
      messageBytes,
      clones: read('clones'),
      segmentCells,
      segments: read('segments'),
      lanes: read('lanes'),
    };
    if (isOfWords(made) !== (messageBytes === 0))
      throw new AttachError(`the channel at word ${base} does not carry ${made.name}: pass the handle as it was given`);
    if (isPossible(shape) && base + channelWords(shape, made.payloadWords) <= words.size)
      return new Channel(words, base, shape, { format: made, owner, storage: options.storage });
    throw new AttachError(`the channel at word ${base} says of itself what cannot be`);
  }

  /** Gives a clone of an end up; with the last one the end is gone. */
  drop(side: Side, clone: Clone): void {
    if (this.clones[side].drop(clone)) this.#closeIfLast(side);
  }

  recover(dead: Owner): Recovered[] {
    deadOwner(dead);
    const left: LeftMessages = this.transport.recover(dead);
    const found: Recovered[] = [];
    const add = (what: string, count: number): void => {
      if (count > 0) found.push({ kind: 'channel', base: this.base, found: what, count });
    };
    add('sends that are skipped', left.skipped);
    add('messages that reached nobody', left.undelivered.length);
    for (const side of ['sender', 'receiver'] as const) {
      const dropped = this.clones[side].recover(dead);
      this.#closeIfLast(side); // even if none was dropped here: it may have died after it dropped the last one itself
      add(`${side} clones`, dropped);
    }
    return found;
  }

  #closeIfLast(side: Side): void {
    if (this.clones[side].isEmpty()) this.transport.close(side);
  }
}

function isPossible(shape: ChannelShape): boolean {
  try {
    checkShape(shape);
    return true;
  } catch (error) {
    if (error instanceof ValueError) return false;
    throw error;
  }
}
