; Room in private memory: a heap that only grows, from the end of the data up to what the manifest allows.

data heap_top = words 0

func heap_init() {
  i64.const top, data_end
  i64.add top, top, 7
  i64.and top, top, -8
  i64.store [heap_top], top
  ret
}

; Zeroed bytes, at a multiple of 8.
func heap_allocate(bytes) -> address {
  i64.load address, [heap_top]
  i64.add top, address, bytes
  i64.add top, top, 7
  i64.and top, top, -8
  memory.size pages
  i64.shl limit, pages, 16
  br_le_u top, limit, fits
  ; Half as much again if there is that much: growing copies, so it should not happen for every word.
  i64.sub missing, top, limit
  i64.add missing, missing, 65535
  i64.shr_u missing, missing, 16
  i64.shr_u generous, pages, 1
  br_le_u generous, missing, exact
  memory.grow before, generous
  br_ne before, -1, fits
exact:
  memory.grow before, missing
  br_ne before, -1, fits
  trap "private memory is full: too many different words, or too long a word, for the program's `memory`"
fits:
  i64.store [heap_top], top
  ret address
}
