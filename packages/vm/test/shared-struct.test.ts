/** One description of a record, used by TypeScript and by a program at once. */
import { array, cachePadded, f64, i64, struct, structConstants, u32Pair, u53 } from '@pool/alloc';
import { type Address, domain, Pool, type Slot } from '@pool/core';
import { expect, it } from 'vitest';
import { instance } from './support/programs.ts';

const READING = struct('reading', { value: f64, at: i64 });
const STATION = struct('station', {
  head: u32Pair, // low: the next reading's index; high: how often the ring has gone round
  count: cachePadded(u53),
  latest: READING,
  ring: array(READING, 4),
});
const STATIONS = 3;

const PROGRAM = `
window stations {
  all[STATIONS * STATION_WORDS]
}

; Notes a reading in the station whose record begins at the word \`station\` of the window, and says how many there are.
func note(station, value, time) -> count {
  i64.add head_at, station, STATION_HEAD_OFFSET
again:
  shared_load head, stations.all[head_at]
  i64.and index, head, 0xffffffff
  i64.shr_u lap, head, 32
  i64.add next, index, 1
  br_lt_u next, STATION_RING_LENGTH, keep
  i64.const next, 0
  i64.add lap, lap, 1
keep:
  i64.shl lap, lap, 32
  i64.or next, next, lap
  shared_cas seen, stations.all[head_at], head, next
  br_ne seen, head, again

  i64.mul reading, index, STATION_RING_STRIDE
  i64.add reading, reading, station
  i64.add reading, reading, STATION_RING_OFFSET
  call store_reading(reading, value, time)
  i64.add latest, station, STATION_LATEST_OFFSET
  call store_reading(latest, value, time)

  i64.add count_at, station, STATION_COUNT_OFFSET
  shared_fetch_add count, stations.all[count_at], 1
  i64.add count, count, 1
  ret count
}

func store_reading(reading, value, time) {
  i64.add at, reading, READING_VALUE_OFFSET
  shared_store stations.all[at], value
  i64.add at, reading, READING_AT_OFFSET
  shared_store stations.all[at], time
  ret
}
`;

it('a program and TypeScript share one description of a record', () => {
  const pool = Pool.create({ words: 1024, segments: 0 });
  const words = STATIONS * STATION.words;
  const base = pool.reserve(words);
  const program = instance(PROGRAM, {
    constants: { ...structConstants(STATION, READING), STATIONS },
    words: pool,
    windows: [{ name: 'stations', base, words, slotBase: 0 as Slot, slots: 0, domain: domain(1) }],
  });
  const station = STATION.view(pool, (base + 2 * STATION.words) as Address);
  const doubleBits = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;

  // The program writes, TypeScript reads.
  for (let lap = 0; lap < 6; lap++) {
    const time = BigInt.asUintN(64, BigInt(-lap));
    expect(program.run('note', [BigInt(2 * STATION.words), doubleBits(lap + 0.5), time])).toMatchObject({
      kind: 'done',
      value: BigInt(lap + 1),
    });
  }
  expect(station.head.load()).toEqual({ low: 2, high: 1 });
  expect(station.count.load()).toBe(6);
  expect([station.latest.value.load(), station.latest.at.load()]).toEqual([5.5, -5n]);
  expect([0, 1, 2, 3].map((index) => station.ring.at(index).value.load())).toEqual([4.5, 5.5, 2.5, 3.5]);

  // TypeScript writes, the program goes on from there.
  station.head.store({ low: 3, high: 7 });
  station.count.store(41);
  expect(program.run('note', [BigInt(2 * STATION.words), doubleBits(-1), 9n])).toMatchObject({ value: 42n });
  expect(station.head.load()).toEqual({ low: 0, high: 8 });
  expect(station.ring.at(3).value.load()).toBe(-1);

  // And nothing else was touched.
  expect(STATION.view(pool, base).count.load()).toBe(0);
});
