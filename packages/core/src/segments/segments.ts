/**
 * Bulk data on a pool. A host opens its segments once per thread, with the storage their bytes come from and the policy by
 * which they are reused; every thread of a pool must name the same two. Drafts and views are what people use; `access` gives
 * the handle-by-handle form, restricted to some domains, that virtual machines use.
 */
import { type Address, type Domain, type Handle, HOST_DOMAIN, NO_HANDLE, type Slot } from '../brands.ts';
import { ValueError } from '../errors.ts';
import type { Owner } from '../owner.ts';
import { HEADER_AT } from '../pool/header.ts';
import type { OwnerTable } from '../pool/owner-table.ts';
import type { Pool } from '../pool/pool.ts';
import type { ReusePolicy } from '../reuse-policy.ts';
import type { Storage } from '../storage.ts';
import type { Words } from '../words.ts';
import type { Domains, SegmentAccess } from './access.ts';
import { CheckedAccess } from './checked-access.ts';
import { SegmentDraft } from './draft.ts';
import type { Ground } from './ground.ts';
import { listSegments, type SegmentInfo } from './listing.ts';
import { manual } from './manual.ts';
import { recoverSegments } from './recovery.ts';
import { SegmentTable } from './table.ts';
import { SegmentView } from './view.ts';

export interface SegmentsOptions {
  /** Where the bytes come from. */
  readonly storage: Storage;
  /** When bytes are written again. Default: `manual()`. */
  readonly reuse?: ReusePolicy;
  /** Through which words the table and the bytes are reached. Default: the pool itself; a recorder or a model in tests. */
  readonly words?: Words;
}

export interface AccessOptions {
  /** The domains the party holds. */
  readonly domains: Domains;
  /** Who the party is. Default: the pool's owner, this thread. */
  readonly owner?: Owner;
}

export class Segments {
  readonly #ground: Ground;
  readonly #owners: OwnerTable;
  readonly #owner: Owner;
  readonly #host: CheckedAccess;

  constructor(pool: Pool, options: SegmentsOptions) {
    const base = pool.loadNumber(HEADER_AT.segments) as Address;
    this.#ground = {
      table: new SegmentTable(options.words ?? pool, base, pool.loadNumber(HEADER_AT.segmentEntries)),
      storage: options.storage,
      reuse: options.reuse ?? manual(),
      checked: pool.checked,
    };
    this.#owners = pool.owners;
    this.#owner = pool.owner;
    this.#host = new CheckedAccess(this.#ground, { domains: 'all', owner: pool.owner });
  }

  /** How many segments there can be at once. */
  get capacity(): number {
    return this.#ground.table.entries;
  }

  /**
   * A party's capability: what it may touch is decided by the domains.
   * @throws {ValueError} for domains that are no Set
   */
  access(options: AccessOptions): SegmentAccess {
    const { domains } = options;
    if (domains !== 'all' && typeof domains?.has !== 'function')
      throw new ValueError(domains, "a party's domains are a Set of them, or 'all'");
    return new CheckedAccess(this.#ground, { domains, owner: options.owner ?? this.#owner });
  }

  /** Takes room for a private draft; `undefined` when no entry or no storage is left. What its bytes hold is undefined. */
  draft(byteLength: number, domain: Domain = HOST_DOMAIN): SegmentDraft | undefined {
    const handle = this.#host.draft(byteLength, domain);
    return handle === NO_HANDLE ? undefined : new SegmentDraft(this.#host, handle);
  }

  /** Begins reading a published segment. @throws {SegmentError} `stale`, or `state` if it is not published */
  acquire(handle: Handle): SegmentView {
    return new SegmentView(this.#host, handle);
  }

  /** Swaps a published segment, or `NO_HANDLE`, into a slot of `domain`; returns the handle that was there. */
  swap(slot: Slot, next: Handle, domain: Domain = HOST_DOMAIN): Handle {
    return this.#host.swap(slot, next, domain);
  }

  /** Says that a published segment has served. @throws {SegmentError} `stale` if somebody said so before */
  retire(handle: Handle): void {
    this.#host.retire(handle);
  }

  /** Every draft and every published segment, for maps and reports. A look at something that moves; O(capacity). */
  list(): Iterable<SegmentInfo> {
    return listSegments(this.#ground.table);
  }

  /**
   * Gives back what a dead owner left: drafts, segments that it was about to free, what the reuse policy counts in its name, and in
   * the end what the storage has in its name. Returns how many segments and references that were. Any thread may; twice is
   * once. Do so after `owners.markDead` and before `owners.bury`, and before anything else recovers the storage.
   * @throws {ValueError} for an owner that is live
   */
  recover(owner: Owner): number {
    if (this.#owners.isLive(owner)) throw new ValueError(owner.id, 'this owner is live: say that it is dead first');
    return recoverSegments(this.#ground, this.#owners, owner, this.#owner);
  }
}
