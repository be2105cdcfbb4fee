/**
 * The interpreter: one switch over linked code, whole by its types (an opcode without a case does not compile). The local group
 * is here and can reach registers and private memory only; what names the pool is in shared-group.ts and segment-group.ts.
 *
 * What V8 compiles well decided its form, by measurement: sums, products and signed comparisons of BigInt64Array elements stay
 * in machine registers; shifts by a variable, unsigned comparisons and conversions do not, and go by 32-bit halves. Opcodes in
 * case labels become literal numbers when the package is built, since only literals make a jump table.
 *
 * The file is long because it is one table.
 */

import type { CONTROL } from '../opcodes/control.ts';
import type { FLOAT } from '../opcodes/float.ts';
import type { INTEGER } from '../opcodes/integer.ts';
import type { MEMORY } from '../opcodes/memory.ts';
import { OP, type Opcode, type Opcodes } from '../opcodes/table.ts';
import { PAGE_BYTES } from '../program/program.ts';
import type { TrapReason } from '../traps.ts';
import { copyMemory, fillMemory } from './bulk.ts';
import { callHost } from './host-call.ts';
import { calleeThroughTable } from './indirect-call.ts';
import { CELLS, COST, ENTER } from './linked-code.ts';
import { FRAME_CELLS, type Machine } from './machine.ts';
import {
  CANONICAL_NAN,
  convertSigned,
  convertUnsigned,
  countLeadingZeros,
  countOnes,
  countTrailingZeros,
  fitsSigned,
  fitsUnsigned,
  lessUnsigned,
  MAGNITUDE,
  nearest,
  POWERS_OF_TWO,
  rotateLeft,
  SIGN_BIT,
  shiftRightSigned,
  shiftRightUnsigned,
  truncate,
  truncateSaturatingSigned,
  truncateSaturatingUnsigned,
} from './numeric.ts';
import { isSuspension, type Suspension } from './places.ts';
import { executeSegment, type SegmentOpcode } from './segment-group.ts';
import { executeShared, type SharedOpcode } from './shared-group.ts';

/** Why the interpreter came back. */
export type Signal = 'done' | 'trap' | Suspension;

type LocalOpcode = Opcodes[keyof typeof CONTROL | keyof typeof INTEGER | keyof typeof FLOAT | keyof typeof MEMORY];

/** Runs from where the machine stands until it ends, traps or has no fuel for the next block. */
export function execute(machine: Machine): Signal {
  const { i64, u64, f64, i32, u32, frames } = machine;
  const { cells, constants, entries, frameSizes, parameters } = machine.code;
  const { callDepth } = machine.limits;
  const constantHalves = machine.constantHalves;
  let { bytes, view, pc, base, frameSize, depth, fuel } = machine;
  let memorySize = bytes.length;
  let signal: Signal = 'done';
  let reason: TrapReason | undefined;
  let cost = machine.paid ? 0 : (cells[pc + COST] as number);

  blocks: for (;;) {
    if (cost > fuel) {
      signal = 'exhausted';
      machine.paid = false;
      break;
    }
    fuel -= cost;
    for (;;) {
      const opcode = cells[pc] as Opcode | typeof ENTER;
      // Operands as registers; an instruction whose cells mean something else reads them itself.
      const a = base + (cells[pc + 1] as number);
      const b = base + (cells[pc + 2] as number);
      const c = base + (cells[pc + 3] as number);
      switch (opcode) {
        case ENTER:
          pc += CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.nop:
          pc += CELLS;
          continue;
        case OP.mov:
          i64[a] = i64[b] as bigint;
          pc += CELLS;
          continue;
        case OP.select:
          i64[a] = (i64[b] !== 0n ? i64[c] : i64[base + (cells[pc + 4] as number)]) as bigint;
          pc += CELLS;
          continue;
        case OP['i64.const']:
        case OP['f64.const']:
          i64[a] = constants[cells[pc + 2] as number] as bigint;
          pc += CELLS;
          continue;
        case OP.br:
          pc = cells[pc + 1] as number;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_if:
          pc = i64[a] !== 0n ? (cells[pc + 2] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_unless:
          pc = i64[a] === 0n ? (cells[pc + 2] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_eq:
          pc = i64[a] === (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ne:
          pc = i64[a] !== (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_lt_s:
          pc = (i64[a] as bigint) < (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_lt_u:
          pc = lessUnsigned(
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_gt_s:
          pc = (i64[a] as bigint) > (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_gt_u:
          pc = lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_le_s:
          pc = (i64[a] as bigint) <= (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_le_u:
          pc = !lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ge_s:
          pc = (i64[a] as bigint) >= (i64[b] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ge_u:
          pc = !lessUnsigned(
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_eq_imm:
          pc = i64[a] === (constants[cells[pc + 2] as number] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ne_imm:
          pc = i64[a] !== (constants[cells[pc + 2] as number] as bigint) ? (cells[pc + 3] as number) : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_lt_s_imm:
          pc =
            (i64[a] as bigint) < (constants[cells[pc + 2] as number] as bigint)
              ? (cells[pc + 3] as number)
              : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_lt_u_imm:
          pc = lessUnsigned(
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
            constantHalves[2 * (cells[pc + 2] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 2] as number)] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_gt_s_imm:
          pc =
            (i64[a] as bigint) > (constants[cells[pc + 2] as number] as bigint)
              ? (cells[pc + 3] as number)
              : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_gt_u_imm:
          pc = lessUnsigned(
            constantHalves[2 * (cells[pc + 2] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 2] as number)] as number,
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_le_s_imm:
          pc =
            (i64[a] as bigint) <= (constants[cells[pc + 2] as number] as bigint)
              ? (cells[pc + 3] as number)
              : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_le_u_imm:
          pc = !lessUnsigned(
            constantHalves[2 * (cells[pc + 2] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 2] as number)] as number,
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ge_s_imm:
          pc =
            (i64[a] as bigint) >= (constants[cells[pc + 2] as number] as bigint)
              ? (cells[pc + 3] as number)
              : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.br_ge_u_imm:
          pc = !lessUnsigned(
            u32[2 * a + 1] as number,
            u32[2 * a] as number,
            constantHalves[2 * (cells[pc + 2] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 2] as number)] as number,
          )
            ? (cells[pc + 3] as number)
            : pc + CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        case OP.call:
        case OP.call_value: {
          if (depth === callDepth) {
            reason = 'call stack exhausted';
            break blocks;
          }
          const first = opcode === OP.call ? pc + 2 : pc + 3;
          const callee = cells[first - 1] as number;
          const frame = base + frameSize;
          const count = parameters[callee] as number;
          if (count > 0) i64[frame] = i64[base + (cells[first] as number)] as bigint;
          if (count > 1) i64[frame + 1] = i64[base + (cells[first + 1] as number)] as bigint;
          if (count > 2) i64[frame + 2] = i64[base + (cells[first + 2] as number)] as bigint;
          // Arguments from the fourth on stand in `args` words, six to each.
          for (let index = 3; index < count; index++) {
            const cell = pc + CELLS * Math.floor((index + 3) / 6) + 1 + ((index - 3) % 6);
            i64[frame + index] = i64[base + (cells[cell] as number)] as bigint;
          }
          frames[FRAME_CELLS * depth] = pc;
          frames[FRAME_CELLS * depth + 1] = frameSize;
          depth += 1;
          base = frame;
          frameSize = frameSizes[callee] as number;
          pc = entries[callee] as number;
          cost = cells[pc + COST] as number;
          continue blocks;
        }
        case OP.call_indirect:
        case OP.call_indirect_value: {
          const wantsValue = opcode === OP.call_indirect_value;
          const first = wantsValue ? pc + 2 : pc + 1;
          const callee = calleeThroughTable(machine, first, base, wantsValue);
          if (callee < 0) {
            reason = machine.reason;
            break blocks;
          }
          if (depth === callDepth) {
            reason = 'call stack exhausted';
            break blocks;
          }
          const frame = base + frameSize;
          const count = parameters[callee] as number;
          for (let index = 0; index < count; index++) {
            const cell = pc + CELLS * (1 + Math.floor(index / 6)) + 1 + (index % 6);
            i64[frame + index] = i64[base + (cells[cell] as number)] as bigint;
          }
          frames[FRAME_CELLS * depth] = pc;
          frames[FRAME_CELLS * depth + 1] = frameSize;
          depth += 1;
          base = frame;
          frameSize = frameSizes[callee] as number;
          pc = entries[callee] as number;
          cost = cells[pc + COST] as number;
          continue blocks;
        }
        case OP.call_host:
        case OP.call_host_value: {
          machine.fuel = fuel;
          const stop = callHost(machine, pc, base);
          fuel = machine.fuel;
          if (isSuspension(stop)) {
            signal = stop;
            machine.paid = true;
            break blocks;
          }
          if (stop !== undefined) {
            reason = stop;
            break blocks;
          }
          pc += CELLS;
          while (cells[pc] === OP.args) pc += CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        }
        case OP.br_table: {
          const index = u32[2 * a] as number;
          const listed = u32[2 * a + 1] === 0 && index < (cells[pc + 3] as number);
          // Each entry is an instruction of its own, whose first field is its target.
          pc = cells[listed ? pc + CELLS * (index + 1) + 1 : pc + 2] as number;
          cost = cells[pc + COST] as number;
          continue blocks;
        }
        case OP.args:
        case OP.entry:
          throw new Error('args and entry words are part of the instruction before them, and never executed');
        case OP.ret:
        case OP.ret_value: {
          if (depth === 0) {
            machine.result = opcode === OP.ret_value ? (u64[a] as bigint) : undefined;
            break blocks;
          }
          depth -= 1;
          pc = frames[FRAME_CELLS * depth] as number;
          frameSize = frames[FRAME_CELLS * depth + 1] as number;
          base -= frameSize;
          const called = cells[pc] as number;
          // A function that returns a value may be called for its effect only.
          if (called === OP.call_value || called === OP.call_indirect_value)
            i64[base + (cells[pc + 1] as number)] = i64[a] as bigint;
          pc += CELLS;
          while (cells[pc] === OP.args) pc += CELLS;
          cost = cells[pc + COST] as number;
          continue blocks;
        }
        case OP.halt:
          machine.result = u64[a] as bigint;
          break blocks;
        case OP.trap:
          machine.message = machine.program.messages[cells[pc + 1] as number];
          reason = 'explicit trap';
          break blocks;
        case OP['i64.add']:
          i64[a] = (i64[b] as bigint) + (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.sub']:
          i64[a] = (i64[b] as bigint) - (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.mul']:
          i64[a] = (i64[b] as bigint) * (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.div_s']: {
          const right = i64[c] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          if (right === -1n && i64[b] === SIGN_BIT) {
            reason = 'integer overflow';
            break blocks;
          }
          i64[a] = (i64[b] as bigint) / right;
          pc += CELLS;
          continue;
        }
        case OP['i64.div_u']: {
          const right = i64[c] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          // V8 compiles signed division only, and for two that are not negative it is the same.
          if (right > 0n && (i32[2 * b + 1] as number) >= 0) i64[a] = (i64[b] as bigint) / right;
          else u64[a] = (u64[b] as bigint) / BigInt.asUintN(64, right);
          pc += CELLS;
          continue;
        }
        case OP['i64.rem_s']: {
          const right = i64[c] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          i64[a] = right === -1n ? 0n : (i64[b] as bigint) % right;
          pc += CELLS;
          continue;
        }
        case OP['i64.rem_u']: {
          const right = i64[c] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          // V8 compiles signed division only, and for two that are not negative it is the same.
          if (right > 0n && (i32[2 * b + 1] as number) >= 0) i64[a] = (i64[b] as bigint) % right;
          else u64[a] = (u64[b] as bigint) % BigInt.asUintN(64, right);
          pc += CELLS;
          continue;
        }
        case OP['i64.and']:
          i64[a] = (i64[b] as bigint) & (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.or']:
          i64[a] = (i64[b] as bigint) | (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.xor']:
          i64[a] = (i64[b] as bigint) ^ (i64[c] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.shl']:
          i64[a] = (i64[b] as bigint) * (POWERS_OF_TWO[(i32[2 * c] as number) & 63] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.shr_s']:
          i64[a] = shiftRightSigned(i32[2 * b + 1] as number, i32[2 * b] as number, (i32[2 * c] as number) & 63);
          pc += CELLS;
          continue;
        case OP['i64.shr_u']:
          i64[a] = shiftRightUnsigned(i32[2 * b + 1] as number, i32[2 * b] as number, (i32[2 * c] as number) & 63);
          pc += CELLS;
          continue;
        case OP['i64.rotl']:
          i64[a] = rotateLeft(i32[2 * b + 1] as number, i32[2 * b] as number, (i32[2 * c] as number) & 63);
          pc += CELLS;
          continue;
        case OP['i64.rotr']:
          i64[a] = rotateLeft(i32[2 * b + 1] as number, i32[2 * b] as number, -(i32[2 * c] as number) & 63);
          pc += CELLS;
          continue;
        case OP['i64.add_imm']:
          i64[a] = (i64[b] as bigint) + (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.sub_imm']:
          i64[a] = (i64[b] as bigint) - (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.mul_imm']:
          i64[a] = (i64[b] as bigint) * (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.div_s_imm']: {
          const right = constants[cells[pc + 3] as number] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          if (right === -1n && i64[b] === SIGN_BIT) {
            reason = 'integer overflow';
            break blocks;
          }
          i64[a] = (i64[b] as bigint) / right;
          pc += CELLS;
          continue;
        }
        case OP['i64.div_u_imm']: {
          const right = constants[cells[pc + 3] as number] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          // V8 compiles signed division only, and for two that are not negative it is the same.
          if (right > 0n && (i32[2 * b + 1] as number) >= 0) i64[a] = (i64[b] as bigint) / right;
          else u64[a] = (u64[b] as bigint) / BigInt.asUintN(64, right);
          pc += CELLS;
          continue;
        }
        case OP['i64.rem_s_imm']: {
          const right = constants[cells[pc + 3] as number] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          i64[a] = right === -1n ? 0n : (i64[b] as bigint) % right;
          pc += CELLS;
          continue;
        }
        case OP['i64.rem_u_imm']: {
          const right = constants[cells[pc + 3] as number] as bigint;
          if (right === 0n) {
            reason = 'integer divide by zero';
            break blocks;
          }
          // V8 compiles signed division only, and for two that are not negative it is the same.
          if (right > 0n && (i32[2 * b + 1] as number) >= 0) i64[a] = (i64[b] as bigint) % right;
          else u64[a] = (u64[b] as bigint) % BigInt.asUintN(64, right);
          pc += CELLS;
          continue;
        }
        case OP['i64.and_imm']:
          i64[a] = (i64[b] as bigint) & (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.or_imm']:
          i64[a] = (i64[b] as bigint) | (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.xor_imm']:
          i64[a] = (i64[b] as bigint) ^ (constants[cells[pc + 3] as number] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.shl_imm']:
          i64[a] =
            (i64[b] as bigint) *
            (POWERS_OF_TWO[(constantHalves[2 * (cells[pc + 3] as number)] as number) & 63] as bigint);
          pc += CELLS;
          continue;
        case OP['i64.shr_s_imm']:
          i64[a] = shiftRightSigned(
            i32[2 * b + 1] as number,
            i32[2 * b] as number,
            (constantHalves[2 * (cells[pc + 3] as number)] as number) & 63,
          );
          pc += CELLS;
          continue;
        case OP['i64.shr_u_imm']:
          i64[a] = shiftRightUnsigned(
            i32[2 * b + 1] as number,
            i32[2 * b] as number,
            (constantHalves[2 * (cells[pc + 3] as number)] as number) & 63,
          );
          pc += CELLS;
          continue;
        case OP['i64.rotl_imm']:
          i64[a] = rotateLeft(
            i32[2 * b + 1] as number,
            i32[2 * b] as number,
            (constantHalves[2 * (cells[pc + 3] as number)] as number) & 63,
          );
          pc += CELLS;
          continue;
        case OP['i64.rotr_imm']:
          i64[a] = rotateLeft(
            i32[2 * b + 1] as number,
            i32[2 * b] as number,
            -(constantHalves[2 * (cells[pc + 3] as number)] as number) & 63,
          );
          pc += CELLS;
          continue;
        case OP['i64.eq']:
          i64[a] = i64[b] === (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ne']:
          i64[a] = i64[b] !== (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.lt_s']:
          i64[a] = (i64[b] as bigint) < (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.lt_u']:
          i64[a] = lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            u32[2 * c + 1] as number,
            u32[2 * c] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.gt_s']:
          i64[a] = (i64[b] as bigint) > (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.gt_u']:
          i64[a] = lessUnsigned(
            u32[2 * c + 1] as number,
            u32[2 * c] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.le_s']:
          i64[a] = (i64[b] as bigint) <= (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.le_u']:
          i64[a] = !lessUnsigned(
            u32[2 * c + 1] as number,
            u32[2 * c] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ge_s']:
          i64[a] = (i64[b] as bigint) >= (i64[c] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ge_u']:
          i64[a] = !lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            u32[2 * c + 1] as number,
            u32[2 * c] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.eq_imm']:
          i64[a] = i64[b] === (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ne_imm']:
          i64[a] = i64[b] !== (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.lt_s_imm']:
          i64[a] = (i64[b] as bigint) < (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.lt_u_imm']:
          i64[a] = lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            constantHalves[2 * (cells[pc + 3] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 3] as number)] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.gt_s_imm']:
          i64[a] = (i64[b] as bigint) > (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.gt_u_imm']:
          i64[a] = lessUnsigned(
            constantHalves[2 * (cells[pc + 3] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 3] as number)] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.le_s_imm']:
          i64[a] = (i64[b] as bigint) <= (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.le_u_imm']:
          i64[a] = !lessUnsigned(
            constantHalves[2 * (cells[pc + 3] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 3] as number)] as number,
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ge_s_imm']:
          i64[a] = (i64[b] as bigint) >= (constants[cells[pc + 3] as number] as bigint) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.ge_u_imm']:
          i64[a] = !lessUnsigned(
            u32[2 * b + 1] as number,
            u32[2 * b] as number,
            constantHalves[2 * (cells[pc + 3] as number) + 1] as number,
            constantHalves[2 * (cells[pc + 3] as number)] as number,
          )
            ? 1n
            : 0n;
          pc += CELLS;
          continue;
        case OP['i64.eqz']:
          i64[a] = i64[b] === 0n ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.clz']:
          i64[a] = BigInt(countLeadingZeros(i32[2 * b + 1] as number, i32[2 * b] as number));
          pc += CELLS;
          continue;
        case OP['i64.ctz']:
          i64[a] = BigInt(countTrailingZeros(i32[2 * b + 1] as number, i32[2 * b] as number));
          pc += CELLS;
          continue;
        case OP['i64.popcnt']:
          i64[a] = BigInt(countOnes(i32[2 * b + 1] as number) + countOnes(i32[2 * b] as number));
          pc += CELLS;
          continue;
        case OP['i64.extend8_s']:
          i64[a] = BigInt(((i32[2 * b] as number) << 24) >> 24);
          pc += CELLS;
          continue;
        case OP['i64.extend16_s']:
          i64[a] = BigInt(((i32[2 * b] as number) << 16) >> 16);
          pc += CELLS;
          continue;
        case OP['i64.extend32_s']:
          i64[a] = BigInt(i32[2 * b] as number);
          pc += CELLS;
          continue;
        case OP['f64.add']: {
          const result = (f64[b] as number) + (f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.sub']: {
          const result = (f64[b] as number) - (f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.mul']: {
          const result = (f64[b] as number) * (f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.div']: {
          const result = (f64[b] as number) / (f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.min']: {
          const result = Math.min(f64[b] as number, f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.max']: {
          const result = Math.max(f64[b] as number, f64[c] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.copysign']:
          i64[a] = ((i64[b] as bigint) & MAGNITUDE) | ((i64[c] as bigint) & SIGN_BIT);
          pc += CELLS;
          continue;
        case OP['f64.abs']:
          i64[a] = (i64[b] as bigint) & MAGNITUDE;
          pc += CELLS;
          continue;
        case OP['f64.neg']:
          i64[a] = (i64[b] as bigint) ^ SIGN_BIT;
          pc += CELLS;
          continue;
        case OP['f64.sqrt']: {
          const result = Math.sqrt(f64[b] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.ceil']: {
          const result = Math.ceil(f64[b] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.floor']: {
          const result = Math.floor(f64[b] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.trunc']: {
          const result = Math.trunc(f64[b] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.nearest']: {
          const result = nearest(f64[b] as number);
          if (Number.isNaN(result)) u64[a] = CANONICAL_NAN;
          else f64[a] = result;
          pc += CELLS;
          continue;
        }
        case OP['f64.eq']:
          i64[a] = (f64[b] as number) === (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['f64.ne']:
          i64[a] = (f64[b] as number) !== (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['f64.lt']:
          i64[a] = (f64[b] as number) < (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['f64.gt']:
          i64[a] = (f64[b] as number) > (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['f64.le']:
          i64[a] = (f64[b] as number) <= (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['f64.ge']:
          i64[a] = (f64[b] as number) >= (f64[c] as number) ? 1n : 0n;
          pc += CELLS;
          continue;
        case OP['i64.trunc_f64_s']: {
          const value = f64[b] as number;
          if (!fitsSigned(value)) {
            reason = Number.isNaN(value) ? 'invalid conversion to integer' : 'integer overflow';
            break blocks;
          }
          i64[a] = truncate(value);
          pc += CELLS;
          continue;
        }
        case OP['i64.trunc_f64_u']: {
          const value = f64[b] as number;
          if (!fitsUnsigned(value)) {
            reason = Number.isNaN(value) ? 'invalid conversion to integer' : 'integer overflow';
            break blocks;
          }
          i64[a] = truncate(value);
          pc += CELLS;
          continue;
        }
        case OP['i64.trunc_sat_f64_s']:
          i64[a] = truncateSaturatingSigned(f64[b] as number);
          pc += CELLS;
          continue;
        case OP['i64.trunc_sat_f64_u']:
          i64[a] = truncateSaturatingUnsigned(f64[b] as number);
          pc += CELLS;
          continue;
        case OP['f64.convert_i64_s']:
          f64[a] = convertSigned(i32[2 * b + 1] as number, i32[2 * b] as number);
          pc += CELLS;
          continue;
        case OP['f64.convert_i64_u']:
          f64[a] = convertUnsigned(i32[2 * b + 1] as number, i32[2 * b] as number);
          pc += CELLS;
          continue;
        case OP['i64.load']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 8 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = view.getBigInt64(at, true);
          pc += CELLS;
          continue;
        }
        case OP['i64.load8_s']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 1 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(view.getInt8(at));
          pc += CELLS;
          continue;
        }
        case OP['i64.load8_u']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 1 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(bytes[at] as number);
          pc += CELLS;
          continue;
        }
        case OP['i64.load16_s']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 2 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(view.getInt16(at, true));
          pc += CELLS;
          continue;
        }
        case OP['i64.load16_u']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 2 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(view.getUint16(at, true));
          pc += CELLS;
          continue;
        }
        case OP['i64.load32_s']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 4 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(view.getInt32(at, true));
          pc += CELLS;
          continue;
        }
        case OP['i64.load32_u']: {
          const at = (u32[2 * b] as number) + (cells[pc + 3] as number);
          if (u32[2 * b + 1] !== 0 || at + 4 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          i64[a] = BigInt(view.getUint32(at, true));
          pc += CELLS;
          continue;
        }
        case OP['i64.store']: {
          const at = (u32[2 * a] as number) + (cells[pc + 2] as number);
          if (u32[2 * a + 1] !== 0 || at + 8 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          view.setBigInt64(at, i64[c] as bigint, true);
          pc += CELLS;
          continue;
        }
        case OP['i64.store8']: {
          const at = (u32[2 * a] as number) + (cells[pc + 2] as number);
          if (u32[2 * a + 1] !== 0 || at + 1 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          bytes[at] = i32[2 * c] as number;
          pc += CELLS;
          continue;
        }
        case OP['i64.store16']: {
          const at = (u32[2 * a] as number) + (cells[pc + 2] as number);
          if (u32[2 * a + 1] !== 0 || at + 2 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          view.setInt16(at, i32[2 * c] as number, true);
          pc += CELLS;
          continue;
        }
        case OP['i64.store32']: {
          const at = (u32[2 * a] as number) + (cells[pc + 2] as number);
          if (u32[2 * a + 1] !== 0 || at + 4 > memorySize) {
            reason = 'out of bounds memory access';
            break blocks;
          }
          view.setInt32(at, i32[2 * c] as number, true);
          pc += CELLS;
          continue;
        }
        case OP['memory.size']:
          i64[a] = BigInt(memorySize / PAGE_BYTES);
          pc += CELLS;
          continue;
        case OP['memory.grow']:
          i64[a] = BigInt(machine.grow(u64[b] as bigint));
          ({ bytes, view } = machine);
          memorySize = bytes.length;
          pc += CELLS;
          continue;
        case OP['memory.copy']:
        case OP['memory.fill']: {
          machine.fuel = fuel;
          const stop = opcode === OP['memory.copy'] ? copyMemory(machine, a, b, c) : fillMemory(machine, a, b, c);
          fuel = machine.fuel;
          if (stop === undefined) {
            pc += CELLS;
            continue;
          }
          if (isSuspension(stop)) {
            signal = stop;
            machine.paid = true;
          } else reason = stop;
          break blocks;
        }
        default: {
          opcode satisfies Exclude<Opcode, LocalOpcode>;
          machine.fuel = fuel;
          const stop = isSegment(opcode)
            ? executeSegment(machine, opcode, pc, base)
            : executeShared(machine, opcode, pc, base);
          fuel = machine.fuel;
          if (stop === undefined) {
            pc += CELLS;
            continue;
          }
          if (isSuspension(stop)) {
            signal = stop;
            machine.paid = true;
          } else reason = stop;
          break blocks;
        }
      }
    }
  }
  if (reason !== undefined) signal = 'trap';
  machine.reason = reason;
  machine.pc = pc;
  machine.base = base;
  machine.depth = depth;
  machine.fuel = fuel;
  machine.frameSize = frameSize;
  return signal;
}

const FIRST_SEGMENT = 0xe0;

function isSegment(opcode: SharedOpcode | SegmentOpcode): opcode is SegmentOpcode {
  return opcode >= FIRST_SEGMENT;
}
