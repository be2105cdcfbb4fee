export { allocatorSuite } from './allocator-suite.ts';
export { type Case, ConformanceError } from './case.ts';
export { type ReuseStrategy, reuseSuite } from './reuse.ts';
export type { AllocatorStrategy, AllocatorSuiteOptions } from './stage.ts';
