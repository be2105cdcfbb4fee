; Letters through a ring of segments: the writer's publication of letter n + PLACES ends letter n. So it waits until that one
; was read, and the reader says that it has read a letter once it has a copy of its own, and not before.
memory 1

const PLACES = LETTERS_WORDS
const LETTERS = 1000
const LETTER = 0                           ; where both have the letter in their own memory
const LETTER_BYTES = 8

window mail {
  sent @ MAIL_SENT_AT
  read @ MAIL_READ_AT
  sum @ MAIL_SUM_AT
  letters[LETTERS_WORDS] @ LETTERS_OFFSET
}

func write() {
  i64.const n, 0
next:
  shared_load read, mail.read              ; pairs with the store in read: that letter is copied
  i64.sub ahead, n, read
  br_lt_u ahead, PLACES, room
  shared_wait _, mail.read, read, -1
  br next
room:
  i64.store [LETTER], n
  segment_draft letter, mail, LETTER_BYTES
  br_eq letter, 0, exhausted
  segment_write letter, 0, LETTER, LETTER_BYTES
  segment_publish letter, LETTER_BYTES
  i64.rem_u place, n, PLACES
  shared_store mail.letters[place], letter
  i64.add n, n, 1
  shared_store mail.sent, n                ; pairs with the load in read: the handle stands in its place
  shared_notify _, mail.sent, 1
  br_lt_u n, LETTERS, next
  ret
exhausted:
  trap "no segment is free"
}

func read() {
  i64.const n, 0
next:
  shared_load sent, mail.sent              ; pairs with the store in write
  br_ne sent, n, arrived
  shared_wait _, mail.sent, sent, -1
  br next
arrived:
  i64.rem_u place, n, PLACES
  shared_load letter, mail.letters[place]
  segment_acquire length, letter
  segment_read LETTER, letter, 0, length
  segment_release letter
  i64.add n, n, 1
  shared_store mail.read, n                ; pairs with the load in write: it may publish over this one from here on
  shared_notify _, mail.read, 1
  i64.load value, [LETTER]
  shared_fetch_add _, mail.sum, value
  br_lt_u n, LETTERS, next
  ret
}
