; Adds up the mappers' tables, and puts the words together that stand on the edges of chunks. Edges come in any order and are
; taken in the order of the chunks: one that is early waits in a ring of handles, which is as large as mappers may be ahead.
; At the end the finished table goes to the host, and the longest word into a slot.

include "send-records.pasm"
include "word-table.pasm"

memory 8 max 16384

window queues words TABLES_WORDS + RESULTS_WORDS {
}

window totals {
  words @ TOTALS_WORDS_AT
  distinct @ TOTALS_DISTINCT_AT
  stitched @ PROGRESS_STITCHED_AT
}

window summary {
  slot longest
}

data incoming = zero SEGMENT_BYTES
data pending = zero EDGE_WINDOW * 8      ; handles of edges by sequence, modulo the window; 0: not here yet
const LONGEST_SHOWN = 64
const SPREAD = 0xbf58476d1ce4e5b9        ; not the mappers': their tables come in the order of theirs

; The word that the edge of the last chunk left open: it may go on in the next one.
data carry_at = words 0
data carry_length = words 0
data carry_room = words 0

func main() {
  call table_init()
  i64.const stitched, 0
next:
  call status, word_queue_receive(TABLES_OFFSET, message)
  br_eq status, QUEUE_CLOSED, done
  i64.load segment, [message]
  segment_acquire size, segment
  segment_read incoming, segment, 0, MESSAGE_HEADER_BYTES
  i64.load kind, [incoming + MESSAGE_KIND]
  br_ne kind, KIND_RECORDS, early
  segment_read incoming, segment, 0, size
  segment_release segment
  segment_retire segment
  call add_records()
  br next
early:
  segment_release segment
  i64.load sequence, [incoming + EDGE_SEQUENCE]
  i64.and place, sequence, EDGE_WINDOW - 1
  i64.shl place, place, 3
  i64.store [place + pending], segment
  call stitched, stitch_ready(stitched)
  br next
done:
  call flush_carry()
  call send_results()
  call word_queue_close(RESULTS_OFFSET)
  ret
}

; Takes the edges whose turn it is; gives the sequence that is to come next, and tells it to mappers that wait.
func stitch_ready(stitched) -> next {
again:
  i64.and place, stitched, EDGE_WINDOW - 1
  i64.shl place, place, 3
  i64.load segment, [place + pending]
  br_eq segment, 0, done
  i64.store [place + pending], 0
  call stitch(segment)
  i64.add stitched, stitched, 1
  shared_store totals.stitched, stitched ; pairs with the load in send_edge
  shared_notify _, totals.stitched, -1
  br again
done:
  ret stitched
}

func stitch(segment) {
  segment_acquire size, segment
  segment_read incoming, segment, 0, size
  segment_release segment
  segment_retire segment
  i64.load kind, [incoming + MESSAGE_KIND]
  i64.load leading, [incoming + EDGE_LEADING]
  i64.load trailing, [incoming + EDGE_TRAILING]
  i64.const text, incoming + MESSAGE_HEADER_BYTES
  i64.and first, kind, EDGE_FIRST
  br_unless first, goes_on
  call flush_carry()                     ; words do not span files
goes_on:
  call extend_carry(text, leading)
  i64.and whole, kind, EDGE_WHOLE
  br_if whole, done
  call flush_carry()
  i64.add text, text, leading
  call extend_carry(text, trailing)
done:
  ret
}

; The open word is complete: counts it.
func flush_carry() {
  i64.load length, [carry_length]
  br_eq length, 0, none
  i64.load text, [carry_at]
  call count_word(text, length, 1)
  shared_fetch_add _, totals.words, 1
  i64.store [carry_length], 0
none:
  ret
}

func extend_carry(text, bytes) {
  i64.load at, [carry_at]
  i64.load length, [carry_length]
  i64.load room, [carry_room]
  i64.add extended, length, bytes
  br_le_u extended, room, fits
  i64.shl room, extended, 1
  call larger, heap_allocate(room)
  memory.copy larger, at, length
  i64.store [carry_at], larger
  i64.store [carry_room], room
  mov at, larger
fits:
  i64.add to, at, length
  memory.copy to, text, bytes
  i64.store [carry_length], extended
  ret
}

; Adds the records of `incoming` to the table.
func add_records() {
  i64.load left, [incoming + RECORDS_COUNT]
  i64.const record, incoming + RECORDS_HEADER_BYTES
each:
  br_eq left, 0, done
  i64.load count, [record + RECORD_VALUE]
  i64.load length, [record + RECORD_LENGTH]
  i64.add text, record, RECORD_HEADER_BYTES
  call count_word(text, length, count)
  i64.add record, text, length
  i64.add record, record, 7              ; texts are filled up to whole words; `incoming` begins with one, as all data does
  i64.and record, record, -8
  i64.sub left, left, 1
  br each
done:
  ret
}

; Sends the table to the host, and leaves the longest word in the slot: of equally long ones, the first in byte order.
func send_results() {
  i64.load entry, [table_at]
  i64.load shift, [table_shift]
  call end, table_end(entry, shift)
  i64.const longest, 0
  i64.const longest_text, 0
each:
  i64.load key, [entry + ENTRY_KEY]
  br_eq key, 0, next
  i64.load count, [entry + ENTRY_COUNT]
  i64.load text, [entry + ENTRY_TEXT]
  i64.load length, [entry + ENTRY_LENGTH]
  call send_record(RESULTS_OFFSET, count, text, length)
  br_lt_u length, longest, next
  br_ne length, longest, longer
  call earlier, bytes_less(text, longest_text, length)
  br_unless earlier, next
longer:
  mov longest, length
  mov longest_text, text
next:
  i64.add entry, entry, ENTRY_BYTES
  br_lt_u entry, end, each
  call send_records(RESULTS_OFFSET, 0)
  i64.load distinct, [table_used]
  shared_store totals.distinct, distinct
  br_eq longest, 0, done
  call publish_longest(longest_text, longest)
done:
  ret
}

; A one-shot message: written privately, made visible by one swap.
func publish_longest(text, length) {
  mov shown, length
  br_le_u shown, LONGEST_SHOWN, short
  i64.const shown, LONGEST_SHOWN
short:
  br_le_u shown, RECORD_ROOM, fits
  i64.const shown, RECORD_ROOM
fits:
  call put_record(RECORDS_HEADER_BYTES, length, text, shown)
  i64.store [outgoing + RECORDS_COUNT], 1
  i64.store [outgoing + RECORDS_CONTINUES], 0
  i64.load bytes, [outgoing_at]
  segment_draft segment, summary, bytes
  br_eq segment, 0, exhausted
  segment_write segment, 0, outgoing, bytes
  swap_segment _, summary.longest, segment ; publishes the draft
  ret
exhausted:
  trap "no segment is left: the manifest's `segments` are too few"
}
