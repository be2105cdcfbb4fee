; The semaphore, for programs: the same words, the same protocol as in ../src/locks/permits.ts and permit-gate.ts. Offsets come
; in as external constants (SEMAPHORE_STATE, ...), those of the permit gate.
;
; A program that includes this declares a window `queues` with the semaphores in it; each is named by the address of its first
; word there. `owner` is the packed name of the thread that runs the program, { generation: 32, id: 16 }: what it holds comes
; back if it dies. Its row must be among the semaphore's. A fair semaphore is not for programs: they do not stand in line.
;
;   semaphore_try_acquire(semaphore, owner, count) -> 1 or 0                                       lock-free
;   semaphore_acquire(semaphore, owner, count)     -> 1                                            blocks
;   semaphore_release(semaphore, owner, count)     -> 1, or 0 if this owner holds fewer            lock-free

include "pool:sync/event-count.pasm"

const SEMAPHORE_FIELD = 0xffff
const SEMAPHORE_TAG = 0x1f_ffff
const SEMAPHORE_ID_SHIFT = 21            ; state is { available: 16, owner id: 16, tag: 21 }
const SEMAPHORE_AVAILABLE_SHIFT = 37
const SEMAPHORE_ROW_SHIFT = 2            ; a row has four words: { generation, credit, ticket, 0 }
const SEMAPHORE_CREDIT = 1
const SEMAPHORE_TICKET = 2
const SEMAPHORE_HELD_SHIFT = 16          ; credit is { tag: 21, held: 16, next: 16 }
const SEMAPHORE_TAG_SHIFT = 32
const SEMAPHORE_SPINS = 64               ; how often to look again before parking; no effect on correctness

func semaphore_try_acquire(semaphore, owner, count) -> acquired {
  call semaphore_enrol(semaphore, owner)
  i64.add state_at, semaphore, SEMAPHORE_STATE
again:
  shared_load state, queues[state_at]      ; pairs with the compare-and-swap in release
  i64.shr_u available, state, SEMAPHORE_AVAILABLE_SHIFT
  br_lt_u available, count, none
  call held, semaphore_held(semaphore, owner, state)
  i64.add next, held, count
  i64.sub left, available, count
  call done, semaphore_commit(semaphore, owner, state, left, held, next)
  br_unless done, again
  ret 1
none:
  ret 0
}

func semaphore_acquire(semaphore, owner, count) -> acquired {
  i64.const spins, 0
spin:
  call acquired, semaphore_try_acquire(semaphore, owner, count)
  br_if acquired, done
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, SEMAPHORE_SPINS, spin
  i64.add event, semaphore, SEMAPHORE_EVENT
  i64.add waiters, semaphore, SEMAPHORE_WAITERS
park:
  call ticket, event_count_enter(event, waiters)
  call acquired, semaphore_try_acquire(semaphore, owner, count)
  br_if acquired, leave
  shared_wait _, queues[event], ticket, -1
leave:
  shared_fetch_sub _, queues[waiters], 1
  br_unless acquired, park
done:
  ret acquired
}

func semaphore_release(semaphore, owner, count) -> released {
  call semaphore_enrol(semaphore, owner)
  i64.add state_at, semaphore, SEMAPHORE_STATE
again:
  shared_load state, queues[state_at]
  i64.shr_u available, state, SEMAPHORE_AVAILABLE_SHIFT
  call held, semaphore_held(semaphore, owner, state)
  br_lt_u held, count, none
  i64.sub next, held, count
  i64.add more, available, count
  call done, semaphore_commit(semaphore, owner, state, more, held, next)
  br_unless done, again
  i64.add event, semaphore, SEMAPHORE_EVENT
  call event_count_signal_all(event)       ; all: who is woken alone may want more than there is, and somebody else less
  ret 1
none:
  ret 0
}

; Describes the operation in this owner's row, under a new tag, and makes it so by naming row and tag in the state.
func semaphore_commit(semaphore, owner, state, available, held, next) -> done {
  i64.and id, owner, SEMAPHORE_FIELD
  call credit_at, semaphore_row(semaphore, id, SEMAPHORE_CREDIT)
  shared_load credit, queues[credit_at]
  i64.shr_u tag, credit, SEMAPHORE_TAG_SHIFT
  i64.add tag, tag, 1
  i64.and tag, tag, SEMAPHORE_TAG
  i64.shl credit, tag, SEMAPHORE_TAG_SHIFT
  i64.shl held, held, SEMAPHORE_HELD_SHIFT
  i64.or credit, credit, held
  i64.or credit, credit, next
  shared_store queues[credit_at], credit   ; pairs with the load of the credit in settle: written before the state names it
  i64.shl after, available, SEMAPHORE_AVAILABLE_SHIFT
  i64.shl id, id, SEMAPHORE_ID_SHIFT
  i64.or after, after, id
  i64.or after, after, tag
  i64.add state_at, semaphore, SEMAPHORE_STATE
  shared_cas seen, queues[state_at], state, after
  i64.eq done, seen, state
  ret done
}

; How many permits this owner holds, once what the state names has been settled.
func semaphore_held(semaphore, owner, state) -> held {
  call semaphore_settle(semaphore, state)
  i64.and id, owner, SEMAPHORE_FIELD
  call credit_at, semaphore_row(semaphore, id, SEMAPHORE_CREDIT)
  shared_load credit, queues[credit_at]
  i64.shr_u held, credit, SEMAPHORE_HELD_SHIFT
  i64.and held, held, SEMAPHORE_FIELD
  ret held
}

; Makes the intent that the state names a fact in its row; does nothing if somebody has.
func semaphore_settle(semaphore, state) {
  i64.shr_u id, state, SEMAPHORE_ID_SHIFT
  i64.and id, id, SEMAPHORE_FIELD
  call credit_at, semaphore_row(semaphore, id, SEMAPHORE_CREDIT)
  shared_load credit, queues[credit_at]
  i64.shr_u tag, credit, SEMAPHORE_TAG_SHIFT
  i64.and named, state, SEMAPHORE_TAG
  br_ne tag, named, done
  i64.and next, credit, SEMAPHORE_FIELD
  i64.shl held, next, SEMAPHORE_HELD_SHIFT
  i64.shl settled, tag, SEMAPHORE_TAG_SHIFT
  i64.or settled, settled, held
  i64.or settled, settled, next
  shared_cas _, queues[credit_at], credit, settled ; its owner may be at its next operation by now
done:
  ret
}

; Takes over this owner's row, and gives back what a predecessor may have left there that nobody recovered.
func semaphore_enrol(semaphore, owner) {
  i64.and id, owner, SEMAPHORE_FIELD
  i64.shr_u mine, owner, 16
  call generation_at, semaphore_row(semaphore, id, 0)
  shared_load generation, queues[generation_at]
  br_eq generation, mine, done
  i64.add state_at, semaphore, SEMAPHORE_STATE
again:
  shared_load state, queues[state_at]
  call held, semaphore_held(semaphore, owner, state)
  br_unless held, clear
  i64.shr_u available, state, SEMAPHORE_AVAILABLE_SHIFT
  i64.add available, available, held
  call _, semaphore_commit(semaphore, owner, state, available, held, 0)
  br again
clear:
  call ticket_at, semaphore_row(semaphore, id, SEMAPHORE_TICKET)
  shared_store queues[ticket_at], 0
  shared_store queues[generation_at], mine ; pairs with the load of the generation in recovery: late callers find a successor
done:
  ret
}

func semaphore_row(semaphore, id, word) -> at {
  i64.shl at, id, SEMAPHORE_ROW_SHIFT
  i64.add at, at, word
  i64.add at, at, semaphore
  i64.add at, at, SEMAPHORE_ROWS
  ret at
}
