; What mappers and the reducer tell each other in segments. Every message begins with four words:
;
;   records   { KIND_RECORDS, count, continues, 0 } and records, as the host knows them
;   edge      { KIND_EDGE + flags, sequence, leading, trailing } and the bytes of the two fragments at the edges of a chunk:
;             what comes before its first separator, and what comes after its last
;
; A chunk without any separator is one leading fragment with the flag EDGE_WHOLE.

const KIND_RECORDS = 0
const KIND_EDGE = 1
const EDGE_FIRST = 2                     ; the chunk is the first of its file
const EDGE_WHOLE = 4

const MESSAGE_KIND = 0
const EDGE_SEQUENCE = 8
const EDGE_LEADING = 16
const EDGE_TRAILING = 24
const MESSAGE_HEADER_BYTES = 32

; A mapper may be so many chunks ahead of the oldest whose edge has not arrived; so the reducer keeps no more edges than that.
const EDGE_WINDOW = 32

; Where a handle is put when it comes out of a queue.
data message = words 0
