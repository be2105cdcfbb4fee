export { JobError, type JobFault, type Problem, SetupError } from './errors.ts';
export type { InputFile } from './job/files.ts';
export type { TextRecord } from './job/formats.ts';
export { type Job, type PrepareOptions, prepareJob } from './job/prepare.ts';
export type { Manifest } from './manifest/schema.ts';
export { type Structs, structsOf } from './manifest/structs.ts';
export { mapSvg } from './map/map-svg.ts';
export { mapText } from './map/map-text.ts';
export { type HeapMap, type MapOptions, type MapRegion, mapHeap, mapPool, type PoolMap } from './map/pool-map.ts';
export { type NodeThreadsOptions, nodeThreads } from './platform/node-threads.ts';
export type { Result } from './run/collect.ts';
export type { Fed } from './run/feed.ts';
export { HOST_FUNCTION_NAMES, type HostFunctionName, type HostServices } from './run/host-functions.ts';
export type { LogLine } from './run/instance.ts';
export type { Assignment, Ending, Port, Report, StartThread, Thread } from './run/protocol.ts';
export {
  type InputSummary,
  type JobResult,
  type ProgramSummary,
  type Progress,
  type RunOptions,
  runJob,
} from './run/run-job.ts';
export { serve } from './run/serve.ts';
