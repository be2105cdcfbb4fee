/** Doubles as the words that their bits are, and back. A NaN is one pattern or another: engines do not say which. */

const double = new Float64Array(1);
const word = new BigUint64Array(double.buffer);

export function bitsOfDouble(value: number): bigint {
  double[0] = value;
  return word[0] as bigint;
}

export function doubleOfBits(bits: bigint): number {
  word[0] = bits;
  return double[0] as number;
}
