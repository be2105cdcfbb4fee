/**
 * The state of one running program. Registers are 64-bit cells of one buffer, seen as signed integers, doubles and 32-bit
 * halves; every call has a frame of its own in it. The interpreter keeps what changes with every instruction in locals and
 * brings it back here whenever it stops.
 */
import type { SegmentAccess, Words } from '@pool/core';
import { PAGE_BYTES, type Program } from '../program/program.ts';
import type { TrapReason } from '../traps.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
import type { LinkedImport } from './host-call.ts';
import type { LinkedPlaces } from './link-windows.ts';
import type { LinkedCode } from './linked-code.ts';

export interface MachineLimits {
  readonly callDepth: number;
  /** Milliseconds; a wait that would last longer times out. */
  readonly longestWait: number | undefined;
  /** Pages of private memory. */
  readonly pages: number;
}

/** Bytes that one unit of fuel moves. */
export const BULK_BYTES = 64n;
/** Cells of `frames` for each call. */
export const FRAME_CELLS = 2;

export class Machine {
  readonly program: Program;
  /** Every form of a program's linked code has the same constants and frames; a debugger puts another in. */
  code: LinkedCode;
  readonly places: LinkedPlaces;
  /** A checker puts others in. */
  words: Words | undefined;
  readonly segments: SegmentAccess | undefined;
  readonly limits: MachineLimits;

  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  /** The halves of `code.constants`, low before high. */
  readonly constantHalves: Uint32Array;
  /** A call a pair: the cell of the call, and the size of the caller's frame. */
  readonly frames: Int32Array;

  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;

  /** The cell of the next instruction. */
  pc = 0;
  /** The register that is register 0 of the present frame. */
  base = 0;
  /** Registers of the present frame. */
  frameSize = 0;
  depth = 0;
  fuel = 0;
  /** Whether the block that `pc` stands in has been paid for. */
  paid = false;
  /** Bytes that the bulk operation at `pc` has moved already, or milliseconds that the wait there has slept. */
  progress = 0;
  /** Says whether the host wants to look at other things; only `run` and `resume` ask. */
  interrupt: (() => boolean) | undefined;
  /** What the host granted, in the order of the program's imports. */
  imports: readonly LinkedImport[] = [];
  /** Whether a function of the host is being called. */
  inHost = false;
  /** What the trap says, where that is more than its reason. */
  message: string | undefined;
  reason: TrapReason | undefined;
  result: bigint | undefined;
  /** The debugging session that drives the machine, if one does. */
  session: object | undefined;

  constructor(
    verified: VerifiedProgram,
    code: LinkedCode,
    places: LinkedPlaces,
    words: Words | undefined,
    segments: SegmentAccess | undefined,
    limits: MachineLimits,
  ) {
    this.program = verifiedProgram(verified);
    this.code = code;
    this.places = places;
    this.words = words;
    this.segments = segments;
    this.limits = limits;
    const frame = Math.max(1, ...code.frameSizes);
    const registers = new ArrayBuffer(8 * frame * (limits.callDepth + 1));
    this.i64 = new BigInt64Array(registers);
    this.u64 = new BigUint64Array(registers);
    this.f64 = new Float64Array(registers);
    this.u32 = new Uint32Array(registers);
    this.i32 = new Int32Array(registers);
    this.constantHalves = new Uint32Array(code.constants.buffer);
    this.frames = new Int32Array(FRAME_CELLS * (limits.callDepth + 1));
    this.bytes = new Uint8Array(this.program.initialPages * PAGE_BYTES);
    this.view = new DataView(this.bytes.buffer);
    for (const { address, bytes } of this.program.data) this.bytes.set(bytes, address);
  }

  /** Grows private memory; gives the pages before, or -1 and no growth past the limit. */
  grow(pages: bigint): number {
    const before = this.bytes.length / PAGE_BYTES;
    if (pages < 0n || pages > BigInt(this.limits.pages - before)) return -1;
    if (pages === 0n) return before;
    let larger: Uint8Array<ArrayBuffer>;
    try {
      larger = new Uint8Array(this.bytes.length + Number(pages) * PAGE_BYTES);
    } catch (error) {
      if (error instanceof RangeError) return -1; // the host has no more memory: to the program the same as the limit
      throw error;
    }
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
    return before;
  }

  /** Asks the host whether to come back to it. */
  isInterrupted(): boolean {
    if (this.interrupt === undefined) return false;
    this.inHost = true;
    try {
      return this.interrupt();
    } finally {
      this.inHost = false;
    }
  }

  /** Whether `length` bytes from `at` on lie in private memory. */
  inMemory(at: bigint, length: bigint): boolean {
    return at + length <= BigInt(this.bytes.length);
  }
}
