; Sends records, as the host knows them, to a queue: gathered in private memory until a segment is full. A text that is longer
; than a segment goes on in the next one, and the one before it says so.

include "pool:sync/word-queue.pasm"
include "messages.pasm"

const RECORD_ROOM = (SEGMENT_BYTES - RECORDS_HEADER_BYTES - RECORD_HEADER_BYTES) & -8 ; for the text of a segment's only record

data outgoing = zero SEGMENT_BYTES
data outgoing_at = words RECORDS_HEADER_BYTES      ; where the next record goes, from `outgoing` on
data outgoing_count = words 0

; Adds one record; sends what has gathered when there is no room for it.
func send_record(queue, value, text, length) {
  i64.load at, [outgoing_at]
  i64.add size, length, RECORD_HEADER_BYTES + 7
  i64.and size, size, -8
  i64.add end, at, size
  br_le_u end, SEGMENT_BYTES, put
  call send_records(queue, 0)
  i64.const at, RECORDS_HEADER_BYTES
part:
  i64.add end, at, size
  br_le_u end, SEGMENT_BYTES, put
  i64.const room, RECORD_ROOM
  call put_record(at, value, text, room)
  call send_records(queue, 1)
  i64.add text, text, room
  i64.sub length, length, room
  i64.sub size, size, room
  br part
put:
  call put_record(at, value, text, length)
  ret
}

func put_record(at, value, text, length) {
  i64.store [at + outgoing + RECORD_VALUE], value
  i64.store [at + outgoing + RECORD_LENGTH], length
  i64.add to, at, outgoing + RECORD_HEADER_BYTES
  memory.copy to, text, length
  i64.add at, at, length
  i64.add at, at, RECORD_HEADER_BYTES + 7
  i64.and at, at, -8
  i64.store [outgoing_at], at
  i64.load count, [outgoing_count]
  i64.add count, count, 1
  i64.store [outgoing_count], count
  ret
}

; Sends what has gathered, if anything; `continues` says that the last text goes on in the next segment.
func send_records(queue, continues) {
  i64.load count, [outgoing_count]
  br_eq count, 0, nothing
  i64.store [outgoing + RECORDS_KIND], KIND_RECORDS
  i64.store [outgoing + RECORDS_COUNT], count
  i64.store [outgoing + RECORDS_CONTINUES], continues
  i64.load bytes, [outgoing_at]
  call send_bytes(queue, outgoing, bytes)
  i64.store [outgoing_at], RECORDS_HEADER_BYTES
  i64.store [outgoing_count], 0
nothing:
  ret
}

; Hands private bytes over: a segment of the queues' domain, its handle through the queue.
func send_bytes(queue, from, bytes) {
  segment_draft segment, queues, bytes
  br_eq segment, 0, exhausted
  segment_write segment, 0, from, bytes
  segment_publish segment, bytes
  call status, word_queue_send(queue, segment)
  br_eq status, QUEUE_CLOSED, closed
  ret
exhausted:
  trap "no segment is left: the manifest's `segments` are too few"
closed:
  trap "the queue was closed while there was something to send"
}
