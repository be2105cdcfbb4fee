; Words from one producer to one consumer, in order, through a ring. `tail` is written by the producer only and `head` by the
; consumer only; both count up for ever, and the lower bits say which cell. Each on a cache line of its own.
window ring {
  tail
  head @ 8
  cells[16] @ 16
}

const MASK = ring.cells.length - 1

; Sends 1, 2, ... up to `count`.
func produce(count) {
  i64.const tail, 0
next:
  shared_load head, ring.head              ; pairs with the store in consume: the cell has been read
  i64.sub filled, tail, head
  br_lt_u filled, ring.cells.length, room
  shared_wait _, ring.head, head, -1       ; full; returns at once if the consumer got on meanwhile
  br next
room:
  i64.add value, tail, 1
  i64.and cell, tail, MASK
  shared_store ring.cells[cell], value
  i64.add tail, tail, 1
  shared_store ring.tail, tail             ; pairs with the load in consume: the cell has been written
  shared_notify _, ring.tail, 1
  br_lt_u tail, count, next
  ret
}

; Receives `count` words and gives their sum; out of order is a trap.
func consume(count) -> sum {
  i64.const head, 0
  i64.const sum, 0
next:
  shared_load tail, ring.tail
  br_ne tail, head, some
  shared_wait _, ring.tail, tail, -1       ; empty
  br next
some:
  i64.and cell, head, MASK
  shared_load value, ring.cells[cell]
  i64.add head, head, 1
  br_ne value, head, disorder
  i64.add sum, sum, value
  shared_store ring.head, head
  shared_notify _, ring.head, 1
  br_lt_u head, count, next
  ret sum
disorder:
  trap "a word came out of order"
}
