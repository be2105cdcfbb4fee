/** The shared group: each instruction is one operation of `Words`, on an address that was proved, or checked just before. */
import { type Address, MustNotBlockError, type Words } from '@pool/core';
import type { SHARED } from '../opcodes/shared.ts';
import { OP, type Opcodes } from '../opcodes/table.ts';
import type { Machine } from './machine.ts';
import { element, outside, type Stop } from './places.ts';

export type SharedOpcode = Opcodes[keyof typeof SHARED];

const NANOSECONDS_PER_MILLISECOND = 1e6;
/** Milliseconds between two questions to the host: short to a person, and long to a processor. */
const LONGEST_SLEEP = 25;

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

/**
 * Sleeps, and if the host wants to be asked, for `LONGEST_SLEEP` at a time. What was slept counts in `machine.progress`, so an
 * interrupted wait goes on with the rest of its time. A wake that comes between two sleeps is not lost on a program that changes
 * the word before it notifies, as it must: the next sleep does not begin on another value.
 */
function wait(machine: Machine, result: number, at: Address, expected: number, timeout: number): Stop {
  const nanoseconds = machine.i64[timeout] as bigint;
  const asked = nanoseconds < 0n ? Number.POSITIVE_INFINITY : Number(nanoseconds) / NANOSECONDS_PER_MILLISECOND;
  const whole = Math.min(asked, machine.limits.longestWait ?? Number.POSITIVE_INFINITY);
  const longest = machine.interrupt === undefined ? Number.POSITIVE_INFINITY : LONGEST_SLEEP;
  try {
    for (;;) {
      const left = Math.max(0, whole - machine.progress);
      const sleep = Math.min(left, longest);
      const options = sleep === Number.POSITIVE_INFINITY ? {} : { timeout: sleep };
      const ended = (machine.words as Words).wait(at, machine.u64[expected] as bigint, options);
      if (ended !== 'timed-out' || sleep === left) {
        machine.progress = 0;
        machine.u64[result] = ended === 'ok' ? 0n : ended === 'not-equal' ? 1n : 2n;
        return undefined;
      }
      machine.progress += sleep;
      if (machine.isInterrupted()) return 'interrupted';
    }
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
