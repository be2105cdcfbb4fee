export type { Allocator, AllocatorStats, Block, ClassStats, Family } from './allocator.ts';
export {
  placeRegions,
  planRegions,
  type Region,
  type RegionPlan,
  type RegionSizes,
  regionConstants,
} from './static-regions.ts';
export { StaticStorage, type StaticStorageOptions } from './static-storage.ts';
