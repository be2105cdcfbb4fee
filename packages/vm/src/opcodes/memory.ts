/**
 * Private memory: bytes that belong to one instance, little-endian, addressed by a register and a constant offset, in pages of
 * 64 KiB. Registers are untyped, so `i64.load` and `i64.store` move doubles as well.
 */
export const MEMORY = {
  'i64.load': {
    code: 0xa0,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads 8 bytes.',
  },
  'i64.load8_s': {
    code: 0xa1,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads a byte, sign-extended.',
  },
  'i64.load8_u': {
    code: 0xa2,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads a byte, zero-extended.',
  },
  'i64.load16_s': {
    code: 0xa3,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads 2 bytes, sign-extended.',
  },
  'i64.load16_u': {
    code: 0xa4,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads 2 bytes, zero-extended.',
  },
  'i64.load32_s': {
    code: 0xa5,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads 4 bytes, sign-extended.',
  },
  'i64.load32_u': {
    code: 0xa6,
    operands: 'to value, memory at',
    traps: ['out of bounds memory access'],
    doc: 'Loads 4 bytes, zero-extended.',
  },
  'i64.store': {
    code: 0xa8,
    operands: 'memory at, from value',
    traps: ['out of bounds memory access'],
    doc: 'Stores 8 bytes.',
  },
  'i64.store8': {
    code: 0xa9,
    operands: 'memory at, from value',
    traps: ['out of bounds memory access'],
    doc: 'Stores the lowest byte.',
  },
  'i64.store16': {
    code: 0xaa,
    operands: 'memory at, from value',
    traps: ['out of bounds memory access'],
    doc: 'Stores the lowest 2 bytes.',
  },
  'i64.store32': {
    code: 0xab,
    operands: 'memory at, from value',
    traps: ['out of bounds memory access'],
    doc: 'Stores the lowest 4 bytes.',
  },
  'memory.size': { code: 0xb0, operands: 'to pages', doc: 'The present size in pages.' },
  'memory.grow': {
    code: 0xb1,
    operands: 'to before, from pages',
    fuel: 64,
    doc: 'Grows by whole pages of zeros; gives the size before, or -1 (and no growth) past the limit.',
  },
  'memory.copy': {
    code: 0xb2,
    operands: 'from target, from source, from length',
    traps: ['out of bounds memory access'],
    fuel: 4,
    bulk: true,
    doc: 'Copies bytes; the ranges may overlap.',
  },
  'memory.fill': {
    code: 0xb3,
    operands: 'from target, from value, from length',
    traps: ['out of bounds memory access'],
    fuel: 4,
    bulk: true,
    doc: 'Sets bytes to the lowest byte of the value.',
  },
} as const;
