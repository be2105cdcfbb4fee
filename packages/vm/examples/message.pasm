; One message from a sender to a receiver, of any size. The bytes are written while nobody else can see them, and handed over by
; one exchange; from then on nobody writes them.
memory 1

window mail words 1 slots 1 {
  sent                                     ; 1 once the slot has been filled
  slot letter
}

data greeting = "Meet me by the old mill at noon."
const INBOX = 4096

func send() {
  segment_draft letter, mail, greeting.length
  br_eq letter, 0, exhausted
  segment_write letter, 0, greeting, greeting.length
  swap_segment _, mail.letter, letter      ; publishes the draft: it belongs to whoever takes it from the slot
  shared_store mail.sent, 1                ; pairs with the load in receive
  shared_notify _, mail.sent, 1
  ret
exhausted:
  trap "no segment is free"
}

; Waits for the letter, reads it, gives its room back, and returns how long it was.
func receive() -> length {
again:
  shared_load sent, mail.sent
  br_ne sent, 0, arrived
  shared_wait _, mail.sent, 0, -1
  br again
arrived:
  swap_segment letter, mail.letter, 0      ; takes it: the slot is empty now, so nobody takes it twice
  segment_acquire length, letter
  segment_read INBOX, letter, 0, length
  segment_release letter
  segment_retire letter
  ret length
}
