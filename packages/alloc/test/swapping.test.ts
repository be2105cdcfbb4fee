import { type Handle, NO_HANDLE, Pool, type Segments, type Slot } from '@pool/core';
import { expect, test } from 'vitest';
import { COMBINATIONS, lay, open } from './support/combinations.ts';

const ROOM = { segments: 12, largest: 3000, owners: 4 };
const LAPS = 300;

/** The program: two parties hand segments of all sizes back and forth. It names no policy and no storage. */
function program(first: Segments, second: Segments, slot: Slot): string[] {
  const seen: string[] = [];
  const retire = (segments: Segments, handle: Handle): void => {
    if (handle !== NO_HANDLE) segments.retire(handle);
  };
  for (let lap = 0; lap < LAPS; lap++) {
    const [writer, reader] = lap % 2 ? [second, first] : [first, second];
    const draft = writer.draft((lap * 37) % ROOM.largest);
    if (draft === undefined) throw new Error(`no room in lap ${lap}`);
    draft.fill(lap % 251);
    if (lap % 7 === 3) draft.discard();
    else retire(writer, draft.publishTo(slot));
    const handle = reader.swap(slot, NO_HANDLE);
    if (handle === NO_HANDLE) {
      seen.push('-');
      continue;
    }
    const view = reader.acquire(handle);
    const bytes = view.slice();
    seen.push(`${bytes.length} of ${bytes[0]}, ${bytes.filter((byte) => byte !== bytes[0]).length} others`);
    view.release();
    if (lap % 5 === 0) retire(writer, reader.swap(slot, handle));
    else reader.retire(handle);
  }
  retire(first, first.swap(slot, NO_HANDLE));
  return seen;
}

function outcome(combination: (typeof COMBINATIONS)[number]): string[] {
  const pool = Pool.create({ words: 2 ** 18, maxWords: 2 ** 23, owners: ROOM.owners, segments: ROOM.segments });
  const laid = lay(pool, combination, ROOM);
  const other = Pool.attach(pool.handle);
  const slot = pool.reserve(1) as number as Slot;
  return program(open(pool, laid).segments, open(other, laid).segments, slot);
}

const expected = outcome({ policy: 'manual', storage: 'static' });

test.each(COMBINATIONS)('one program does the same with $policy over $storage', ({ policy, storage }) => {
  expect(outcome({ policy, storage })).toEqual(expected);
  expect(expected.filter((line) => line.endsWith('0 others')).length).toBeGreaterThan(LAPS / 2);
});
