; The mutex, for programs: the same word, the same protocol as in ../src/locks/mutex-word.ts, so that programs and hosts exclude
; each other. Its offset comes in as an external constant (MUTEX_STATE).
;
; A program that includes this declares a window `queues` with the mutexes in it; each is named by the address of its first word
; there. `owner` is the packed name of the thread that runs the program, { generation: 32, id: 16 }: if it dies, the next taker
; is told. A thread that locks what it holds waits for itself; a program's fuel and its host's limits end that.
;
;   mutex_try_lock(mutex, owner) -> MUTEX_LOCKED, MUTEX_OWNER_DIED or MUTEX_BUSY          lock-free
;   mutex_lock(mutex, owner)     -> MUTEX_LOCKED or MUTEX_OWNER_DIED                      blocks
;   mutex_unlock(mutex, owner)   -> 1, or 0 if this owner does not hold it                wait-free

const MUTEX_BUSY = 0
const MUTEX_LOCKED = 1
const MUTEX_OWNER_DIED = 2               ; locked, and what it guards may be half written

const MUTEX_CONTENDED = 1                ; state is { holder: 48, starving: 1, died: 1, contended: 1 }
const MUTEX_DIED = 2
const MUTEX_STARVING = 4
const MUTEX_FLAGS = 7
const MUTEX_HOLDER_SHIFT = 3
const MUTEX_SPINS = 64                   ; how often to look again before parking; no effect on correctness
const MUTEX_PATIENCE = 2                 ; parks after which a waiter is preferred to those who come along
const MUTEX_STAND_BACK = 1_000_000       ; nanoseconds that others stand back for it

func mutex_try_lock(mutex, owner) -> status {
  call status, mutex_take(mutex, owner, 0, 0)
  ret status
}

; Takes a free lock that carries none of the marks `unless`; it will carry the marks `adding` then.
func mutex_take(mutex, owner, unless, adding) -> status {
  i64.add at, mutex, MUTEX_STATE
again:
  shared_load seen, queues[at]
  br_gt_u seen, MUTEX_FLAGS, busy
  i64.and refused, seen, unless
  br_if refused, busy
  i64.shl mine, owner, MUTEX_HOLDER_SHIFT
  i64.and marks, seen, MUTEX_CONTENDED
  i64.or mine, mine, marks
  i64.or mine, mine, adding
  shared_cas before, queues[at], seen, mine  ; pairs with the writes in unlock: what the last holder wrote is there
  br_ne before, seen, again
  i64.and died, seen, MUTEX_DIED
  br_if died, told
  ret MUTEX_LOCKED
told:
  ret MUTEX_OWNER_DIED
busy:
  ret MUTEX_BUSY
}

func mutex_lock(mutex, owner) -> status {
  i64.add at, mutex, MUTEX_STATE
  i64.const spins, 0
spin:
  call status, mutex_take(mutex, owner, MUTEX_STARVING, 0)
  br_ne status, MUTEX_BUSY, done
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, MUTEX_SPINS, spin
  i64.const parks, 0
  i64.const unless, MUTEX_STARVING         ; until it has parked itself
  i64.const adding, 0
announce:
  call status, mutex_take(mutex, owner, unless, adding)
  br_ne status, MUTEX_BUSY, done
  shared_load seen, queues[at]
  br_le_u seen, MUTEX_FLAGS, free
  i64.or marked, seen, MUTEX_CONTENDED
  br_lt_u parks, MUTEX_PATIENCE, patient
  i64.or marked, marked, MUTEX_STARVING
patient:
  br_eq marked, seen, park
  shared_cas before, queues[at], seen, marked
  br_ne before, seen, announce
park:
  shared_wait _, queues[at], marked, -1    ; pairs with the change of the word in unlock
  br awake
free:
  i64.and starving, seen, MUTEX_STARVING
  br_unless starving, announce             ; let go in between
  shared_wait _, queues[at], seen, MUTEX_STAND_BACK
awake:
  i64.add parks, parks, 1
  i64.const unless, 0
  i64.const adding, MUTEX_CONTENDED        ; others may be parked behind it
  br announce
done:
  ret status
}

func mutex_unlock(mutex, owner) -> held {
  i64.add at, mutex, MUTEX_STATE
  i64.shl mine, owner, MUTEX_HOLDER_SHIFT
  shared_cas seen, queues[at], mine, 0     ; pairs with the compare-and-swap in take: publishes what was written under the lock
  br_eq seen, mine, done
  i64.shr_u holder, seen, MUTEX_HOLDER_SHIFT
  br_ne holder, owner, stranger
  shared_fetch_and seen, queues[at], MUTEX_FLAGS   ; and, not a store: marks that waiters set until this moment stay
  i64.and marks, seen, MUTEX_FLAGS
  shared_notify woken, queues[at], 1
  br_if woken, done
  shared_cas _, queues[at], marks, 0
done:
  ret 1
stranger:
  ret 0
}
