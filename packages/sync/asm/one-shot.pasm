; The one-shot, for programs: the same words, the same protocol as in ../src/channels/one-shot.ts, so that either end may be a
; program's or a host's. Offsets come in as external constants (ONE_SHOT_STATE, ...).
;
; A program that includes this declares a window `queues` with the one-shots in it; each is named by the address of its first
; word there. `owner` is the packed name of the thread that runs the program, { generation: 32, id: 16 }, by which its death
; is told: the host passes it in.
;
;   one_shot_claim_sender(shot, owner) -> 1 or 0
;   one_shot_send(shot, owner, value)  -> ONE_SHOT_OK, ONE_SHOT_TAKEN or ONE_SHOT_CLOSED                     lock-free
;   one_shot_try_receive(shot, into)   -> ONE_SHOT_OK, ONE_SHOT_EMPTY or an end                              lock-free
;   one_shot_receive(shot, into)       -> ONE_SHOT_OK or an end: _TAKEN, _DISCONNECTED or _CLOSED            blocks
;   one_shot_disconnect(shot, owner)   -> 1 or 0
;   one_shot_close(shot)

include "pool:sync/event-count.pasm"

const ONE_SHOT_EMPTY = 0                 ; what the routines answer; the ends are the phases of that name
const ONE_SHOT_OK = 2

const ONE_SHOT_OPEN = 0                  ; the phases: state is { sender: 48, phase: 3 }
const ONE_SHOT_HELD = 1
const ONE_SHOT_FULL = 2
const ONE_SHOT_TAKEN = 3
const ONE_SHOT_DISCONNECTED = 4
const ONE_SHOT_CLOSED = 5
const ONE_SHOT_PHASE_BITS = 3
const ONE_SHOT_PHASES = 7
const ONE_SHOT_SPINS = 64                ; how often to look again before parking; no effect on correctness

; The state while this owner has the sending end.
func one_shot_held_by(owner) -> held {
  i64.shl held, owner, ONE_SHOT_PHASE_BITS
  i64.or held, held, ONE_SHOT_HELD
  ret held
}

func one_shot_claim_sender(shot, owner) -> claimed {
  call held, one_shot_held_by(owner)
  i64.add state_at, shot, ONE_SHOT_STATE
  shared_cas seen, queues[state_at], ONE_SHOT_OPEN, held
  i64.eq claimed, seen, ONE_SHOT_OPEN
  i64.eq mine, seen, held
  i64.or claimed, claimed, mine
  ret claimed
}

func one_shot_send(shot, owner, value) -> status {
  call claimed, one_shot_claim_sender(shot, owner)
  i64.add state_at, shot, ONE_SHOT_STATE
  br_unless claimed, refused
  i64.add value_at, shot, ONE_SHOT_VALUE
  shared_store queues[value_at], value
  ; Compare-and-swap, not a store: the receiver may have closed meanwhile. Pairs with the load in try_receive.
  call held, one_shot_held_by(owner)
  shared_cas seen, queues[state_at], held, ONE_SHOT_FULL
  br_ne seen, held, closed
  i64.add event, shot, ONE_SHOT_EVENT
  call event_count_signal_all(event)
  ret ONE_SHOT_OK
refused:
  shared_load state, queues[state_at]
  i64.and phase, state, ONE_SHOT_PHASES
  br_eq phase, ONE_SHOT_CLOSED, closed
  ret ONE_SHOT_TAKEN
closed:
  ret ONE_SHOT_CLOSED
}

func one_shot_try_receive(shot, into) -> status {
  i64.add state_at, shot, ONE_SHOT_STATE
  shared_load state, queues[state_at]      ; pairs with the compare-and-swap in send: the value is there
  i64.and phase, state, ONE_SHOT_PHASES
  br_le_u phase, ONE_SHOT_HELD, empty
  br_ne phase, ONE_SHOT_FULL, ended
  i64.add value_at, shot, ONE_SHOT_VALUE
  shared_load value, queues[value_at]
  shared_cas seen, queues[state_at], ONE_SHOT_FULL, ONE_SHOT_TAKEN
  i64.const phase, ONE_SHOT_TAKEN          ; of several receivers one has it
  br_ne seen, ONE_SHOT_FULL, ended
  i64.store [into], value
  ret ONE_SHOT_OK
empty:
  ret ONE_SHOT_EMPTY
ended:
  ret phase
}

func one_shot_receive(shot, into) -> status {
  i64.const spins, 0
spin:
  call status, one_shot_try_receive(shot, into)
  br_ne status, ONE_SHOT_EMPTY, received
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, ONE_SHOT_SPINS, spin
  i64.add event, shot, ONE_SHOT_EVENT
  i64.add waiters, shot, ONE_SHOT_WAITERS
park:
  call ticket, event_count_enter(event, waiters)
  call status, one_shot_try_receive(shot, into)
  br_ne status, ONE_SHOT_EMPTY, leave
  shared_wait _, queues[event], ticket, -1
leave:
  shared_fetch_sub _, queues[waiters], 1
  br_eq status, ONE_SHOT_EMPTY, park
received:
  ret status
}

; Gives up the sending end, if this owner has it or nobody.
func one_shot_disconnect(shot, owner) -> given {
  call claimed, one_shot_claim_sender(shot, owner)
  i64.const given, 0
  br_unless claimed, done
  call held, one_shot_held_by(owner)
  i64.add state_at, shot, ONE_SHOT_STATE
  shared_cas seen, queues[state_at], held, ONE_SHOT_DISCONNECTED
  br_ne seen, held, done
  i64.const given, 1
  i64.add event, shot, ONE_SHOT_EVENT
  call event_count_signal_all(event)
done:
  ret given
}

; Says that nobody will receive. What was sent before can still be received.
func one_shot_close(shot) {
  i64.add state_at, shot, ONE_SHOT_STATE
again:
  shared_load state, queues[state_at]
  i64.and phase, state, ONE_SHOT_PHASES
  br_gt_u phase, ONE_SHOT_HELD, done
  shared_cas seen, queues[state_at], state, ONE_SHOT_CLOSED
  br_ne seen, state, again
done:
  i64.add event, shot, ONE_SHOT_EVENT
  call event_count_signal_all(event)
  ret
}
