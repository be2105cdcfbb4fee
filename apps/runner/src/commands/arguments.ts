/** What options take, from text; commander prints the complaint with the option's name. */
import { InvalidArgumentError } from 'commander';
import { duration } from '../manifest/quantities.ts';

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number of ${least}..${most} is expected.`);
  };
}

export function parseDuration(text: string): number {
  const parsed = duration.safeParse(/^\d+$/.test(text) ? Number(text) : text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('A duration is expected, such as `500 ms`, `90 s` or `5 min`.');
}

/** An integer as programs write it: `12`, `-3`, `0xff`, `1_000`. `undefined`: it is none. */
export function parseInteger(text: string): bigint | undefined {
  const plain = text.replaceAll('_', '');
  const magnitude = plain.replace(/^-/, '');
  if (!/^(\d+|0x[\da-f]+|0b[01]+)$/i.test(magnitude)) return undefined;
  return plain.startsWith('-') ? -BigInt(magnitude) : BigInt(magnitude);
}

/** Collects `NAME=VALUE`, an integer or a number with a fraction. */
export function collectConstant(
  text: string,
  before: Record<string, number | bigint> = {},
): Record<string, number | bigint> {
  const [, name, value] = /^([^=\s]+)=(.+)$/.exec(text) ?? [];
  const number = value === undefined ? undefined : (parseInteger(value) ?? Number(value));
  if (name === undefined || number === undefined || Number.isNaN(number))
    throw new InvalidArgumentError('NAME=NUMBER is expected, such as CAPACITY=64.');
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: number };
}

export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** An argument of a program's function: a word of 64 bits, unsigned or signed, or a double, which is passed as its bits. */
export function collectValue(text: string, before: readonly bigint[] = []): readonly bigint[] {
  const value = parseInteger(text) ?? (/^-?\d+\.\d+(e[+-]?\d+)?$/i.test(text) ? doubleBits(Number(text)) : undefined);
  if (value === undefined)
    throw new InvalidArgumentError('Integers such as 12, -3 or 0xff, or doubles such as 1.5 are expected.');
  if (value < -(2n ** 63n) || value >= 2n ** 64n)
    throw new InvalidArgumentError('A value is a word of 64 bits: -2^63 is the least, 2^64 - 1 the most.');
  return [...before, value];
}

function doubleBits(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
}
