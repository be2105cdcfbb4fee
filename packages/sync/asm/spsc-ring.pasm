; The ring between one sender and one receiver, for programs: the same words, the same protocol as in ../src/queues/spsc-ring.ts.
; Offsets come in as external constants (SPSC_RING_TAIL, ...). A program keeps no private account of the ring: each operation
; publishes its word, so a receiver acknowledges each, whatever the ring was laid for; hosts on the other side may batch.
;
; A program that includes this declares a window `queues` with the rings in it; each is named by the address of its first word
; there. `owner` is the packed name of the thread that runs the program. An end is claimed once, before its first use.
;
;   spsc_claim_sender(ring, owner), spsc_claim_receiver(ring, owner) -> 1, or 0 if another one has it
;   spsc_try_send(ring, value)    -> SPSC_OK, SPSC_FULL or SPSC_CLOSED                wait-free
;   spsc_send(ring, value)        -> SPSC_OK or SPSC_CLOSED                           blocks while the ring is full
;   spsc_try_receive(ring, into)  -> SPSC_OK, SPSC_EMPTY or SPSC_CLOSED               wait-free
;   spsc_receive(ring, into)      -> SPSC_OK or SPSC_CLOSED                           blocks while the ring is empty
;   spsc_close_sender(ring, owner), spsc_close_receiver(ring, owner)

const SPSC_CLOSED = 0
const SPSC_OK = 1
const SPSC_EMPTY = 2
const SPSC_FULL = 2

const SPSC_POSITION_SHIFT = 2            ; tail and head are { position: 50, closed: 1, waiting: 1 }
const SPSC_POSITIONS = 0x3_ffff_ffff_ffff
const SPSC_MARK_CLOSED = 2
const SPSC_MARK_WAITING = 1
const SPSC_END_SHIFT = 2                 ; an end is { owner: 48, state: 2 }
const SPSC_END_STATES = 3
const SPSC_END_HELD = 1
const SPSC_END_CLOSED = 2
const SPSC_SPINS = 64                    ; how often to look again before parking; no effect on correctness

func spsc_claim_sender(ring, owner) -> claimed {
  i64.add end, ring, SPSC_RING_SENDER
  call claimed, spsc_claim(end, owner)
  ret claimed
}

func spsc_claim_receiver(ring, owner) -> claimed {
  i64.add end, ring, SPSC_RING_RECEIVER
  call claimed, spsc_claim(end, owner)
  ret claimed
}

func spsc_try_send(ring, value) -> status {
  i64.add receiver_at, ring, SPSC_RING_RECEIVER
  i64.add tail_at, ring, SPSC_RING_TAIL
  i64.add head_at, ring, SPSC_RING_HEAD
  shared_load receiver, queues[receiver_at]
  i64.and receiver, receiver, SPSC_END_STATES
  br_eq receiver, SPSC_END_CLOSED, closed
  shared_load tail, queues[tail_at]        ; nobody else moves it
  i64.and ended, tail, SPSC_MARK_CLOSED
  br_if ended, closed
  i64.shr_u position, tail, SPSC_POSITION_SHIFT
  shared_load head, queues[head_at]        ; pairs with the exchange in try_receive: the slot was read out
  i64.shr_u taken, head, SPSC_POSITION_SHIFT
  i64.sub fill, position, taken
  i64.and fill, fill, SPSC_POSITIONS
  call capacity, spsc_capacity(ring)
  br_ge_u fill, capacity, full
  call slot, spsc_slot(ring, position, capacity)
  shared_store queues[slot], value
  i64.add position, position, 1
  call counter, spsc_counter(position)
  shared_exchange old, queues[tail_at], counter  ; pairs with the load of the tail in try_receive: publishes the slot
  call spsc_wake(tail_at, old)
  ret SPSC_OK
full:
  ret SPSC_FULL
closed:
  ret SPSC_CLOSED
}

func spsc_try_receive(ring, into) -> status {
  i64.add tail_at, ring, SPSC_RING_TAIL
  i64.add head_at, ring, SPSC_RING_HEAD
  shared_load head, queues[head_at]        ; nobody else moves it
  i64.shr_u position, head, SPSC_POSITION_SHIFT
  shared_load tail, queues[tail_at]        ; pairs with the exchange in try_send: the slot is written
  i64.shr_u sent, tail, SPSC_POSITION_SHIFT
  br_eq sent, position, nothing
  call capacity, spsc_capacity(ring)
  call slot, spsc_slot(ring, position, capacity)
  shared_load value, queues[slot]
  i64.store [into], value
  i64.add position, position, 1
  call counter, spsc_counter(position)
  shared_exchange old, queues[head_at], counter  ; pairs with the load of the head in try_send: the slot is free again
  call spsc_wake(head_at, old)
  ret SPSC_OK
nothing:
  i64.and ended, tail, SPSC_MARK_CLOSED
  br_if ended, closed
  ret SPSC_EMPTY
closed:
  ret SPSC_CLOSED
}

func spsc_send(ring, value) -> status {
  i64.add head_at, ring, SPSC_RING_HEAD
  i64.const spins, 0
spin:
  call status, spsc_try_send(ring, value)
  br_ne status, SPSC_FULL, done
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, SPSC_SPINS, spin
park:
  shared_load head, queues[head_at]
  i64.or marked, head, SPSC_MARK_WAITING
  shared_cas seen, queues[head_at], head, marked ; pairs with the exchange in try_receive: it sees the mark, or this fails
  br_ne seen, head, again
  call status, spsc_try_send(ring, value)  ; the head may have moved before it was read here
  br_ne status, SPSC_FULL, done
  shared_wait _, queues[head_at], marked, -1
again:
  call status, spsc_try_send(ring, value)
  br_eq status, SPSC_FULL, park
done:
  ret status
}

func spsc_receive(ring, into) -> status {
  i64.add tail_at, ring, SPSC_RING_TAIL
  i64.const spins, 0
spin:
  call status, spsc_try_receive(ring, into)
  br_ne status, SPSC_EMPTY, done
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, SPSC_SPINS, spin
park:
  shared_load tail, queues[tail_at]
  i64.or marked, tail, SPSC_MARK_WAITING
  shared_cas seen, queues[tail_at], tail, marked ; pairs with the exchange in try_send: it sees the mark, or this fails
  br_ne seen, tail, again
  call status, spsc_try_receive(ring, into)
  br_ne status, SPSC_EMPTY, done
  shared_wait _, queues[tail_at], marked, -1
again:
  call status, spsc_try_receive(ring, into)
  br_eq status, SPSC_EMPTY, park
done:
  ret status
}

; Ends the stream: the receiver drains what was sent, then is told.
func spsc_close_sender(ring, owner) {
  i64.add end, ring, SPSC_RING_SENDER
  call closed, spsc_close(end, owner)
  br_unless closed, done
  i64.add tail_at, ring, SPSC_RING_TAIL
  call spsc_mark_closed(tail_at)
done:
  ret
}

; Receives no more: sends are refused from now on.
func spsc_close_receiver(ring, owner) {
  i64.add end, ring, SPSC_RING_RECEIVER
  call closed, spsc_close(end, owner)
  br_unless closed, done
  i64.add tail_at, ring, SPSC_RING_TAIL
  shared_fetch_or _, queues[tail_at], SPSC_MARK_WAITING ; a host's sender looks at this end only when it finds the mark
  i64.add head_at, ring, SPSC_RING_HEAD
  call spsc_mark_closed(head_at)
done:
  ret
}

func spsc_claim(end, owner) -> claimed {
  i64.shl held, owner, SPSC_END_SHIFT
  i64.or held, held, SPSC_END_HELD
  shared_cas seen, queues[end], 0, held
  i64.eq claimed, seen, 0
  ret claimed
}

func spsc_close(end, owner) -> closed {
  i64.shl named, owner, SPSC_END_SHIFT
  i64.or held, named, SPSC_END_HELD
  i64.or ended, named, SPSC_END_CLOSED
  shared_cas seen, queues[end], held, ended
  i64.eq closed, seen, held
  ret closed
}

func spsc_mark_closed(counter_at) {
  shared_fetch_or old, queues[counter_at], SPSC_MARK_CLOSED
  shared_fetch_and _, queues[counter_at], 0xffff_ffff_ffff_fffe
  call spsc_wake(counter_at, old)
  ret
}

; Wakes whoever waits for the counter to change, if the old value said that somebody does.
func spsc_wake(counter_at, old) {
  i64.and waiting, old, SPSC_MARK_WAITING
  br_unless waiting, nobody
  shared_notify _, queues[counter_at], -1
nobody:
  ret
}

func spsc_counter(position) -> counter {
  i64.and counter, position, SPSC_POSITIONS
  i64.shl counter, counter, SPSC_POSITION_SHIFT
  ret counter
}

func spsc_capacity(ring) -> capacity {
  i64.add at, ring, SPSC_RING_CAPACITY
  shared_load capacity, queues[at]
  ret capacity
}

func spsc_slot(ring, position, capacity) -> slot {
  i64.sub slot, capacity, 1
  i64.and slot, slot, position
  i64.add slot, slot, ring
  i64.add slot, slot, SPSC_RING_SLOTS
  ret slot
}
