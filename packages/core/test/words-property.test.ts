import { type Address, Pool, PoolError, type Words } from '@pool/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/**
 * Random programs run on both twins and on a model that is nothing but BigInt arithmetic; results, errors and the words left
 * behind must be the same.
 */
const WORDS = 4;
const LIMIT = 2n ** 64n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MODIFY = {
  exchange: (_: bigint, operand: bigint) => operand,
  fetchAdd: (old: bigint, operand: bigint) => (old + operand) % LIMIT,
  fetchSub: (old: bigint, operand: bigint) => (old - operand + LIMIT) % LIMIT,
  fetchAnd: (old: bigint, operand: bigint) => old & operand,
  fetchOr: (old: bigint, operand: bigint) => old | operand,
  fetchXor: (old: bigint, operand: bigint) => old ^ operand,
} as const;
type Modify = keyof typeof MODIFY;

interface Step {
  readonly kind: 'load' | 'store' | 'loadPlain' | 'storePlain' | 'compareExchange' | Modify;
  readonly form: 'bigint' | 'number';
  readonly at: number;
  readonly value: bigint;
  readonly expected: bigint;
}

const edge = fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, SAFE, SAFE + 1n, 2n ** 63n, LIMIT - 1n, LIMIT, -1n);
const value = fc.oneof(
  { weight: 2, arbitrary: edge },
  fc.bigInt({ min: 0n, max: LIMIT - 1n }),
  fc.bigInt({ min: 0n, max: 3n }),
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'load',
    'store',
    'loadPlain',
    'storePlain',
    'compareExchange',
    ...(Object.keys(MODIFY) as Modify[]),
  ),
  form: fc.constantFrom('bigint', 'number'),
  at: fc.oneof({ weight: 12, arbitrary: fc.nat(WORDS - 1) }, fc.constantFrom(-1, 0.5, 2 ** 29, 2 ** 32, Number.NaN)),
  value,
  expected: value,
});

function run(words: Words, base: Address, { kind, form, at: index, value, expected }: Step): unknown {
  const at = (index >= 0 && index < WORDS ? base + index : index) as Address;
  try {
    if (form === 'bigint') {
      if (kind === 'load' || kind === 'loadPlain') return words[kind](at);
      if (kind === 'compareExchange') return words.compareExchange(at, expected, value);
      return words[kind](at, value);
    }
    if (kind === 'load' || kind === 'loadPlain') return words[`${kind}Number`](at);
    if (kind === 'compareExchange') return words.compareExchangeNumber(at, Number(expected), Number(value));
    return words[`${kind}Number`](at, Number(value));
  } catch (error) {
    if (error instanceof PoolError) return error.name;
    throw error;
  }
}

/** What the seam says must happen. A number above 2^53-1 is refused as an operand, and as a result. */
function runModel(model: bigint[], { kind, form, at, value, expected }: Step): unknown {
  const old = model[at];
  if (old === undefined) return 'AddressError';
  const largest = form === 'bigint' ? LIMIT - 1n : SAFE;
  const reads = kind === 'load' || kind === 'loadPlain';
  const operands = reads ? [] : kind === 'compareExchange' ? [expected, value] : [value];
  if (operands.some((operand) => operand < 0n || operand > largest)) return 'ValueError';
  if (kind === 'store' || kind === 'storePlain') model[at] = value;
  else if (kind === 'compareExchange') model[at] = old === expected ? value : old;
  else if (!reads) model[at] = MODIFY[kind](old, value);
  if (kind === 'store' || kind === 'storePlain') return undefined;
  if (old > largest) return 'CorruptError';
  return form === 'bigint' ? old : Number(old);
}

test('both twins do what the model does, whatever the program', () => {
  const twins = (['auto', 'plain'] as const).map((engine) => {
    const pool = Pool.create({ words: 16, owners: 1, segments: 0, engine });
    return { pool, base: pool.reserve(WORDS) };
  });
  expect(twins.map(({ pool }) => pool.engine)).toEqual(['accelerated', 'plain']);
  let errors = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (program) => {
      const model = new Array<bigint>(WORDS).fill(0n);
      for (const { pool, base } of twins) pool.fill(base, WORDS, 0n);
      for (const operation of program) {
        const wanted = runModel(model, operation);
        if (typeof wanted === 'string') errors++;
        for (const { pool, base } of twins) expect(run(pool, base, operation)).toBe(wanted);
      }
      for (const { pool, base } of twins)
        expect(model.map((_, index) => pool.load((base + index) as Address))).toEqual(model);
    }),
    { numRuns: 500 },
  );
  expect(errors).toBeGreaterThan(100); // the programs did meet the refusals
});
