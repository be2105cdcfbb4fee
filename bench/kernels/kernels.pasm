; Six kernels. Each takes a number of operations and gives a checksum of 32 bits; kernels.lua does the same work.
memory 2

const MASK32 = 0xffffffff
const MIX_FACTOR = 6364136223846793005
const SIEVE_SIZE = 8192
const CRC_BYTES = 4096
const N = 24
const N_BYTES = N * 8
const MATRIX_BYTES = N * N * 8
const XORSHIFT_SEED = 88172645463325252

data ring = zero 8192
data flags = zero 8192
data crc_table = zero 2048
data crc_text = zero 4096
data left = zero MATRIX_BYTES
data right = zero MATRIX_BYTES
data product = zero MATRIX_BYTES

; Arithmetic with one store and one load.
func mix(n) -> sum {
  memory.fill ring, 0, 8192
  i64.const x, 1
  i64.const sum, 0
  i64.const i, 0
again:
  i64.mul x, x, MIX_FACTOR
  i64.add x, x, i
  i64.shr_u t, x, 13
  i64.xor x, x, t
  i64.and at, x, 0x1ff8
  i64.store [at + ring], x
  i64.shl at, i, 3
  i64.and at, at, 0x1ff8
  i64.load t, [at + ring]
  i64.add sum, sum, t
  i64.add i, i, 1
  br_lt_s i, n, again
  i64.add sum, sum, x
  i64.and sum, sum, MASK32
  ret sum
}

; Primes below SIEVE_SIZE, counted n times.
func sieve(n) -> sum {
  i64.const sum, 0
lap:
  memory.fill flags, 1, SIEVE_SIZE
  i64.const i, 2
next:
  i64.load8_u flag, [i + flags]
  br_eq flag, 0, skip
  i64.add sum, sum, 1
  i64.add j, i, i
  br_ge_s j, SIEVE_SIZE, skip
cross:
  i64.store8 [j + flags], 0
  i64.add j, j, i
  br_lt_s j, SIEVE_SIZE, cross
skip:
  i64.add i, i, 1
  br_lt_s i, SIEVE_SIZE, next
  i64.sub n, n, 1
  br_gt_s n, 0, lap
  ret sum
}

func crc_prepare() {
  i64.const i, 0
entry:
  mov value, i
  i64.const bit, 0
shift:
  i64.and low, value, 1
  i64.shr_u value, value, 1
  br_eq low, 0, even
  i64.xor value, value, 0xedb88320
even:
  i64.add bit, bit, 1
  br_lt_s bit, 8, shift
  i64.shl at, i, 3
  i64.store [at + crc_table], value
  i64.add i, i, 1
  br_lt_s i, 256, entry
  i64.const i, 0
text:
  i64.mul value, i, 7
  i64.store8 [i + crc_text], value
  i64.add i, i, 1
  br_lt_s i, CRC_BYTES, text
  ret
}

; CRC-32 of 4,096 bytes, n times.
func crc32(n) -> sum {
  call crc_prepare()
  i64.const sum, 0
lap:
  i64.const crc, MASK32
  i64.const i, 0
byte:
  i64.load8_u value, [i + crc_text]
  i64.xor at, crc, value
  i64.and at, at, 255
  i64.shl at, at, 3
  i64.load value, [at + crc_table]
  i64.shr_u crc, crc, 8
  i64.xor crc, crc, value
  i64.add i, i, 1
  br_lt_s i, CRC_BYTES, byte
  i64.xor crc, crc, MASK32
  i64.add sum, sum, crc
  i64.sub n, n, 1
  br_gt_s n, 0, lap
  i64.and sum, sum, MASK32
  ret sum
}

func fibonacci(n) -> value {
  br_ge_s n, 2, larger
  ret n
larger:
  i64.sub m, n, 1
  call value, fibonacci(m)
  i64.sub m, n, 2
  call other, fibonacci(m)
  i64.add value, value, other
  ret value
}

; The recursive Fibonacci number 18, n times.
func fib(n) -> sum {
  i64.const sum, 0
lap:
  i64.const m, 18
  call value, fibonacci(m)
  i64.add sum, sum, value
  i64.sub n, n, 1
  br_gt_s n, 0, lap
  i64.and sum, sum, MASK32
  ret sum
}

; The product of two 24 by 24 matrices of doubles, n times.
func matrix(n) -> sum {
  i64.const i, 0
fill:
  f64.convert_i64_s value, i
  i64.shl at, i, 3
  i64.store [at + left], value
  f64.add value, value, 1.0
  i64.store [at + right], value
  i64.add i, i, 1
  br_lt_s i, N * N, fill
  i64.const sum, 0
lap:
  i64.const row, 0
rows:
  i64.const column, 0
columns:
  f64.const total, 0.0
  mov a, row
  mov b, column
  i64.add stop, row, N_BYTES
inner:
  i64.load x, [a + left]
  i64.load y, [b + right]
  f64.mul x, x, y
  f64.add total, total, x
  i64.add a, a, 8
  i64.add b, b, N_BYTES
  br_lt_s a, stop, inner
  i64.add at, row, column
  i64.store [at + product], total
  i64.add column, column, 8
  br_lt_s column, N_BYTES, columns
  i64.add row, row, N_BYTES
  br_lt_s row, MATRIX_BYTES, rows
  i64.load total, [product + MATRIX_BYTES - 8]
  i64.trunc_f64_s value, total
  i64.add sum, sum, value
  i64.sub n, n, 1
  br_gt_s n, 0, lap
  i64.and sum, sum, MASK32
  ret sum
}

; Marsaglia's xorshift, 64 bits, n steps.
func xorshift(n) -> x {
  i64.const x, XORSHIFT_SEED
step:
  i64.shl t, x, 13
  i64.xor x, x, t
  i64.shr_u t, x, 7
  i64.xor x, x, t
  i64.shl t, x, 17
  i64.xor x, x, t
  i64.sub n, n, 1
  br_gt_s n, 0, step
  i64.and x, x, MASK32
  ret x
}
