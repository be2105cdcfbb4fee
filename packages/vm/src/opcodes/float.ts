/**
 * Arithmetic on registers read as IEEE 754 doubles, with WebAssembly's semantics. An arithmetic result that is NaN is always the
 * canonical one, 0x7ff8000000000000; abs, neg and copysign work on the sign bit and keep every other bit.
 */
export const FLOAT = {
  'f64.add': { code: 0x78, operands: 'to sum, from left, from right', doc: 'Adds.' },
  'f64.sub': { code: 0x79, operands: 'to difference, from left, from right', doc: 'Subtracts.' },
  'f64.mul': { code: 0x7a, operands: 'to product, from left, from right', doc: 'Multiplies.' },
  'f64.div': { code: 0x7b, operands: 'to quotient, from left, from right', doc: 'Divides.' },
  'f64.min': {
    code: 0x7c,
    operands: 'to least, from left, from right',
    doc: 'The lesser; -0 is less than 0, and NaN prevails.',
  },
  'f64.max': {
    code: 0x7d,
    operands: 'to greatest, from left, from right',
    doc: 'The greater; 0 is greater than -0, and NaN prevails.',
  },
  'f64.copysign': {
    code: 0x7e,
    operands: 'to value, from left, from right',
    doc: 'The left operand with the sign of the right one.',
  },
  'f64.abs': { code: 0x80, operands: 'to result, from value', doc: 'Clears the sign.' },
  'f64.neg': { code: 0x81, operands: 'to result, from value', doc: 'Flips the sign.' },
  'f64.sqrt': { code: 0x82, operands: 'to result, from value', doc: 'The square root.' },
  'f64.ceil': { code: 0x83, operands: 'to result, from value', doc: 'Rounds up to a whole number.' },
  'f64.floor': { code: 0x84, operands: 'to result, from value', doc: 'Rounds down to a whole number.' },
  'f64.trunc': { code: 0x85, operands: 'to result, from value', doc: 'Rounds towards zero to a whole number.' },
  'f64.nearest': {
    code: 0x86,
    operands: 'to result, from value',
    doc: 'Rounds to the nearest whole number, ties to even.',
  },
  'f64.eq': {
    code: 0x88,
    operands: 'to result, from left, from right',
    doc: '1 if equal, else 0; NaN equals nothing.',
  },
  'f64.ne': {
    code: 0x89,
    operands: 'to result, from left, from right',
    doc: '1 if different, else 0; NaN differs from everything.',
  },
  'f64.lt': { code: 0x8a, operands: 'to result, from left, from right', doc: '1 if less, else 0.' },
  'f64.gt': { code: 0x8b, operands: 'to result, from left, from right', doc: '1 if greater, else 0.' },
  'f64.le': { code: 0x8c, operands: 'to result, from left, from right', doc: '1 if less or equal, else 0.' },
  'f64.ge': { code: 0x8d, operands: 'to result, from left, from right', doc: '1 if greater or equal, else 0.' },
  'i64.trunc_f64_s': {
    code: 0x90,
    operands: 'to result, from value',
    traps: ['invalid conversion to integer', 'integer overflow'],
    doc: 'Truncates a double to a signed integer.',
  },
  'i64.trunc_f64_u': {
    code: 0x91,
    operands: 'to result, from value',
    traps: ['invalid conversion to integer', 'integer overflow'],
    doc: 'Truncates a double to an unsigned integer.',
  },
  'i64.trunc_sat_f64_s': {
    code: 0x92,
    operands: 'to result, from value',
    doc: 'Truncates a double to the nearest signed integer; NaN gives 0.',
  },
  'i64.trunc_sat_f64_u': {
    code: 0x93,
    operands: 'to result, from value',
    doc: 'Truncates a double to the nearest unsigned integer; NaN gives 0.',
  },
  'f64.convert_i64_s': {
    code: 0x94,
    operands: 'to result, from value',
    doc: 'Converts a signed integer to the nearest double.',
  },
  'f64.convert_i64_u': {
    code: 0x95,
    operands: 'to result, from value',
    doc: 'Converts an unsigned integer to the nearest double.',
  },
} as const;
