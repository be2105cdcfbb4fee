/**
 * The external constants that a program is assembled with: where the objects of its windows stand, and the layouts of what it
 * exchanges with the host. So no offset is written twice, and none as a number.
 *
 *   CHUNKS_OFFSET, CHUNKS_WORDS       an object of one of its windows: first word in the window, and how many
 *   TOTALS_BYTES_AT                   a counter of such an object
 *   STATION_WORDS, STATION_COUNT_OFFSET   a struct, and its fields; of an object that is one, from the beginning of the window
 *   WORD_QUEUE_TAIL ...               the layout of a queue
 *   CHUNK_SEQUENCE ..., RECORDS_...   byte offsets in what travels in segments
 *   SEGMENT_BYTES, CHUNK_BYTES        how large a segment is, and how many bytes of a file are in one at most
 *   INSTANCES_MAPPER                  how many instances a program of the job has
 */
import { constantName, planRegions, regionConstants, structConstants } from '@pool/alloc';
import { type Layout, LINE_WORDS, WORD_BYTES } from '@pool/core';
import { WORD_QUEUE } from '@pool/sync';
import { own } from '../manifest/own.ts';
import type { Manifest, ProgramSpec } from '../manifest/schema.ts';
import { structsOf, typeOf } from '../manifest/structs.ts';
import { counterConstant, instancesConstant, recordConstants } from './constant-names.ts';
import { CHUNK, CHUNK_HEADER_BYTES, RECORD, RECORD_HEADER_BYTES, RECORDS, RECORDS_HEADER_BYTES } from './formats.ts';
import { type Plan, wordsOf } from './plan.ts';

const LAYOUTS: Readonly<Record<string, bigint>> = {
  ...layoutConstants('WORD_QUEUE', WORD_QUEUE, 1),
  ...layoutConstants('CHUNK', CHUNK, WORD_BYTES),
  ...layoutConstants('RECORDS', RECORDS, WORD_BYTES),
  ...layoutConstants('RECORD', RECORD, WORD_BYTES),
  CHUNK_HEADER_BYTES: BigInt(CHUNK_HEADER_BYTES),
  RECORDS_HEADER_BYTES: BigInt(RECORDS_HEADER_BYTES),
  RECORD_HEADER_BYTES: BigInt(RECORD_HEADER_BYTES),
};

/** The names of the constants that do not depend on the manifest's names. */
export const FIXED_CONSTANTS: readonly string[] = [...Object.keys(LAYOUTS), 'SEGMENT_BYTES', 'CHUNK_BYTES'];

/** The constants of one program. */
export function programConstants(manifest: Manifest, plan: Plan, program: ProgramSpec): Record<string, bigint> {
  const constants: Record<string, bigint> = {
    ...LAYOUTS,
    SEGMENT_BYTES: BigInt(plan.segments?.bytes ?? 0),
    CHUNK_BYTES: BigInt(manifest.input?.['chunk-bytes'] ?? 0),
  };
  const structs = structsOf(manifest);
  Object.assign(constants, structConstants(...structs.values()));
  for (const [name, count] of plan.instances) constants[instancesConstant(name)] = BigInt(count);
  for (const window of Object.values(program.windows)) {
    const objects = window.words.map((name) => [name, own(manifest.objects, name)] as const);
    const regions = planRegions(
      Object.fromEntries(objects.map(([name, object]) => [name, object ? wordsOf(object, structs) : 1])),
    );
    Object.assign(constants, regionConstants(regions));
    for (const [name, object] of objects) {
      const offset = own(regions.regions, name)?.offset ?? 0;
      object?.counters?.forEach((counter, index) => {
        constants[counterConstant(name, counter)] = BigInt(offset + index * LINE_WORDS);
      });
      if (object?.records !== undefined)
        Object.assign(constants, recordConstants(name, typeOf(object.records, structs), offset));
    }
  }
  return constants;
}

function layoutConstants(prefix: string, layout: Layout<string>, unit: number): Record<string, bigint> {
  return Object.fromEntries(
    Object.entries(layout.offsets).map(([field, offset]) => [
      `${prefix}_${constantName(field)}`,
      BigInt(offset * unit),
    ]),
  );
}
