import { type Plan, planJob } from '../../src/job/plan.ts';
import { parseManifest } from '../../src/manifest/read.ts';
import type { Manifest } from '../../src/manifest/schema.ts';

/** A job of one instance that has nothing but segments, planned. */
export function plannedSegments(segments: string): { readonly manifest: Manifest; readonly plan: Plan } {
  const { manifest, source } = parseManifest(
    'job.yaml',
    `job: test\nsegments: { ${segments} }\nprograms: { main: { source: main.pasm } }\n`,
  );
  return { manifest, plan: planJob(manifest, 1, source) };
}
