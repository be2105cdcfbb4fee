; The recycling index, for programs: the same words, the same protocol as in @pool/alloc, recycling-index.ts and internal/
; owned-ring.ts. "Get an index from the queue, or use that one": free indices wait in a queue, and behind it a counter has those
; that were never used. Offsets come in as external constants (RECYCLING_INDEX_HEAD, ...).
;
; A program that includes this declares a window `queues` with the index in it, named by the address of its first word there.
; `owner` is the packed name of the thread that runs the program, { generation: 32, id: 16 }: what it took comes back if it
; dies. It is entered once, before its first use, for which its row must be among the index's.
;
;   recycling_index_enter(index, owner, turns)          `turns`: a word of private memory, for the routines alone
;   recycling_index_take(index, owner)                  -> 0..limit-1, or RECYCLING_NONE           lock-free
;   recycling_index_give(index, owner, turns, number)   -> 1, or 0 if nobody has it                lock-free

const RECYCLING_NONE = -1

const RECYCLING_REFERENCE = 0xff_ffff    ; a cell is { lap: 29, reference: 24 }; a reference is a number + 1
const RECYCLING_REFERENCE_BITS = 24
const RECYCLING_LAPS = 0x1fff_ffff
const RECYCLING_STATUS = 3               ; a holder is { detail: 51, status: 2 }, see holders.ts
const RECYCLING_STATUS_BITS = 2
const RECYCLING_HELD = 1
const RECYCLING_GIVING = 2
const RECYCLING_FREED = 1                ; from giving to free
const RECYCLING_IDS = 0xffff
const RECYCLING_ID_BITS = 16
const RECYCLING_TURN = 0xf_ffff          ; a turn is { batch: 15, turn of the batch: 20 }
const RECYCLING_TURN_BITS = 20
const RECYCLING_BATCHES = 0x7fff
const RECYCLING_LINE_BITS = 4            ; a row is a line: { batches, generation }
const RECYCLING_LINE_WORDS = 16

func recycling_index_enter(index, owner, turns) {
  call recycling_draw(index, owner, turns)
  call row, recycling_row(index, owner)
  i64.add row, row, 1
  i64.shr_u generation, owner, RECYCLING_ID_BITS
  shared_store queues[row], generation
  ret
}

func recycling_index_take(index, owner) -> number {
  i64.add head_at, index, RECYCLING_INDEX_HEAD
  i64.shl held, owner, RECYCLING_STATUS_BITS
  i64.or held, held, RECYCLING_HELD
  i64.const spent, 0
again:
  shared_load position, queues[head_at]
  call cell, recycling_cell(index, position)
  call empty, recycling_empty(index, position)
  shared_load seen, queues[cell]           ; pairs with the compare-and-swap of the cell in give
  br_ne seen, empty, claim
  br_if spent, none                        ; none was left that nobody had, and after that the queue was empty
  call number, recycling_take_fresh(index, held)
  br_ne number, RECYCLING_NONE, taken
  i64.const spent, 1
  br again
claim:
  i64.and reference, seen, RECYCLING_REFERENCE
  i64.sub lap, seen, reference
  br_eq reference, 0, passed
  br_ne lap, empty, passed
  i64.sub number, reference, 1
  call holder_at, recycling_holder(index, number)
  shared_load holder, queues[holder_at]
  shared_load still, queues[cell]
  br_ne still, seen, again                 ; what was read of the holder belongs to a later time
  i64.and status, holder, RECYCLING_STATUS
  br_eq status, RECYCLING_HELD, help
  shared_cas before, queues[holder_at], holder, held ; exclusive: no two times that a number is free have the same word
  br_ne before, holder, again
  call recycling_pass_head(index, position, cell, seen)
taken:
  ret number
help:
  call recycling_pass_head(index, position, cell, seen)
  br again
passed:
  i64.add next, position, 1                ; the cell is in a later lap already
  shared_cas _, queues[head_at], position, next
  br again
none:
  ret RECYCLING_NONE
}

func recycling_index_give(index, owner, turns, number) -> given {
  i64.add limit_at, index, RECYCLING_INDEX_LIMIT
  shared_load limit, queues[limit_at]
  br_ge_u number, limit, nobody
  call holder_at, recycling_holder(index, number)
  shared_load seen, queues[holder_at]
  i64.and status, seen, RECYCLING_STATUS
  br_ne status, RECYCLING_HELD, nobody
  i64.add reference, number, 1
  call turn, recycling_next_turn(index, owner, turns)
  i64.shl giving, turn, RECYCLING_ID_BITS
  i64.and id, owner, RECYCLING_IDS
  i64.or giving, giving, id
  i64.shl giving, giving, RECYCLING_STATUS_BITS
  i64.or giving, giving, RECYCLING_GIVING
  shared_cas before, queues[holder_at], seen, giving ; exclusive: of several that give one number, one does
  br_ne before, seen, nobody
  i64.add tail_at, index, RECYCLING_INDEX_TAIL
again:
  shared_load position, queues[tail_at]
  call cell, recycling_cell(index, position)
  call empty, recycling_empty(index, position)
  i64.add full, empty, reference
  shared_cas before, queues[cell], empty, full ; pairs with the load of the cell in take: whoever finds the number may claim it
  mov found, before
  br_ne before, empty, pass
  mov found, full
pass:
  call recycling_pass_tail(index, position, cell, found)
  br_ne before, empty, again
  ret 1
nobody:
  ret 0
}

; Takes the first number that nobody ever had.
func recycling_take_fresh(index, held) -> number {
  i64.add fresh_at, index, RECYCLING_INDEX_FRESH
  i64.add limit_at, index, RECYCLING_INDEX_LIMIT
  shared_load limit, queues[limit_at]
again:
  shared_load number, queues[fresh_at]
  br_ge_u number, limit, none
  call holder_at, recycling_holder(index, number)
  shared_cas before, queues[holder_at], 0, held ; decides between two that read alike
  i64.add next, number, 1
  shared_cas _, queues[fresh_at], number, next  ; whoever comes helps it on
  br_ne before, 0, again
  ret number
none:
  ret RECYCLING_NONE
}

; The turn of the next number that this owner gives back. Turns make each time that a number is free different from every other;
; an owner counts 2^20 of them by itself, then draws a new batch.
func recycling_next_turn(index, owner, turns) -> turn {
  i64.load turn, [turns]
  i64.add next, turn, 1
  i64.and spent, next, RECYCLING_TURN
  br_unless spent, draw
  i64.store [turns], next
  ret turn
draw:
  call recycling_draw(index, owner, turns)
  ret turn
}

func recycling_draw(index, owner, turns) {
  call row, recycling_row(index, owner)
  shared_fetch_add batch, queues[row], 1
  i64.and batch, batch, RECYCLING_BATCHES
  i64.shl batch, batch, RECYCLING_TURN_BITS
  i64.store [turns], batch
  ret
}

func recycling_pass_head(index, position, cell, seen) {
  call ring, recycling_ring(index)
  i64.add later, position, ring
  call empty, recycling_empty(index, later)
  shared_cas _, queues[cell], seen, empty
  i64.add head_at, index, RECYCLING_INDEX_HEAD
  i64.add next, position, 1
  shared_cas _, queues[head_at], position, next
  ret
}

; Helps the tail past a cell that is not empty in its lap, and writes down first that its number is free.
func recycling_pass_tail(index, position, cell, seen) {
  i64.and reference, seen, RECYCLING_REFERENCE
  br_eq reference, 0, pass
  i64.sub number, reference, 1
  call holder_at, recycling_holder(index, number)
  shared_load holder, queues[holder_at]
  i64.and status, holder, RECYCLING_STATUS
  br_ne status, RECYCLING_GIVING, pass
  shared_load still, queues[cell]
  br_ne still, seen, pass
  i64.add free, holder, RECYCLING_FREED
  shared_cas _, queues[holder_at], holder, free
pass:
  i64.add tail_at, index, RECYCLING_INDEX_TAIL
  i64.add next, position, 1
  shared_cas _, queues[tail_at], position, next
  ret
}

; What the cell of a position holds before something is put there.
func recycling_empty(index, position) -> empty {
  call ring, recycling_ring(index)
  i64.div_u empty, position, ring
  i64.and empty, empty, RECYCLING_LAPS
  i64.shl empty, empty, RECYCLING_REFERENCE_BITS
  ret empty
}

; How many cells there are: a power of two that is at least the limit.
func recycling_ring(index) -> ring {
  i64.add limit_at, index, RECYCLING_INDEX_LIMIT
  shared_load limit, queues[limit_at]
  i64.sub limit, limit, 1
  i64.clz zeros, limit
  i64.sub bits, 64, zeros
  i64.shl ring, 1, bits
  ret ring
}

func recycling_row(index, owner) -> row {
  i64.and row, owner, RECYCLING_IDS
  i64.shl row, row, RECYCLING_LINE_BITS
  i64.add row, row, index
  i64.add row, row, RECYCLING_INDEX_REST
  ret row
}

; The rows come first, then a word a number, then the cells; each part begins at a line.
func recycling_holder(index, number) -> at {
  i64.add owners_at, index, RECYCLING_INDEX_OWNERS
  shared_load at, queues[owners_at]
  i64.shl at, at, RECYCLING_LINE_BITS
  i64.add at, at, number
  i64.add at, at, index
  i64.add at, at, RECYCLING_INDEX_REST
  ret at
}

func recycling_cell(index, position) -> cell {
  i64.add limit_at, index, RECYCLING_INDEX_LIMIT
  shared_load cells, queues[limit_at]
  i64.add cells, cells, RECYCLING_LINE_WORDS - 1
  i64.and cells, cells, -RECYCLING_LINE_WORDS
  call ring, recycling_ring(index)
  i64.sub ring, ring, 1
  i64.and offset, position, ring
  i64.add cells, cells, offset
  call cell, recycling_holder(index, cells)
  ret cell
}
