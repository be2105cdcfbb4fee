import { type Address, HOST_DOMAIN, Pool, Segments, type Slot } from '@pool/core';
import { type Operation, record } from '@pool/core/testing';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

const MUTATORS = new Set([
  'store',
  'storeNumber',
  'compareExchangeNumber',
  'fetchAndNumber',
  'fetchOrNumber',
  'exchange',
  'copyIn',
  'fill',
]);

/** What was written, in order; addresses by name, everything else as it was. */
function writes(operations: readonly Operation[], names: ReadonlyMap<number, string>): string[] {
  return operations
    .filter(({ name }) => MUTATORS.has(name))
    .map(({ name, operands: [at] }) => `${name} ${names.get(at as number) ?? at}`);
}

function open() {
  const pool = Pool.create({ words: 1024, owners: 1, segments: 1 });
  const storage = BlockStorage.reserve(pool, 1, 16);
  const recording = record(pool);
  const segments = new Segments(pool, { storage, words: recording.words });
  const slot = pool.reserve(16) as number as Slot;
  const table = pool.loadNumber(6 as Address);
  const entry = table + 16;
  const fields = ['meta', 'domain', 'start', 'length', 'check', 'owner', 'policy'];
  const names = new Map<number, string>([
    [table, 'set'],
    [storage.base, 'bytes'],
    [slot, 'slot'],
    ...fields.map((field, index) => [entry + index, field] as const),
  ]);
  return {
    segments,
    slot,
    written: () => writes(recording.operations, names),
    forget: () => recording.operations.length,
  };
}

test('the whole entry stands before the draft does; bytes before the state; the stamp before the slot', () => {
  const { segments, slot, written } = open();
  const access = segments.access({ domains: 'all' });
  const draft = access.draft(5, HOST_DOMAIN);
  access.write(draft, 0, new Uint8Array(5));
  access.swap(slot, draft, 7 as typeof HOST_DOMAIN);
  access.retire(draft);
  expect(written()).toEqual([
    'fetchAndNumber set', // draft: a hint,
    'compareExchangeNumber meta', // and the entry is this thread's
    'storeNumber start',
    'storeNumber domain',
    'storeNumber length',
    'storeNumber owner',
    'storeNumber meta',
    'copyIn bytes', // write
    'compareExchangeNumber meta', // swap publishes the bytes,
    'compareExchangeNumber domain', // passes the segment on,
    'exchange slot', // and only then shows it
    'compareExchangeNumber meta', // retire: one of several wins, and the generation is over
    'storeNumber start', // the room has left the entry before it is free
    'storeNumber meta', // and the entry is free before it can be found
    'fetchOrNumber set',
  ]);
});

test('a party that does not hold every domain finds its draft cleared before it is one', () => {
  const { segments, written } = open();
  segments.access({ domains: new Set([HOST_DOMAIN]) }).draft(5, HOST_DOMAIN);
  expect(written().slice(2, 5)).toEqual(['storeNumber start', 'fill bytes', 'storeNumber domain']);
});
