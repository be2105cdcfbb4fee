/**
 * When a segment's bytes may be written again is a strategy, chosen by one parameter. A policy sees the events in a published
 * segment's life, keeps what it needs in words of the segment's entry (and in words of its own), and says when the segment
 * ends; the segment table does the rest.
 *
 *   draft --publishing, published--> published --acquired, released, ..., retired--> (ended; the entry serves again)
 */
import type { Address, Handle } from './brands.ts';
import type { Owner } from './owner.ts';
import type { Words } from './words.ts';

/** The segments of a pool, as a policy sees them. */
export interface ReuseGround {
  readonly words: Words;
  /** Who acts. */
  readonly owner: Owner;
  /** The segment that is published in an entry now, if one is. Valid until the next call. */
  find(index: number): PublishedSegment | undefined;
  /** Ends a published segment now: its room serves again. Returns whether this call did; of several, one does. */
  end(handle: Handle): boolean;
}

/** One segment, as a policy sees it. Valid during the call only: the next event fills the same object anew. */
export interface ReuseContext extends ReuseGround {
  readonly handle: Handle;
  /** The handle's parts: the entry, and which of the entry's uses it is (1..2^35-1, then from 1 again). */
  readonly index: number;
  readonly generation: number;
  /**
   * The policy's own words in the segment's entry, `POLICY_WORDS` of them. Zeros at first; later what the policy left there when the
   * entry last served, so that a late look at a segment that ended can be told apart.
   */
  readonly policyWord: Address;
}

/** A published segment, as it was found by its entry. */
export interface PublishedSegment extends ReuseContext {
  /** Who published it. */
  readonly writer: Owner;
}

/** A policy that keeps state of a thread (what it has acquired, say) is one object a thread, shared by all its `Segments`. */
export interface ReusePolicy {
  readonly name: string;
  /**
   * Whether the bytes stay for as long as a reader has acquired them. Where they need not, views and copies look after each read
   * whether they did: a reader that lost its segment finds out, and never takes new bytes for old.
   */
  readonly stable: boolean;
  /** The segment is about to be published: nobody else sees it yet. */
  publishing?(segment: ReuseContext): void;
  /** The segment was published. May end others, or this one. */
  published?(segment: ReuseContext): void;
  /** A reader is about to look at the bytes. `false`: too late, the segment is on its way out. */
  acquired(segment: ReuseContext): boolean;
  /** A reader is done. `true`: the bytes may be reused now. */
  released(segment: ReuseContext): boolean;
  /** Somebody who holds the handle says that the segment has served. `true`: the bytes may be reused now. */
  retired(segment: ReuseContext): boolean;
  /** A draft found no free entry, or no room. Ends what may end; whether anything did. */
  exhausted?(ground: ReuseGround): boolean;
  /** Gives back what a dead owner held, and ends what it left unended; how much that was. Idempotent. */
  recover?(owner: Owner, ground: ReuseGround, published: Iterable<PublishedSegment>): number;
}
