export { allocatorSuite } from './allocator-suite.ts';
export { type Case, ConformanceError } from './case.ts';
export type { AllocatorStrategy, AllocatorSuiteOptions } from './stage.ts';
