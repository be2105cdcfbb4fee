; How often each word was seen: a private hash table with open addressing, kept at most half full.
;
; A word of up to 8 bytes is its own key, packed into one register: none of its bytes is 0, so the key is the word, and one
; comparison tells whether two are the same. A longer word has a hash as its key, whose lowest byte is 0, which no packed word
; has; then the bytes are compared as well.
;
;   entry { key, count, text, length }    key 0: free. text points to the folded bytes, in the heap
;
; Whoever includes this names an odd constant SPREAD, by which keys are spread over the table (Knuth, TAOCP 6.4). It must be
; another one than that of a program whose table arrives here in its order: the entries would come sorted by where they belong,
; and pile up at the beginning of a table that is still small.

include "heap.pasm"

const ENTRY_KEY = 0
const ENTRY_COUNT = 8
const ENTRY_TEXT = 16
const ENTRY_LENGTH = 24
const ENTRY_SHIFT = 5
const ENTRY_BYTES = 1 << ENTRY_SHIFT

const PACKED_BYTES = 8
const FIRST_TABLE_SHIFT = 12             ; 4,096 entries to begin with
const HASH_BASIS = 0xcbf29ce484222325    ; FNV-1a, 64 bits (Fowler, Noll and Vo, draft-eastlake-fnv)
const HASH_PRIME = 0x100000001b3

; What each byte counts as: 0 for a separator, itself folded to lower case otherwise.
data class = zero 256

data table_at = words 0                  ; address of the first entry
data table_shift = words 0               ; 64 - log2 of the number of entries
data table_used = words 0

func table_init() {
  call heap_init()
  i64.const byte, 'a'
letters:
  i64.store8 [byte + class], byte
  i64.store8 [byte + class - 32], byte   ; its capital
  i64.add byte, byte, 1
  br_le_u byte, 'z', letters
  i64.const byte, 128
others:
  i64.store8 [byte + class], byte
  i64.add byte, byte, 1
  br_lt_u byte, 256, others
  call table, heap_allocate(ENTRY_BYTES << FIRST_TABLE_SHIFT)
  i64.store [table_at], table
  i64.store [table_shift], 64 - FIRST_TABLE_SHIFT
  ret
}

; Folds a word's bytes in place and gives its key.
func word_key(text, length) -> key {
  i64.add end, text, length
  br_gt_u length, PACKED_BYTES, long
  i64.const key, 0
pack:
  i64.load8_u byte, [text]
  i64.load8_u byte, [byte + class]
  i64.store8 [text], byte
  i64.shl key, key, 8
  i64.or key, key, byte
  i64.add text, text, 1
  br_lt_u text, end, pack
  ret key
long:
  i64.const key, HASH_BASIS
  i64.const prime, HASH_PRIME
hash:
  i64.load8_u byte, [text]
  i64.load8_u byte, [byte + class]
  i64.store8 [text], byte
  i64.xor key, key, byte
  i64.mul key, key, prime
  i64.add text, text, 1
  br_lt_u text, end, hash
  i64.shl key, key, 8
  br_if key, made
  i64.const key, 256                     ; 0 marks a free entry
made:
  ret key
}

; Adds `count` occurrences of the word at `text`, whose bytes are folded in place.
func count_word(text, length, count) {
  call key, word_key(text, length)
  i64.load table, [table_at]
  i64.load shift, [table_shift]
  call entry, table_home(table, shift, key)
probe:
  i64.load found, [entry + ENTRY_KEY]
  br_eq found, 0, vacant
  br_ne found, key, next
  br_le_u length, PACKED_BYTES, same
  i64.load found, [entry + ENTRY_LENGTH]
  br_ne found, length, next
  i64.load other, [entry + ENTRY_TEXT]
  call equal, bytes_equal(text, other, length)
  br_if equal, same
next:
  call entry, table_next(table, shift, entry)
  br probe
same:
  i64.load found, [entry + ENTRY_COUNT]
  i64.add found, found, count
  i64.store [entry + ENTRY_COUNT], found
  ret
vacant:
  i64.store [entry + ENTRY_KEY], key
  i64.store [entry + ENTRY_COUNT], count
  i64.store [entry + ENTRY_LENGTH], length
  call copy, heap_allocate(length)
  memory.copy copy, text, length
  i64.store [entry + ENTRY_TEXT], copy
  i64.load used, [table_used]
  i64.add used, used, 1
  i64.store [table_used], used
  i64.shl used, used, 1
  i64.sub bits, 64, shift
  i64.shl entries, 1, bits
  br_lt_u used, entries, roomy
  call table_grow()
roomy:
  ret
}

; Where the search for a key begins.
func table_home(table, shift, key) -> entry {
  i64.mul entry, key, SPREAD
  i64.shr_u entry, entry, shift
  i64.shl entry, entry, ENTRY_SHIFT
  i64.add entry, entry, table
  ret entry
}

; The entry after this one; after the last comes the first.
func table_next(table, shift, entry) -> following {
  i64.add following, entry, ENTRY_BYTES
  call end, table_end(table, shift)
  br_lt_u following, end, inside
  ret table
inside:
  ret following
}

func table_end(table, shift) -> end {
  i64.sub bits, 64, shift
  i64.shl end, ENTRY_BYTES, bits
  i64.add end, end, table
  ret end
}

; Doubles the table. The old one's room is lost, which in all is no more than the present one's.
func table_grow() {
  i64.load old, [table_at]
  i64.load shift, [table_shift]
  call old_end, table_end(old, shift)
  i64.sub bytes, old_end, old
  i64.shl bytes, bytes, 1
  call table, heap_allocate(bytes)
  i64.sub shift, shift, 1
move:
  i64.load key, [old + ENTRY_KEY]
  br_eq key, 0, moved
  call entry, table_home(table, shift, key)
probe:
  i64.load found, [entry + ENTRY_KEY]
  br_eq found, 0, vacant
  call entry, table_next(table, shift, entry)
  br probe
vacant:
  memory.copy entry, old, ENTRY_BYTES    ; keys differ or their words do, so there is nothing to compare
moved:
  i64.add old, old, ENTRY_BYTES
  br_lt_u old, old_end, move
  i64.store [table_at], table
  i64.store [table_shift], shift
  ret
}

func bytes_equal(left, right, length) -> equal {
  i64.add end, left, length
compare:
  i64.load8_u a, [left]
  i64.load8_u b, [right]
  br_ne a, b, differ
  i64.add left, left, 1
  i64.add right, right, 1
  br_lt_u left, end, compare
  ret 1
differ:
  ret 0
}

func bytes_less(left, right, length) -> less {
  i64.add end, left, length
compare:
  br_ge_u left, end, equal
  i64.load8_u a, [left]
  i64.load8_u b, [right]
  br_ne a, b, differ
  i64.add left, left, 1
  i64.add right, right, 1
  br compare
differ:
  i64.lt_u less, a, b
  ret less
equal:
  ret 0
}
