/** What the stress tests of queues tell their threads. */
import type { Address, PoolHandle } from '@pool/core';
import type { EndHandle } from '@pool/sync';

/** What a gate holds when no more is to be sent. */
export const STOPPED: number = 2 ** 52;

export interface StreamTask {
  readonly pool: PoolHandle;
  readonly base: Address;
  readonly kind: StreamKind;
  /** `both`: sends and receives by turns, and answers with the history of it. */
  readonly role: 'sender' | 'receiver' | 'both';
  /** The values a sender sends, in order: `first`, `first + 1`, ... */
  readonly first: number;
  readonly count: number;
  /** A word a value: how often it was delivered, and from `acknowledged` on, whether its sender was told that it is sent. */
  readonly delivered: Address;
  readonly acknowledged: Address;
  /** A word: how many values may be sent so far. Default: all. */
  readonly gate?: Address;
  /** Where the free list of segments stands. */
  readonly storage?: Address;
  /** A channel's end, handed over. */
  readonly handle?: EndHandle;
  /** Parks at once, so that every wait is a wake. */
  readonly park: boolean;
}

export type StreamKind = 'array queue' | 'spsc ring' | 'treiber stack' | 'segmented queue' | 'channel' | 'word queue';
