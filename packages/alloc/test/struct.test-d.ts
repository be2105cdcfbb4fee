/** Checked by `tsc`, never run: every `@ts-expect-error` is an error if the line under it compiles. */
import type { Address, Handle, Segments, Slot, Words } from '@pool/core';
import { array, cachePadded, f64, i64, pointer, segmentHandle, struct, u32Pair, u53, u64 } from '../src/index.ts';

declare const words: Words;
declare const base: Address;
declare const segments: Segments;

const INNER = struct('inner', { weights: array(f64, 8), at: pointer });
const OUTER = struct('outer', {
  total: cachePadded(u64),
  delta: i64,
  count: u53,
  head: u32Pair,
  photo: segmentHandle,
  inner: INNER,
  table: array(INNER, 4),
});
const record = OUTER.view(words, base);

export const total: bigint = record.total.fetchAdd(1n);
export const delta: bigint = record.delta.load();
export const count: number = record.count.compareExchange(1, 2);
export const low: number = record.head.load().low;
export const photo: Handle = segments.swap(record.photo.slot, record.photo.load());
export const slot: Slot = record.photo.slot;
export const weight: number = record.inner.weights.at(1).fetchAdd(0.5);
export const deep: Address = record.table.cursor().moveTo(2).at.load();
export const moved: bigint = OUTER.cursor(words).moveTo(base).delta.load();
export const offset: number = OUTER.offsets.table;

// @ts-expect-error a u64 is a bigint
record.total.store(1);
// @ts-expect-error a u53 is a number
record.count.store(1n);
// @ts-expect-error half a pair is no pair
record.head.store({ low: 1 });
// @ts-expect-error a plain bigint is no handle
record.photo.store(3n);
// @ts-expect-error handles are not counted with
record.photo.fetchAdd(1n);
// @ts-expect-error doubles have no bits to mask
record.inner.weights.at(0).fetchAnd(1);
// @ts-expect-error a plain number is no address
record.inner.at.store(3);
// @ts-expect-error there is no such field
record.totals.load();
// @ts-expect-error accessors stay
record.delta = record.total;
// @ts-expect-error a plain number is no base
OUTER.view(words, 16);
