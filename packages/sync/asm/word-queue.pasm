; The bounded word queue, for programs: the same words, the same protocol, so that either side of a queue may be a program
; or a host. The protocol is explained in ../src/word-queue.ts; its offsets come in as external constants (WORD_QUEUE_TAIL,
; ...), so nothing of the layout is written twice.
;
; A program that includes this declares a window `queues` with all the queues it uses in it. A queue is named by the address
; of its first word in that window; values pass through private memory, since a queue may carry any word at all.
;
;   word_queue_try_send(queue, value)    -> QUEUE_OK, QUEUE_FULL or QUEUE_CLOSED      lock-free
;   word_queue_send(queue, value)        -> QUEUE_OK or QUEUE_CLOSED                  blocks while the queue is full
;   word_queue_try_receive(queue, into)  -> QUEUE_OK, QUEUE_EMPTY or QUEUE_CLOSED     lock-free
;   word_queue_receive(queue, into)      -> QUEUE_OK or QUEUE_CLOSED                  blocks while the queue is empty
;   word_queue_close(queue)

include "pool:sync/event-count.pasm"

const QUEUE_CLOSED = 0
const QUEUE_OK = 1
const QUEUE_EMPTY = 2
const QUEUE_FULL = 2

const QUEUE_CELL_SHIFT = 1               ; a cell has two words: { stamp, value }
const QUEUE_TAIL_STEP = 2                ; tail is { position, closed: 1 }
const QUEUE_SPINS = 64                   ; how often to look again before parking; no effect on correctness

func word_queue_try_send(queue, value) -> status {
  i64.add tail_at, queue, WORD_QUEUE_TAIL
again:
  shared_load tail, queues[tail_at]
  i64.and closed, tail, 1
  br_if closed, refused
  i64.shr_u position, tail, 1
  call cell, word_queue_cell(queue, position)
  shared_load stamp, queues[cell]          ; pairs with the store of the stamp in try_receive: the last value was read out
  br_eq stamp, position, claim
  br_gt_u stamp, position, again           ; another sender got further
  ret QUEUE_FULL                           ; the cell still belongs to the lap before
claim:
  ; Compare-and-swap, not add: a claim must fail when the queue was closed meanwhile.
  i64.add next, tail, QUEUE_TAIL_STEP
  shared_cas seen, queues[tail_at], tail, next
  br_ne seen, tail, again
  i64.add value_at, cell, 1
  shared_store queues[value_at], value
  i64.add stamp, position, 1
  shared_store queues[cell], stamp         ; pairs with the load of the stamp in try_receive: publishes the value
  i64.add event, queue, WORD_QUEUE_ITEMS
  i64.add waiters, queue, WORD_QUEUE_ITEM_WAITERS
  call event_count_signal(event, waiters)
  ret QUEUE_OK
refused:
  ret QUEUE_CLOSED
}

func word_queue_try_receive(queue, into) -> status {
  i64.add head_at, queue, WORD_QUEUE_HEAD
again:
  shared_load position, queues[head_at]
  call cell, word_queue_cell(queue, position)
  shared_load stamp, queues[cell]          ; pairs with the store of the stamp in try_send: the value is there
  i64.add full, position, 1
  br_eq stamp, full, claim
  br_gt_u stamp, full, again               ; another receiver got further
  i64.add tail_at, queue, WORD_QUEUE_TAIL
  shared_load tail, queues[tail_at]
  i64.and closed, tail, 1
  br_unless closed, empty
  i64.shr_u tail, tail, 1
  br_ne tail, position, empty              ; a sender is between claim and stamp
  ret QUEUE_CLOSED
empty:
  ret QUEUE_EMPTY
claim:
  shared_cas seen, queues[head_at], position, full
  br_ne seen, position, again
  i64.add value_at, cell, 1
  shared_load value, queues[value_at]
  i64.store [into], value
  i64.add capacity_at, queue, WORD_QUEUE_CAPACITY
  shared_load capacity, queues[capacity_at]
  i64.add stamp, position, capacity
  shared_store queues[cell], stamp         ; pairs with the load of the stamp in try_send: the cell is free for the next lap
  i64.add event, queue, WORD_QUEUE_ROOM
  i64.add waiters, queue, WORD_QUEUE_ROOM_WAITERS
  call event_count_signal(event, waiters)
  ret QUEUE_OK
}

func word_queue_send(queue, value) -> status {
  i64.const spins, 0
spin:
  call status, word_queue_try_send(queue, value)
  br_ne status, QUEUE_FULL, sent
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, QUEUE_SPINS, spin
  i64.add event, queue, WORD_QUEUE_ROOM
  i64.add waiters, queue, WORD_QUEUE_ROOM_WAITERS
park:
  call ticket, event_count_enter(event, waiters)
  call status, word_queue_try_send(queue, value)
  br_ne status, QUEUE_FULL, leave
  shared_wait _, queues[event], ticket, -1
leave:
  shared_fetch_sub _, queues[waiters], 1
  br_eq status, QUEUE_FULL, park
sent:
  ret status
}

func word_queue_receive(queue, into) -> status {
  i64.const spins, 0
spin:
  call status, word_queue_try_receive(queue, into)
  br_ne status, QUEUE_EMPTY, received
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, QUEUE_SPINS, spin
  i64.add event, queue, WORD_QUEUE_ITEMS
  i64.add waiters, queue, WORD_QUEUE_ITEM_WAITERS
park:
  call ticket, event_count_enter(event, waiters)
  call status, word_queue_try_receive(queue, into)
  br_ne status, QUEUE_EMPTY, leave
  shared_wait _, queues[event], ticket, -1
leave:
  shared_fetch_sub _, queues[waiters], 1
  br_eq status, QUEUE_EMPTY, park
received:
  ret status
}

; Lets nobody send any more; what is in the queue can still be received. Closing twice is once.
func word_queue_close(queue) {
  i64.add tail_at, queue, WORD_QUEUE_TAIL
  shared_fetch_or _, queues[tail_at], 1    ; pairs with the loads of tail in both tries
  i64.add event, queue, WORD_QUEUE_ITEMS
  shared_fetch_add _, queues[event], 1
  shared_notify _, queues[event], -1
  i64.add event, queue, WORD_QUEUE_ROOM
  shared_fetch_add _, queues[event], 1
  shared_notify _, queues[event], -1
  ret
}

; The address of the cell of a position.
func word_queue_cell(queue, position) -> cell {
  i64.add capacity_at, queue, WORD_QUEUE_CAPACITY
  shared_load mask, queues[capacity_at]
  i64.sub mask, mask, 1
  i64.and cell, position, mask
  i64.shl cell, cell, QUEUE_CELL_SHIFT
  i64.add cell, cell, queue
  i64.add cell, cell, WORD_QUEUE_CELLS
  ret cell
}
