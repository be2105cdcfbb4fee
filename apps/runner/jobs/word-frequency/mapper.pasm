; Counts the words of the chunks that it gets, in a private table. Of a chunk's words the first and the last may go on in its
; neighbours: these two fragments go to the reducer at once, everything between them is counted here. At the end the table
; follows. So what a mapper remembers grows with the vocabulary, and not with the text.

include "send-records.pasm"
include "word-table.pasm"

memory 8 max 16384

window texts {
}

window queues words CHUNKS_WORDS + TABLES_WORDS {
}

window totals {
  words @ TOTALS_WORDS_AT
  bytes @ TOTALS_BYTES_AT
  chunks @ TOTALS_CHUNKS_AT
  stitched @ PROGRESS_STITCHED_AT        ; the sequence of the first chunk whose edge the reducer waits for
  finished @ PROGRESS_FINISHED_AT        ; how many mappers are done
}

data chunk = zero SEGMENT_BYTES
data edge = zero SEGMENT_BYTES
const SPREAD = 0x9e3779b97f4a7c15        ; 2^64 / golden ratio
const TEXT = chunk + CHUNK_HEADER_BYTES

func main() {
  i64.const record, RECORDS_HEADER_BYTES + RECORD_HEADER_BYTES + CHUNK_BYTES
  br_gt_u record, SEGMENT_BYTES, tight
  call table_init()
next:
  call status, word_queue_receive(CHUNKS_OFFSET, message)
  br_eq status, QUEUE_CLOSED, done
  i64.load segment, [message]
  segment_acquire size, segment
  segment_read chunk, segment, 0, size
  segment_release segment
  segment_retire segment
  i64.load length, [chunk + CHUNK_LENGTH]
  call map_chunk(length)
  shared_fetch_add _, totals.bytes, length
  shared_fetch_add _, totals.chunks, 1
  br next
done:
  call send_table()
  shared_fetch_add finished, totals.finished, 1
  br_ne finished, INSTANCES_MAPPER - 1, out
  call word_queue_close(TABLES_OFFSET)   ; the last one out
out:
  ret
tight:
  trap "`chunk-bytes` is too near to `segments.bytes`: a record with a word as long as a chunk would not fit a segment"
}

; Finds the two edges of the chunk, sends them, and counts what is between.
func map_chunk(length) {
  i64.const begin, TEXT
  i64.add end, begin, length
  mov first, begin
leading:
  br_ge_u first, end, whole
  i64.load8_u byte, [first]
  i64.load8_u byte, [byte + class]
  br_eq byte, 0, led
  i64.add first, first, 1
  br leading
whole:
  call send_edge(EDGE_WHOLE, length, end, 0)
  ret
led:
  mov last, end
trailing:
  i64.sub last, last, 1
  i64.load8_u byte, [last]
  i64.load8_u byte, [byte + class]
  br_ne byte, 0, trailing
  i64.add last, last, 1
  i64.sub leading_length, first, begin
  i64.sub trailing_length, end, last
  call send_edge(0, leading_length, last, trailing_length)
  call count_words(first, last)
  ret
}

; Counts the words between two separators. The inner loops are all that matters for speed: a byte of a word costs six
; instructions, and a known word of up to 8 bytes a dozen more.
func count_words(at, end) {
  i64.const spread, SPREAD
refresh:
  i64.load table, [table_at]
  i64.load shift, [table_shift]
gap:
  br_ge_u at, end, done
  i64.load8_u byte, [at]
  i64.load8_u key, [byte + class]
  i64.add at, at, 1
  br_eq key, 0, gap
  i64.sub begin, at, 1
  br look
letter:
  i64.shl key, key, 8
  i64.or key, key, folded
  i64.add at, at, 1
look:
  i64.load8_u byte, [at]                 ; at most the separator before `end`
  i64.load8_u folded, [byte + class]
  br_ne folded, 0, letter
  i64.sub length, at, begin
  br_gt_u length, PACKED_BYTES, search
  i64.mul entry, key, spread             ; table_home, without the call
  i64.shr_u entry, entry, shift
  i64.shl entry, entry, ENTRY_SHIFT
  i64.add entry, entry, table
  i64.load found, [entry + ENTRY_KEY]
  br_ne found, key, search
  i64.load count, [entry + ENTRY_COUNT]
  i64.add count, count, 1
  i64.store [entry + ENTRY_COUNT], count
  br gap
search:
  call count_word(begin, length, 1)
  br refresh
done:
  ret
}

; Sends a chunk's edges, no sooner than the reducer has room to remember them.
func send_edge(flags, leading, last, trailing) {
  i64.load sequence, [chunk + CHUNK_SEQUENCE]
  i64.load offset, [chunk + CHUNK_OFFSET]
  i64.add kind, flags, KIND_EDGE
  br_ne offset, 0, room
  i64.add kind, kind, EDGE_FIRST
room:
  shared_load stitched, totals.stitched  ; pairs with the store in stitch_ready
  i64.add limit, stitched, EDGE_WINDOW
  br_lt_u sequence, limit, send
  shared_wait _, totals.stitched, stitched, -1
  br room
send:
  i64.store [edge + MESSAGE_KIND], kind
  i64.store [edge + EDGE_SEQUENCE], sequence
  i64.store [edge + EDGE_LEADING], leading
  i64.store [edge + EDGE_TRAILING], trailing
  i64.const to, edge + MESSAGE_HEADER_BYTES
  memory.copy to, TEXT, leading
  i64.add to, to, leading
  memory.copy to, last, trailing
  i64.add bytes, leading, trailing
  i64.add bytes, bytes, MESSAGE_HEADER_BYTES
  call send_bytes(TABLES_OFFSET, edge, bytes)
  ret
}

; Sends the whole table as records, and adds its words to the total.
func send_table() {
  i64.load entry, [table_at]
  i64.load shift, [table_shift]
  call end, table_end(entry, shift)
  i64.const words, 0
each:
  i64.load key, [entry + ENTRY_KEY]
  br_eq key, 0, next
  i64.load count, [entry + ENTRY_COUNT]
  i64.load text, [entry + ENTRY_TEXT]
  i64.load length, [entry + ENTRY_LENGTH]
  call send_record(TABLES_OFFSET, count, text, length)
  i64.add words, words, count
next:
  i64.add entry, entry, ENTRY_BYTES
  br_lt_u entry, end, each
  call send_records(TABLES_OFFSET, 0)
  shared_fetch_add _, totals.words, words
  ret
}
