/**
 * Bulk operations: at most 256 KiB at a time, each paid for before it is moved, and the host asked between them whether to go on.
 * Ranges are checked before anything moves. What is done is kept in `machine.progress`, so an operation that stopped for fuel or
 * for the host goes on with its next byte.
 */
import type { SegmentAccess } from '@pool/core';
import { BULK_BYTES, type Machine } from './machine.ts';
import type { Stop } from './places.ts';

/** Bytes moved at once: some ten microseconds. */
export const CHUNK_BYTES = 262_144;
const CHUNK_UNIT = Number(BULK_BYTES);
const NOTHING = new Uint8Array(0);

/** `memory.copy`; the operands are registers. */
export function copyMemory(machine: Machine, target: number, source: number, length: number): Stop {
  const { u64, bytes } = machine;
  const count = u64[length] as bigint;
  if (!machine.inMemory(u64[target] as bigint, count) || !machine.inMemory(u64[source] as bigint, count))
    return 'out of bounds memory access';
  const from = Number(u64[source]);
  const to = Number(u64[target]);
  const whole = Number(count);
  // Chunks go the way that never overwrites what is still to be read.
  const backwards = to > from;
  return inChunks(machine, whole, (done, size) => {
    const at = backwards ? whole - done - size : done;
    bytes.copyWithin(to + at, from + at, from + at + size);
  });
}

/** `memory.fill`; the operands are registers. */
export function fillMemory(machine: Machine, target: number, value: number, length: number): Stop {
  const { u64, u32, bytes } = machine;
  if (!machine.inMemory(u64[target] as bigint, u64[length] as bigint)) return 'out of bounds memory access';
  const to = Number(u64[target]);
  return inChunks(machine, Number(u64[length]), (done, size) => {
    bytes.fill(u32[2 * value] as number, to + done, to + done + size);
  });
}

/** Moves bytes between private memory, from `at` on, and a segment, from `offset` on. */
export function moveSegment(
  machine: Machine,
  move: SegmentAccess['read'] | SegmentAccess['write'],
  handle: Parameters<SegmentAccess['read']>[0],
  operands: { readonly at: bigint; readonly offset: bigint; readonly length: bigint },
): Stop {
  const { at, offset, length } = operands;
  if (!machine.inMemory(at, length)) return 'out of bounds memory access';
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return 'segment range';
  // The first of several chunks must not be moved if the last one has no room.
  if (length > CHUNK_BYTES && machine.progress === 0) move(handle, Number(offset + length), NOTHING);
  return inChunks(machine, Number(length), (done, size) => {
    const start = Number(at) + done;
    move(handle, Number(offset) + done, machine.bytes.subarray(start, start + size));
  });
}

function inChunks(machine: Machine, length: number, move: (done: number, size: number) => void): Stop {
  for (;;) {
    const size = Math.min(CHUNK_BYTES, length - machine.progress);
    const cost = Math.floor(size / CHUNK_UNIT);
    if (cost > machine.fuel) return 'exhausted';
    machine.fuel -= cost;
    move(machine.progress, size);
    machine.progress += size;
    if (machine.progress === length) {
      machine.progress = 0;
      return undefined;
    }
    if (machine.isInterrupted()) return 'interrupted';
  }
}
