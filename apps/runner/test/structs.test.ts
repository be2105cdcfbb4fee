import { array, cachePadded, f64, i64, struct, structConstants, u32Pair, u53 } from '@pool/alloc';
import { type Address, Pool } from '@pool/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SetupError } from '../src/errors.ts';
import { programConstants } from '../src/job/constants.ts';
import { planJob } from '../src/job/plan.ts';
import { prepareJob } from '../src/job/prepare.ts';
import { parseManifest } from '../src/manifest/read.ts';
import { structsOf } from '../src/manifest/structs.ts';
import { JobFolder } from './support/job-folder.ts';

const READING = struct('reading', { value: f64, at: i64 });
const STATION = struct('station', {
  head: u32Pair,
  count: cachePadded(u53),
  latest: READING,
  ring: array(READING, 64),
});

const MANIFEST = `job: weather
structs:
  reading: { value: f64, at: i64 }
  station: { head: u32-pair, count: padded u53, latest: reading, ring: "reading[64]" }
objects:
  flags: { words: 3 }
  stations: { records: "station[5]" }
  summary: { records: station }
programs:
  observer:
    source: observer.pasm
    windows:
      weather: { words: [flags, stations, summary] }
`;
const OBSERVER = `window weather {
  count @ SUMMARY_COUNT_OFFSET
  stations[STATIONS_LENGTH * STATIONS_STRIDE] @ STATIONS_OFFSET
}

func main() {
  shared_fetch_add count, weather.count, 1
  i64.rem_u station, count, STATIONS_LENGTH
  i64.mul station, station, STATIONS_STRIDE
  i64.add at, station, STATION_COUNT_OFFSET
  shared_fetch_add _, weather.stations[at], 1
  i64.add at, station, STATION_LATEST_VALUE_OFFSET
  shared_store weather.stations[at], 4607182418800017408
  ret
}
`;

function problems(structs: string, objects = ''): string[] {
  const text = `job: test\nstructs:\n${structs}\nobjects:\n  one: { words: 1 }\n${objects}\nprograms: { p: { source: p.pasm } }\n`;
  try {
    parseManifest('job.yaml', text);
    return [];
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.problems.map(({ at, message, hint }) => `${at}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
  }
}

describe('structs of a manifest', () => {
  let folder: JobFolder;
  beforeEach(() => {
    folder = new JobFolder();
  });
  afterEach(() => {
    folder[Symbol.dispose]();
  });

  it('are those that TypeScript describes', () => {
    const { manifest, source } = parseManifest('job.yaml', MANIFEST);
    const structs = structsOf(manifest);
    expect([...structs.keys()]).toEqual(['reading', 'station']);
    expect(structs.get('station')).toMatchObject({ words: STATION.words, alignment: 16, offsets: STATION.offsets });
    const plan = planJob(manifest, 1, source);
    const constants = programConstants(manifest, plan, manifest.programs.observer as never);
    expect(constants).toMatchObject(structConstants(STATION, READING));
    const { stations, summary } = plan.regions.regions;
    expect(stations).toEqual({ offset: 16, words: 5 * STATION.words });
    expect(summary?.words).toBe(STATION.words);
    expect(constants).toMatchObject({
      STATIONS_OFFSET: 16n,
      STATIONS_WORDS: BigInt(5 * STATION.words),
      STATIONS_LENGTH: 5n,
      STATIONS_STRIDE: BigInt(STATION.words),
      SUMMARY_WORDS: BigInt(STATION.words),
      SUMMARY_COUNT_OFFSET: BigInt((summary?.offset ?? 0) + STATION.offsets.count),
      SUMMARY_RING_LENGTH: 64n,
    });
  });

  it('can be used by programs', async () => {
    folder.write('observer.pasm', OBSERVER);
    const job = await prepareJob(folder.write('job.yaml', MANIFEST));
    expect(job.programs).toHaveLength(1);
  });

  it('give views to whoever holds the pool', () => {
    const { manifest } = parseManifest('job.yaml', MANIFEST);
    const pool = Pool.create({ words: 1_000, segments: 0 });
    const base: Address = pool.reserve(STATION.words);
    const station = structsOf(manifest).get('station')?.view(pool, base) as ReturnType<typeof STATION.view>;
    station.ring.at(63).at.store(-3n);
    expect(STATION.view(pool, base).ring.at(63).at.load()).toBe(-3n);
  });

  it('are told what is wrong with their types', () => {
    expect(problems('  a: { x: u65 }')).toEqual([
      'job.yaml:3:11: structs.a.x: there is no type `u65` above (did you mean `u64`?)',
    ]);
    expect(problems('  a: { x: b }\n  b: { y: u64 }')[0]).toContain('structs.a.x: there is no type `b` above');
    expect(problems('  a: { x: a }')[0]).toContain('there is no type `a` above');
    expect(problems('  a: { x: "u64[]" }')[0]).toContain('`u64[]` is no type (a type is written as');
    expect(problems('  a: { x: "u64[0]" }')[0]).toContain('a positive number of elements');
    expect(problems('  a: { x: "u64[99999999999]" }')[0]).toContain('no pool can hold');
    expect(problems('  u64: { x: f64 }')[0]).toContain('`u64` is a type of its own');
    expect(problems('  a: {}')[0]).toContain('a struct has at least one field');
    expect(problems('  a: { x: u64 }', '  b: { records: "aa[2]" }')[0]).toContain(
      'objects.b.records: there is no type `aa` above',
    );
  });

  it('are told when two names are one constant', () => {
    expect(problems('  a: { oneTwo: u64, one-two: u64 }')[0]).toContain('A_ONE_TWO_OFFSET');
    expect(problems('  a: { b-c: u64 }\n  a-b: { c: u64 }')[0]).toContain('are both `A_B_C_OFFSET`');
    expect(problems('  one: { x: u64 }')[0]).toContain('the object `one` and the struct `one` are both `ONE_WORDS`');
    expect(problems('  a: { x: u64 }', '  two: { records: a }\n  two-x: { words: 1 }')[0]).toContain('TWO_X_OFFSET');
  });

  it('are refused where they are too large for any pool', () => {
    const huge = '  a: { x: "u64[500000000]" }\n  b: { x: a, y: a }';
    const text = `job: t\nstructs:\n${huge}\nobjects: { one: { records: b } }\nprograms: { p: { source: p.pasm } }\n`;
    const { manifest, source } = parseManifest('job.yaml', text);
    expect(() => planJob(manifest, 1, source)).toThrow(SetupError);
  });
});
