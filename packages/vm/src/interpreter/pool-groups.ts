/**
 * The shared group and the segment group, and the only code of the interpreter that can reach the pool. Places without an
 * index arrive as addresses that were proved when the program was verified and linked; an index is checked here.
 */
import {
  type Address,
  DetachedError,
  type Domain,
  type Handle,
  MustNotBlockError,
  PoolError,
  type SegmentAccess,
  SegmentError,
  type SegmentFault,
  type Slot,
  type Words,
} from '@pool/core';
import type { SEGMENTS } from '../opcodes/segments.ts';
import type { SHARED } from '../opcodes/shared.ts';
import { OP, type Opcodes } from '../opcodes/table.ts';
import type { TrapReason } from '../traps.ts';
import type { Machine } from './machine.ts';

export type SharedOpcode = Opcodes[keyof typeof SHARED];
export type SegmentOpcode = Opcodes[keyof typeof SEGMENTS];

/** A trap, or no fuel left for a bulk operation; `undefined`: done. */
export type Stop = TrapReason | 'exhausted' | undefined;

const NANOSECONDS_PER_MILLISECOND = 1e6;
/** Bytes that one unit of fuel moves. */
export const BULK_BYTES = 64n;

/** Executes the shared instruction at `pc`; `base` is the frame. */
export function executeShared(machine: Machine, opcode: SharedOpcode, pc: number, base: number): Stop {
  const { u64 } = machine;
  const { cells } = machine.code;
  const words = machine.words as Words;
  const cell = (index: number): number => cells[pc + index] as number;
  const value = (index: number): bigint => u64[base + cell(index)] as bigint;
  /** The proved address, where the result comes first. An index follows the place, and the other operands follow that. */
  const proved = (): Address => cell(2) as Address;
  switch (opcode) {
    case OP.shared_load:
      u64[base + cell(1)] = words.load(proved());
      return undefined;
    case OP.shared_load_at: {
      const at = element(machine, pc + 2, base);
      if (at < 0) return outside(machine, pc + 2, base);
      u64[base + cell(1)] = words.load(at);
      return undefined;
    }
    case OP.shared_store:
      words.store(cell(1) as Address, value(2));
      return undefined;
    case OP.shared_store_at: {
      const at = element(machine, pc + 1, base);
      if (at < 0) return outside(machine, pc + 1, base);
      words.store(at, value(3));
      return undefined;
    }
    case OP.shared_cas:
      u64[base + cell(1)] = words.compareExchange(proved(), value(3), value(4), 'acq-rel');
      return undefined;
    case OP.shared_cas_seq_cst:
      u64[base + cell(1)] = words.compareExchange(proved(), value(3), value(4), 'seq-cst');
      return undefined;
    case OP.shared_cas_at:
    case OP.shared_cas_seq_cst_at: {
      const at = element(machine, pc + 2, base);
      if (at < 0) return outside(machine, pc + 2, base);
      u64[base + cell(1)] = words.compareExchange(
        at,
        value(4),
        value(5),
        opcode === OP.shared_cas_at ? 'acq-rel' : 'seq-cst',
      );
      return undefined;
    }
    case OP.shared_exchange:
    case OP.shared_fetch_add:
    case OP.shared_fetch_sub:
    case OP.shared_fetch_and:
    case OP.shared_fetch_or:
    case OP.shared_fetch_xor:
      u64[base + cell(1)] = modify(words, opcode, proved(), value(3));
      return undefined;
    case OP.shared_exchange_at:
    case OP.shared_fetch_add_at:
    case OP.shared_fetch_sub_at:
    case OP.shared_fetch_and_at:
    case OP.shared_fetch_or_at:
    case OP.shared_fetch_xor_at: {
      const at = element(machine, pc + 2, base);
      if (at < 0) return outside(machine, pc + 2, base);
      u64[base + cell(1)] = modify(words, UNINDEXED[opcode], at, value(4));
      return undefined;
    }
    case OP.shared_wait:
      return wait(machine, base + cell(1), proved(), base + cell(3), base + cell(4));
    case OP.shared_wait_at: {
      const at = element(machine, pc + 2, base);
      if (at < 0) return outside(machine, pc + 2, base);
      return wait(machine, base + cell(1), at, base + cell(4), base + cell(5));
    }
    case OP.shared_notify:
      u64[base + cell(1)] = notify(words, proved(), value(3));
      return undefined;
    case OP.shared_notify_at: {
      const at = element(machine, pc + 2, base);
      if (at < 0) return outside(machine, pc + 2, base);
      u64[base + cell(1)] = notify(words, at, value(4));
      return undefined;
    }
    case OP.shared_barrier:
      words.fence();
      return undefined;
    case OP.shared_pause:
      words.pause();
      return undefined;
    default:
      return opcode satisfies never;
  }
}

type Modify =
  | 'shared_exchange'
  | 'shared_fetch_add'
  | 'shared_fetch_sub'
  | 'shared_fetch_and'
  | 'shared_fetch_or'
  | 'shared_fetch_xor';

const UNINDEXED: { readonly [Name in Modify as Opcodes[`${Name}_at`]]: Opcodes[Name] } = {
  [OP.shared_exchange_at]: OP.shared_exchange,
  [OP.shared_fetch_add_at]: OP.shared_fetch_add,
  [OP.shared_fetch_sub_at]: OP.shared_fetch_sub,
  [OP.shared_fetch_and_at]: OP.shared_fetch_and,
  [OP.shared_fetch_or_at]: OP.shared_fetch_or,
  [OP.shared_fetch_xor_at]: OP.shared_fetch_xor,
};

function modify(words: Words, opcode: Opcodes[Modify], at: Address, value: bigint): bigint {
  switch (opcode) {
    case OP.shared_exchange:
      return words.exchange(at, value);
    case OP.shared_fetch_add:
      return words.fetchAdd(at, value);
    case OP.shared_fetch_sub:
      return words.fetchSub(at, value);
    case OP.shared_fetch_and:
      return words.fetchAnd(at, value);
    case OP.shared_fetch_or:
      return words.fetchOr(at, value);
    case OP.shared_fetch_xor:
      return words.fetchXor(at, value);
    default:
      return opcode satisfies never;
  }
}

function wait(machine: Machine, result: number, at: Address, expected: number, timeout: number): Stop {
  const { longestWait } = machine.limits;
  const nanoseconds = machine.i64[timeout] as bigint;
  const asked = nanoseconds < 0n ? Number.POSITIVE_INFINITY : Number(nanoseconds) / NANOSECONDS_PER_MILLISECOND;
  const milliseconds = Math.min(asked, longestWait ?? Number.POSITIVE_INFINITY);
  try {
    const options = milliseconds === Number.POSITIVE_INFINITY ? {} : { timeout: milliseconds };
    const ended = (machine.words as Words).wait(at, machine.u64[expected] as bigint, options);
    machine.u64[result] = ended === 'ok' ? 0n : ended === 'not-equal' ? 1n : 2n;
    return undefined;
  } catch (error) {
    if (!(error instanceof MustNotBlockError)) throw error;
    machine.message = error.message;
    return 'must not block';
  }
}

/** Counts past 2^32 - 1, and so -1, mean all. */
function notify(words: Words, at: Address, count: bigint): bigint {
  return BigInt(count < 0xffff_ffffn ? words.notify(at, Number(count)) : words.notify(at));
}

/** The address of the element that the place and the register in two neighbouring cells name, or -1. */
function element(machine: Machine, cell: number, base: number): Address {
  const { cells } = machine.code;
  const place = cells[cell] as number;
  const register = 2 * (base + (cells[cell + 1] as number));
  const index = machine.u32[register] as number;
  const inside = machine.u32[register + 1] === 0 && index < (machine.places.lengths[place] as number);
  return (inside ? (machine.places.bases[place] as number) + index : -1) as Address;
}

function outside(machine: Machine, cell: number, base: number): TrapReason {
  const { cells } = machine.code;
  const place = cells[cell] as number;
  const index = machine.u64[base + (cells[cell + 1] as number)] as bigint;
  machine.message = `index ${index} is outside ${machine.program.places[place]?.name}, which has ${machine.places.lengths[place]}`;
  return 'outside place';
}

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
      const stop = bulk(machine, value(3), value(4), value(2));
      if (stop !== undefined) return stop;
      segments.write(
        handle(1),
        Number(value(2)),
        machine.bytes.subarray(Number(value(3)), Number(value(3) + value(4))),
      );
      return undefined;
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
      const stop = bulk(machine, value(1), value(4), value(3));
      if (stop !== undefined) return stop;
      segments.read(handle(2), Number(value(3)), machine.bytes.subarray(Number(value(1)), Number(value(1) + value(4))));
      return undefined;
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

/** Checks a range of private memory and the segment's offset, and charges for moving so many bytes. */
function bulk(machine: Machine, at: bigint, length: bigint, offset: bigint): Stop {
  if (!machine.inMemory(at, length)) return 'out of bounds memory access';
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return 'segment range';
  const cost = Number(length / BULK_BYTES);
  if (cost > machine.fuel) return 'exhausted';
  machine.fuel -= cost;
  return undefined;
}
