/**
 * Bulk data on a pool. A host opens its segments once per thread, with the storage their bytes come from and the policy by
 * which they are reused; every thread of a pool must name the same two. Drafts and views are what people use; `access` gives
 * the handle-by-handle form, restricted to some domains, that virtual machines use.
 */
import { type Address, type Domain, type Handle, HOST_DOMAIN, NO_HANDLE, type Slot } from '../brands.ts';
import type { Owner } from '../owner.ts';
import { HEADER_AT } from '../pool/header.ts';
import type { Pool } from '../pool/pool.ts';
import type { ReusePolicy } from '../reuse-policy.ts';
import type { Storage } from '../storage.ts';
import type { Words } from '../words.ts';
import { CheckedAccess, type Domains, type SegmentAccess } from './access.ts';
import { SegmentDraft } from './draft.ts';
import { manual } from './manual.ts';
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
  readonly #table: SegmentTable;
  readonly #storage: Storage;
  readonly #reuse: ReusePolicy;
  readonly #checked: boolean;
  readonly #owner: Owner;
  readonly #host: CheckedAccess;

  constructor(pool: Pool, options: SegmentsOptions) {
    const words = options.words ?? pool;
    this.#table = new SegmentTable(
      words,
      pool.loadNumber(HEADER_AT.segments) as Address,
      pool.loadNumber(HEADER_AT.segmentEntries),
    );
    this.#storage = options.storage;
    this.#reuse = options.reuse ?? manual();
    this.#checked = pool.checked;
    this.#owner = pool.owner;
    this.#host = this.#open('all', pool.owner);
  }

  /** How many segments there can be at once. */
  get capacity(): number {
    return this.#table.entries;
  }

  /** A party's capability: what it may touch is decided by the domains. */
  access(options: AccessOptions): SegmentAccess {
    return this.#open(options.domains, options.owner ?? this.#owner);
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

  #open(domains: Domains, owner: Owner): CheckedAccess {
    return new CheckedAccess(this.#table, this.#storage, this.#reuse, this.#checked, { domains, owner });
  }
}
