; The event count, for programs: how to wait for a condition that is not one word. It is explained in
; ../src/waiting/event-count.ts. Words are in the window `queues`, as everything that the routines beside this one use.

; Announces a waiter and gives it the count to park on. The barrier stands between the write of `waiters` and the caller's
; last look at the condition; its twin is in event_count_signal, so that one of the two sees the other.
func event_count_enter(event, waiters) -> ticket {
  shared_fetch_add _, queues[waiters], 1
  shared_load ticket, queues[event]
  shared_barrier
  ret ticket
}

; Tells one waiter to look again, after the condition was made true.
func event_count_signal(event, waiters) {
  shared_barrier
  shared_load parked, queues[waiters]
  br_eq parked, 0, nobody
  shared_fetch_add _, queues[event], 1     ; pairs with the load of the count in enter: an older ticket is outdated
  shared_notify _, queues[event], 1
nobody:
  ret
}

; Tells all waiters, if there are any.
func event_count_signal_waiting(event, waiters) {
  shared_barrier
  shared_load parked, queues[waiters]
  br_eq parked, 0, nobody
  call event_count_signal_all(event)
nobody:
  ret
}

; Tells all waiters to look again.
func event_count_signal_all(event) {
  shared_fetch_add _, queues[event], 1
  shared_notify _, queues[event], -1
  ret
}
