; The mailbox, for programs: the same words, the same protocol as in ../src/channels/mailbox.ts and
; ../src/internal/published-slots.ts. Offsets come in as external constants (MAILBOX_LATEST, ...).
;
; A program that includes this declares a window `queues` with the mailboxes in it; each is named by the address of its first
; word there. Messages pass through private memory, MAILBOX_WIDTH words each. `owner` is the packed name of the thread that
; runs the program. `seen` is the address of a word of private memory that is this reader's own, MAILBOX_NEVER at first.
;
;   mailbox_write(mailbox, owner, from)      -> MAILBOX_OK, MAILBOX_IS_TAKEN or MAILBOX_CLOSED         wait-free
;   mailbox_try_read(mailbox, seen, into)    -> MAILBOX_OK, MAILBOX_EMPTY or MAILBOX_CLOSED            lock-free
;   mailbox_read(mailbox, seen, into)        -> MAILBOX_OK or MAILBOX_CLOSED                           blocks
;   mailbox_release(mailbox, owner)                                                                     lets another thread write
;   mailbox_close(mailbox)

include "pool:sync/event-count.pasm"

const MAILBOX_CLOSED = 0
const MAILBOX_OK = 1
const MAILBOX_EMPTY = 2
const MAILBOX_IS_TAKEN = 3               ; another thread is the writer
const MAILBOX_NEVER = -1

const MAILBOX_MARK_CLOSED = 1            ; latest is { sequence: 48, any: 1, closed: 1 }
const MAILBOX_MARK_ANY = 2
const MAILBOX_SEQUENCE_SHIFT = 2
const MAILBOX_SEQUENCES = 0xffff_ffff_ffff
const MAILBOX_SLOT_MASK = 3              ; four slots; a message lasts until the third after it
const MAILBOX_LASTING = 3
const MAILBOX_SPINS = 64                 ; how often to look again before parking; no effect on correctness

func mailbox_write(mailbox, owner, from) -> status {
  i64.add writer_at, mailbox, MAILBOX_WRITER
  i64.add latest_at, mailbox, MAILBOX_LATEST
  shared_load writer, queues[writer_at]
  br_eq writer, owner, mine
  shared_cas writer, queues[writer_at], 0, owner
  br_eq writer, 0, mine
  shared_load latest, queues[latest_at]
  i64.and closed, latest, MAILBOX_MARK_CLOSED
  br_if closed, refused
  ret MAILBOX_IS_TAKEN
mine:
  shared_load latest, queues[latest_at]
  i64.and closed, latest, MAILBOX_MARK_CLOSED
  br_if closed, refused
  i64.shr_u sequence, latest, MAILBOX_SEQUENCE_SHIFT
  call width, mailbox_width(mailbox)
  call slot, mailbox_slot(mailbox, sequence, width)
  i64.const index, 0
next:
  i64.load value, [from]
  shared_store queues[slot], value         ; pairs with the load in mailbox_copy: who sees it sees what was published before
  i64.add from, from, 8
  i64.add slot, slot, 1
  i64.add index, index, 1
  br_lt_u index, width, next
  i64.add sequence, sequence, 1
  i64.and sequence, sequence, MAILBOX_SEQUENCES
  i64.shl sequence, sequence, MAILBOX_SEQUENCE_SHIFT
  i64.or sequence, sequence, MAILBOX_MARK_ANY
  ; Compare-and-swap, not a store: close may have come between. Pairs with the loads of latest: publishes the message.
  shared_cas seen, queues[latest_at], latest, sequence
  br_ne seen, latest, refused
  i64.add event, mailbox, MAILBOX_EVENT
  i64.add waiters, mailbox, MAILBOX_WAITERS
  call event_count_signal_waiting(event, waiters)
  ret MAILBOX_OK
refused:
  ret MAILBOX_CLOSED
}

func mailbox_try_read(mailbox, seen, into) -> status {
  i64.add latest_at, mailbox, MAILBOX_LATEST
  i64.load last, [seen]
  call width, mailbox_width(mailbox)
again:
  shared_load latest, queues[latest_at]    ; pairs with the compare-and-swap in write: the message before it is there
  i64.and any, latest, MAILBOX_MARK_ANY
  i64.shr_u sequence, latest, MAILBOX_SEQUENCE_SHIFT
  br_unless any, nothing
  br_eq sequence, last, nothing
  i64.sub before, sequence, 1
  i64.and before, before, MAILBOX_SEQUENCES
  call whole, mailbox_copy(mailbox, before, width, into)
  br_unless whole, again                   ; two more messages were written meanwhile
  i64.store [seen], sequence
  ret MAILBOX_OK
nothing:
  i64.and closed, latest, MAILBOX_MARK_CLOSED
  br_if closed, ended
  ret MAILBOX_EMPTY
ended:
  ret MAILBOX_CLOSED
}

func mailbox_read(mailbox, seen, into) -> status {
  i64.const spins, 0
spin:
  call status, mailbox_try_read(mailbox, seen, into)
  br_ne status, MAILBOX_EMPTY, done
  shared_pause
  i64.add spins, spins, 1
  br_lt_u spins, MAILBOX_SPINS, spin
  i64.add event, mailbox, MAILBOX_EVENT
  i64.add waiters, mailbox, MAILBOX_WAITERS
park:
  call ticket, event_count_enter(event, waiters)
  call status, mailbox_try_read(mailbox, seen, into)
  br_ne status, MAILBOX_EMPTY, leave
  shared_wait _, queues[event], ticket, -1
leave:
  shared_fetch_sub _, queues[waiters], 1
  br_eq status, MAILBOX_EMPTY, park
done:
  ret status
}

func mailbox_release(mailbox, owner) {
  i64.add writer_at, mailbox, MAILBOX_WRITER
  shared_cas _, queues[writer_at], owner, 0
  ret
}

; Lets nobody write any more. The latest message stays.
func mailbox_close(mailbox) {
  i64.add latest_at, mailbox, MAILBOX_LATEST
  shared_fetch_or _, queues[latest_at], MAILBOX_MARK_CLOSED
  i64.add event, mailbox, MAILBOX_EVENT
  call event_count_signal_all(event)
  ret
}

; Copies a message out; 0 if it may have been overwritten meanwhile.
func mailbox_copy(mailbox, sequence, width, into) -> whole {
  call slot, mailbox_slot(mailbox, sequence, width)
  i64.const index, 0
next:
  shared_load value, queues[slot]
  i64.store [into], value
  i64.add into, into, 8
  i64.add slot, slot, 1
  i64.add index, index, 1
  br_lt_u index, width, next
  i64.add latest_at, mailbox, MAILBOX_LATEST
  shared_load latest, queues[latest_at]    ; after the words: had one been overwritten, this would show it
  i64.shr_u ahead, latest, MAILBOX_SEQUENCE_SHIFT
  i64.sub ahead, ahead, sequence
  i64.and ahead, ahead, MAILBOX_SEQUENCES
  i64.le_u whole, ahead, MAILBOX_LASTING
  ret whole
}

func mailbox_width(mailbox) -> width {
  i64.add width_at, mailbox, MAILBOX_WIDTH
  shared_load width, queues[width_at]
  ret width
}

func mailbox_slot(mailbox, sequence, width) -> slot {
  i64.and slot, sequence, MAILBOX_SLOT_MASK
  i64.mul slot, slot, width
  i64.add slot, slot, mailbox
  i64.add slot, slot, MAILBOX_SLOTS
  ret slot
}
