export {
  type Address,
  address,
  type ByteOffset,
  type Domain,
  domain,
  type Handle,
  HOST_DOMAIN,
  handle,
  MAX_POOL_WORDS,
  MAX_WORD,
  NO_HANDLE,
  type OwnerId,
  type Slot,
  slot,
  WORD_BYTES,
} from './brands.ts';
export {
  type CellSteps,
  CHANGED,
  cellSteps,
  FILLED,
  MOST_LANES,
  NOT_FREE,
  NOT_FULL,
  STAMP_LANE,
  STAMP_LAP,
  STAMP_LAPS,
} from './cell-steps.ts';
export { bitsOfDouble, doubleOfBits } from './double-bits.ts';
export {
  AddressError,
  AttachError,
  CorruptError,
  DetachedError,
  ExhaustedError,
  MustNotBlockError,
  PoolError,
  SegmentError,
  type SegmentFault,
  ValueError,
} from './errors.ts';
export { IndexSet } from './index-set.ts';
export {
  type Field,
  type Layout,
  LINE_WORDS,
  layout,
  ownLine,
  type Placed,
  rest,
  roundUp,
  word,
  words,
} from './layout.ts';
export type { Owner } from './owner.ts';
export { LAYOUT_VERSION } from './pool/header.ts';
export type { OwnerRow, OwnerStatus, OwnerTable } from './pool/owner-table.ts';
export {
  type AttachOptions,
  type Engine,
  Pool,
  type PoolHandle,
  type PoolOptions,
  type PoolTable,
} from './pool/pool.ts';
export type { PublishedSegment, ReuseContext, ReuseGround, ReusePolicy } from './reuse-policy.ts';
export type { Domains, SegmentAccess } from './segments/access.ts';
export type { SegmentDraft } from './segments/draft.ts';
export type { SegmentInfo } from './segments/listing.ts';
export { manual } from './segments/manual.ts';
export { type AccessOptions, Segments, type SegmentsOptions } from './segments/segments.ts';
export { POLICY_WORDS, packOwner, SEGMENT_TABLE_OWNER, unpackOwner } from './segments/table.ts';
export type { SegmentView } from './segments/view.ts';
export type { Storage } from './storage.ts';
export { checkGrant, type WindowGrant } from './window.ts';
export { WindowWords } from './window-words.ts';
export type { BulkSource, ExchangeOrder, WaitAsyncOptions, WaitOptions, WaitResult, Words } from './words.ts';
