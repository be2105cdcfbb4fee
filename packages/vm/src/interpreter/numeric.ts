/**
 * Numeric operations that JavaScript has no operator for, on the two halves of a register. A register is read and written as a
 * whole wherever it goes on to be computed with: a 64-bit load right after two 32-bit stores stalls the processor.
 */

/** 2^0 .. 2^63, to shift left by multiplying: V8 compiles a 64-bit product, and calls out for a shift by a variable. */
export const POWERS_OF_TWO: BigInt64Array = BigInt64Array.from({ length: 64 }, (_, exponent) =>
  BigInt.asIntN(64, 1n << BigInt(exponent)),
);

/** The only NaN that arithmetic gives. */
export const CANONICAL_NAN = 0x7ff8_0000_0000_0000n;
export const SIGN_BIT: bigint = -(2n ** 63n);
export const MAGNITUDE: bigint = 2n ** 63n - 1n;

const TWO_32 = 4_294_967_296;
const TWO_32n = 4_294_967_296n;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;
const TWO_52 = 2 ** 52;

/** The unsigned 64-bit number of two halves, both taken modulo 2^32. */
export function join(high: number, low: number): bigint {
  return BigInt.asIntN(64, BigInt.asIntN(64, BigInt(high >>> 0) * TWO_32n) + BigInt(low >>> 0));
}

export function shiftRightUnsigned(high: number, low: number, count: number): bigint {
  if (count === 0) return join(high, low);
  if (count >= 32) return BigInt((high >>> (count - 32)) >>> 0);
  return join(high >>> count, (low >>> count) | (high << (32 - count)));
}

export function shiftRightSigned(high: number, low: number, count: number): bigint {
  if (count === 0) return join(high, low);
  if (count >= 32) return BigInt(high >> (count - 32));
  return join(high >> count, (low >>> count) | (high << (32 - count)));
}

export function rotateLeft(high: number, low: number, count: number): bigint {
  const [upper, lower] = count >= 32 ? [low, high] : [high, low];
  const rest = count & 31;
  if (rest === 0) return join(upper, lower);
  return join((upper << rest) | (lower >>> (32 - rest)), (lower << rest) | (upper >>> (32 - rest)));
}

export function countLeadingZeros(high: number, low: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

export function countTrailingZeros(high: number, low: number): number {
  if (low !== 0) return 31 - Math.clz32(low & -low);
  return high === 0 ? 64 : 63 - Math.clz32(high & -high);
}

/** Bits set in 32, by adding neighbours: pairs, nibbles, bytes, then all bytes at once (Warren, Hacker's Delight, 5-1). */
export function countOnes(half: number): number {
  let sums = half - ((half >>> 1) & 0x5555_5555);
  sums = (sums & 0x3333_3333) + ((sums >>> 2) & 0x3333_3333);
  sums = (sums + (sums >>> 4)) & 0x0f0f_0f0f;
  return Math.imul(sums, 0x0101_0101) >>> 24;
}

/** Rounds to the nearest integer, ties to even: adding 2^52 leaves no bit for a fraction, and the processor rounds so. */
export function nearest(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < TWO_52)) return value;
  const rounded = magnitude + TWO_52 - TWO_52;
  return value < 0 || Object.is(value, -0) ? -rounded : rounded;
}

/** Whether the truncated value fits a signed 64-bit integer; NaN does not. */
export function fitsSigned(value: number): boolean {
  return value >= -TWO_63 && value < TWO_63;
}

/** Whether the truncated value fits an unsigned 64-bit integer; NaN does not. */
export function fitsUnsigned(value: number): boolean {
  return value > -1 && value < TWO_64;
}

/** The 64 bits of a double's whole part, which must fit: exact, since the halves of a double are doubles. */
export function truncate(value: number): bigint {
  const whole = Math.trunc(value);
  const high = Math.floor(whole / TWO_32);
  return join(high, whole - high * TWO_32);
}

/** Nearest signed integer's bits, with the ends of the range beyond it, and 0 for NaN. */
export function truncateSaturatingSigned(value: number): bigint {
  if (fitsSigned(value)) return truncate(value);
  if (Number.isNaN(value)) return 0n;
  return value < 0 ? SIGN_BIT : MAGNITUDE;
}

export function truncateSaturatingUnsigned(value: number): bigint {
  if (fitsUnsigned(value)) return truncate(value);
  return value > 0 ? -1n : 0n;
}

/** One rounding only: both halves are exact doubles, and so is the product. */
export function convertSigned(high: number, low: number): number {
  return high * TWO_32 + (low >>> 0);
}

export function convertUnsigned(high: number, low: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** Unsigned comparison by halves: V8 compiles signed 64-bit comparisons, and calls out for unsigned ones. */
export function lessUnsigned(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): boolean {
  return leftHigh === rightHigh ? leftLow < rightLow : leftHigh < rightHigh;
}
