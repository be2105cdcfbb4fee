export type { Allocator, AllocatorStats, Block, ClassStats, Family } from './allocator.ts';
export { BUMP, Bump, type BumpOptions } from './bump.ts';
export { constantName } from './constant-names.ts';
export { FREE_LIST, FreeList, type FreeListOptions } from './free-list.ts';
export { Heap, type HeapOptions } from './heap/heap.ts';
export type { HeapStrategy } from './heap/heap-layout.ts';
export { MAGAZINES_WORDS } from './heap/size-classes.ts';
export { type LeakReportOptions, leakReport } from './leak-report.ts';
export {
  OwnershipError,
  type PartyOptions,
  Protocol,
  type ProtocolHandle,
  type ProtocolOptions,
} from './protocol.ts';
export { RECYCLING_INDEX, RecyclingIndex, type RecyclingIndexOptions } from './recycling-index.ts';
export { type CountedOptions, counted } from './reuse/counted.ts';
export { type EpochOptions, EpochReuse } from './reuse/epoch.ts';
export type { EpochShape } from './reuse/epoch-layout.ts';
export { type RingOptions, ring, ringSize } from './reuse/ring.ts';
export { StaticAllocator, type StaticAllocatorHandle } from './static-allocator.ts';
export {
  placeRegions,
  planRegions,
  type Region,
  type RegionPlan,
  type RegionSizes,
  regionConstants,
} from './static-regions.ts';
export { StaticStorage, type StaticStorageOptions } from './static-storage.ts';
export { type ArrayView, array } from './struct/array.ts';
export { cachePadded } from './struct/cache-padded.ts';
export type { Cell, FloatCell, HandleCell, IntegerCell, Pair } from './struct/cell.ts';
export { type AccessorOf, type Cursor, type FieldType, type Origin, Place } from './struct/field.ts';
export { f64, i64, pointer, segmentHandle, u32Pair, u53, u64 } from './struct/scalars.ts';
export { type Fields, type Struct, struct, type View } from './struct/struct.ts';
export { structConstants } from './struct/struct-constants.ts';
