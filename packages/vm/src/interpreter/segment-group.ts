/**
 * The segment group: each instruction is one operation of the program's segment access, which decides by the domains that the
 * program holds. What it refuses becomes a trap.
 */
import {
  DetachedError,
  type Domain,
  type Handle,
  PoolError,
  type SegmentAccess,
  SegmentError,
  type SegmentFault,
  type Slot,
} from '@pool/core';
import type { SEGMENTS } from '../opcodes/segments.ts';
import { OP, type Opcodes } from '../opcodes/table.ts';
import type { TrapReason } from '../traps.ts';
import { moveSegment } from './bulk.ts';
import type { Machine } from './machine.ts';
import { element, outside, type Stop } from './places.ts';

export type SegmentOpcode = Opcodes[keyof typeof SEGMENTS];

const FAULTS: Readonly<Record<SegmentFault, TrapReason>> = {
  stale: 'stale segment',
  foreign: 'foreign segment',
  state: 'segment state',
  range: 'segment range',
  released: 'released segment',
  tampered: 'tampered segment',
  corrupt: 'corrupt segment',
};

/** Executes the segment instruction at `pc`. What the segment layer refuses becomes a trap. */
export function executeSegment(machine: Machine, opcode: SegmentOpcode, pc: number, base: number): Stop {
  try {
    return segment(machine, machine.segments as SegmentAccess, opcode, pc, base);
  } catch (error) {
    // The host took the pool away, or something that is no fault of the program.
    if (!(error instanceof PoolError) || error instanceof DetachedError) throw error;
    machine.message = error.message;
    return error instanceof SegmentError ? FAULTS[error.fault] : 'corrupt segment';
  }
}

function segment(machine: Machine, segments: SegmentAccess, opcode: SegmentOpcode, pc: number, base: number): Stop {
  const { u64 } = machine;
  const { cells } = machine.code;
  const cell = (index: number): number => cells[pc + index] as number;
  const value = (index: number): bigint => u64[base + cell(index)] as bigint;
  const handle = (index: number): Handle => value(index) as Handle;
  switch (opcode) {
    case OP.segment_draft: {
      const length = value(3);
      // More bytes than a number can count are more than any pool has.
      const roomy = length <= BigInt(Number.MAX_SAFE_INTEGER);
      u64[base + cell(1)] = roomy
        ? segments.draft(Number(length), machine.places.windowDomains[cell(2)] as Domain)
        : 0n;
      return undefined;
    }
    case OP.segment_write: {
      const operands = { at: value(3), offset: value(2), length: value(4) };
      return moveSegment(machine, segments.write.bind(segments), handle(1), operands);
    }
    case OP.segment_publish:
      if (value(2) > BigInt(Number.MAX_SAFE_INTEGER)) return 'segment range';
      segments.publish(handle(1), Number(value(2)));
      return undefined;
    case OP.segment_discard:
      segments.discard(handle(1));
      return undefined;
    case OP.swap_segment:
    case OP.swap_segment_at: {
      const indexed = opcode === OP.swap_segment_at;
      const place = cell(2);
      const at = indexed ? element(machine, pc + 2, base) : (machine.places.bases[place] as number);
      if (at < 0) return outside(machine, pc + 2, base);
      u64[base + cell(1)] = segments.swap(at as Slot, handle(indexed ? 4 : 3), machine.places.domains[place] as Domain);
      return undefined;
    }
    case OP.segment_acquire:
      u64[base + cell(1)] = BigInt(segments.acquire(handle(2)));
      return undefined;
    case OP.segment_read: {
      const operands = { at: value(1), offset: value(3), length: value(4) };
      return moveSegment(machine, segments.read.bind(segments), handle(2), operands);
    }
    case OP.segment_release:
      segments.release(handle(1));
      return undefined;
    case OP.segment_retire:
      segments.retire(handle(1));
      return undefined;
    default:
      return opcode satisfies never;
  }
}
