/**
 * When a segment's bytes may be written again is a strategy, chosen by one parameter. A policy sees the four events in a
 * published segment's life and answers whether its entry may be reused now; the segment table does the rest.
 */
import type { Address } from './brands.ts';
import type { Owner } from './owner.ts';
import type { Words } from './words.ts';

export interface ReuseContext {
  readonly words: Words;
  /** The policy's own word in the segment's entry; 0 when the segment is published. */
  readonly policyWord: Address;
  readonly owner: Owner;
}

export interface ReusePolicy {
  readonly name: string;
  /** A reader is about to look at the bytes. `false`: too late, the segment is on its way out. */
  acquired(segment: ReuseContext): boolean;
  /** A reader is done. `true`: the bytes may be reused now. */
  released(segment: ReuseContext): boolean;
  /** Somebody who holds the handle says that the segment has served. `true`: the bytes may be reused now. */
  retired(segment: ReuseContext): boolean;
}
