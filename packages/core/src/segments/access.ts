/**
 * One party's capability to segments: who it is, and which domains it holds. Handles are plain numbers that anybody can
 * guess, so possession proves nothing; what a party may touch is decided by the domain in the segment's entry. A segment
 * changes hands through a slot that is granted to both sides: swapping it in stamps it with the slot's domain.
 *
 *   draft --write--> draft --publish/swap--> published --acquire, read, release--> published --retire--> (reused)
 *
 * Virtual machines use these handle-by-handle operations; people use `Segments`, which wraps them in drafts and views.
 */
import type { Domain, Handle, Slot } from '../brands.ts';
import type { Owner } from '../owner.ts';

/** What a party may see: these domains, or all of them (the host). */
export type Domains = ReadonlySet<Domain> | 'all';

/** The operations on segments, each checked against the party's domains. Every misuse throws `SegmentError`. */
export interface SegmentAccess {
  /**
   * Takes room for a private draft of `byteLength` bytes; `NO_HANDLE` when there is none. The bytes hold zeros, so that nothing
   * of another domain shows; for a party that holds all domains they hold what was there.
   */
  draft(byteLength: number, domain: Domain): Handle;
  /** Copies `source` into a draft of one's own, from byte `offset` on. */
  write(draft: Handle, offset: number, source: Uint8Array): void;
  /** Makes a draft of one's own readable to all who hold its domain, shortened to `byteLength` if given. No writes from here on. */
  publish(draft: Handle, byteLength?: number): void;
  /** Gives a draft of one's own back unpublished. */
  discard(draft: Handle): void;
  /**
   * Puts `next` into a slot and returns what was there. `next` belongs to `domain`, the slot's, from then on; a draft of one's
   * own is published by it. Release on what is put in, Acquire on what is taken out.
   */
  swap(slot: Slot, next: Handle, domain: Domain): Handle;
  /** Begins reading; returns the length in bytes. */
  acquire(handle: Handle): number;
  /** Copies bytes out, from `offset` on, and makes sure that the segment was not reused meanwhile. */
  read(handle: Handle, offset: number, target: Uint8Array): void;
  /** Ends reading. In checked mode compares the bytes with what was published. Under a policy that is not stable, nothing happens if the segment is gone. */
  release(handle: Handle): void;
  /** Says that the segment has served; the reuse policy decides when its bytes are written again. */
  retire(handle: Handle): void;
}

export interface Party {
  readonly owner: Owner;
  readonly domains: Domains;
}
