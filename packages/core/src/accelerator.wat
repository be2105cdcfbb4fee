;; The number forms of the shared group. A word's value crosses into JavaScript as an f64, which holds every integer
;; below 2^53 exactly and needs no bigint.
;;
;; The checks stand here and not in JavaScript: a lock-prefixed instruction waits for the loads before it and holds up the
;; loads after it, so every variable that a check reads from the heap lies on the critical path, and a result's check on f64 as
;; well. Here a check is one comparison of integers, and what fails goes to a function of the host that throws.
;;
;; `fill`, `fillOwn`, `drain`, their forms for doubles and for any word, `claimUnits`, `post`, `moveBoth` and `moveAndSee` are several steps of a protocol
;; in one crossing; cell-steps.ts says what they mean and why values may be accessed plainly.
;;
;; The caller passes an address that is an integer of 32 bits. Words below `limit` are there; it is at most 2^29, so that
;; `address << 3` fits the unsigned 32 bits of a byte address.
(module
  (import "pool" "memory" (memory 1 65536 shared))
  ;; Returns if the address is there by now (the memory has grown); else throws.
  (import "pool" "outside" (func $outside (param $at i32)))
  ;; Throw.
  (import "pool" "unfit" (func $unfit (param $operand f64)))
  (import "pool" "inexact" (func $inexact (param $result i64)))

  (global $limit (export "limit") (mut i32) (i32.const 0))

  ;; 1 once `drainWord` had none to give: every word may be one.
  (global $missed (export "missed") (mut i32) (i32.const 0))

  ;; The byte address of a word that is there.
  (func $byte (param $at i32) (result i32)
    (if (i32.ge_u (local.get $at) (global.get $limit)) (then (call $outside (local.get $at))))
    (i32.shl (local.get $at) (i32.const 3)))

  ;; An operand that is an integer of 0..2^53-1. NaN becomes 0 in the conversion, and differs from it.
  (func $whole (param $operand f64) (result i64) (local $value i64)
    (local.set $value (i64.trunc_sat_f64_s (local.get $operand)))
    (if (i32.or
          (f64.ne (f64.convert_i64_s (local.get $value)) (local.get $operand))
          (i64.ne (i64.shr_u (local.get $value) (i64.const 53)) (i64.const 0)))
      (then (call $unfit (local.get $operand))))
    (local.get $value))

  ;; A result that a number carries exactly.
  (func $exact (param $result i64) (result f64)
    (if (i64.ne (i64.shr_u (local.get $result) (i64.const 53)) (i64.const 0)) (then (call $inexact (local.get $result))))
    (f64.convert_i64_s (local.get $result)))

  (func (export "load") (param $at i32) (result f64)
    (call $exact (i64.atomic.load (call $byte (local.get $at)))))
  (func (export "store") (param $at i32) (param $value f64)
    (i64.atomic.store (call $byte (local.get $at)) (call $whole (local.get $value))))
  (func (export "loadPlain") (param $at i32) (result f64)
    (call $exact (i64.load (call $byte (local.get $at)))))
  (func (export "storePlain") (param $at i32) (param $value f64)
    (i64.store (call $byte (local.get $at)) (call $whole (local.get $value))))
  (func (export "compareExchange") (param $at i32) (param $expected f64) (param $replacement f64) (result f64)
    (call $exact (i64.atomic.rmw.cmpxchg (call $byte (local.get $at))
      (call $whole (local.get $expected)) (call $whole (local.get $replacement)))))
  (func (export "exchange") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.xchg (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  (func (export "add") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.add (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  (func (export "sub") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.sub (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  (func (export "and") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.and (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  (func (export "or") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.or (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  (func (export "xor") (param $at i32) (param $operand f64) (result f64)
    (call $exact (i64.atomic.rmw.xor (call $byte (local.get $at)) (call $whole (local.get $operand)))))
  ;; The byte address of a cell, if the word behind it is there as well.
  (func $cell (param $at i32) (param $slot i32) (result i32)
    (if (i32.or (i32.ge_u (local.get $at) (global.get $limit)) (i32.ge_u (local.get $slot) (global.get $limit)))
      (then (call $outside (local.get $at)) (call $outside (local.get $slot))))
    (i32.shl (local.get $at) (i32.const 3)))

  ;; A stamp of a lap. Integers all the way: as an f64 it would come out of a multiplication, an addition and two conversions,
  ;; and each of them would lie between the cell before and this one, for the compare-exchange needs the stamp first.
  (func $stamp (param $lap i32) (param $low i32) (result i64)
    (i64.add (i64.shl (i64.extend_i32_u (local.get $lap)) (i64.const 24)) (i64.extend_i32_u (local.get $low))))

  ;; 0: filled; 1: the stamp is another one; 2: claimed and written, but somebody has changed the stamp since.
  (func (export "fill")
    (param $at i32) (param $lap i32) (param $low i32) (param $claim i32) (param $column i32) (param $value f64) (param $full i32)
    (result i32)
    (local $cell i32) (local $slot i32) (local $free i64) (local $claimed i64) (local $word i64)
    (local.set $slot (i32.add (local.get $at) (local.get $column)))
    (local.set $cell (call $cell (local.get $at) (local.get $slot)))
    (local.set $word (call $whole (local.get $value)))
    (local.set $free (call $stamp (local.get $lap) (local.get $low)))
    (local.set $claimed (call $stamp (local.get $lap) (local.get $claim)))
    ;; A look first: a failing compare-exchange takes the line away from whoever works on it.
    (if (i64.ne (i64.atomic.load (local.get $cell)) (local.get $free)) (then (return (i32.const 1))))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $free) (local.get $claimed))
          (local.get $free))
      (then (return (i32.const 1))))
    (i64.store (i32.shl (local.get $slot) (i32.const 3)) (local.get $word))
    (i32.shl
      (i64.ne
        (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $claimed) (call $stamp (local.get $lap) (local.get $full)))
        (local.get $claimed))
      (i32.const 1)))

  ;; 0: filled; 1: the stamp is another one.
  (func (export "fillOwn")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $value f64) (param $full i32) (result i32)
    (local $cell i32) (local $slot i32) (local $free i64) (local $word i64)
    (local.set $slot (i32.add (local.get $at) (local.get $column)))
    (local.set $cell (call $cell (local.get $at) (local.get $slot)))
    (local.set $word (call $whole (local.get $value)))
    (local.set $free (call $stamp (local.get $lap) (local.get $low)))
    (if (i64.ne (i64.atomic.load (local.get $cell)) (local.get $free)) (then (return (i32.const 1))))
    (i64.store (i32.shl (local.get $slot) (i32.const 3)) (local.get $word))
    (i64.ne
      (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $free) (call $stamp (local.get $lap) (local.get $full)))
      (local.get $free)))
  ;; The same, for the bits of a double. Written out: as a function that both call, it costs a message a fifth more.
  (func (export "fillOwnDouble")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $value f64) (param $full i32) (result i32)
    (local $cell i32) (local $slot i32) (local $free i64) (local $word i64)
    (local.set $slot (i32.add (local.get $at) (local.get $column)))
    (local.set $cell (call $cell (local.get $at) (local.get $slot)))
    (local.set $word (i64.reinterpret_f64 (local.get $value)))
    (local.set $free (call $stamp (local.get $lap) (local.get $low)))
    (if (i64.ne (i64.atomic.load (local.get $cell)) (local.get $free)) (then (return (i32.const 1))))
    (i64.store (i32.shl (local.get $slot) (i32.const 3)) (local.get $word))
    (i64.ne
      (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $free) (call $stamp (local.get $lap) (local.get $full)))
      (local.get $free)))

  ;; The same, for any word.
  (func (export "fillOwnWord")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $word i64) (param $full i32) (result i32)
    (local $cell i32) (local $slot i32) (local $free i64)
    (local.set $slot (i32.add (local.get $at) (local.get $column)))
    (local.set $cell (call $cell (local.get $at) (local.get $slot)))
    (local.set $free (call $stamp (local.get $lap) (local.get $low)))
    (if (i64.ne (i64.atomic.load (local.get $cell)) (local.get $free)) (then (return (i32.const 1))))
    (i64.store (i32.shl (local.get $slot) (i32.const 3)) (local.get $word))
    (i64.ne
      (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $free) (call $stamp (local.get $lap) (local.get $full)))
      (local.get $free)))

  ;; The value; or -1: the stamp is another one, or what was read is above 2^53-1.
  ;; Five integers are as many as V8 passes in registers.
  (func (export "drain")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $lanes i32) (result f64)
    (local $cell i32) (local $slot i32) (local $seen i64) (local $lane i64) (local $word i64)
    (local.set $cell (call $byte (local.get $at)))
    (local.set $seen (i64.atomic.load (local.get $cell)))
    ;; Whatever is below the lanes comes out on top, and is above all of them.
    (local.set $lane (i64.rotr (i64.sub (local.get $seen) (call $stamp (local.get $lap) (local.get $low))) (i64.const 4)))
    (if (i64.gt_u (local.get $lane) (i64.extend_i32_u (local.get $lanes))) (then (return (f64.const -1))))
    ;; The first two by a jump, which is foreseen, where a multiplication would be waited for.
    (if (i64.eqz (local.get $lane))
      (then (local.set $slot (i32.add (local.get $at) (local.get $column))))
      (else
        (if (i64.eq (local.get $lane) (i64.const 1))
          (then (local.set $slot (i32.add (local.get $at) (i32.shl (local.get $column) (i32.const 1)))))
          (else
            (local.set $slot (i32.add (local.get $at)
              (i32.mul (i32.add (i32.wrap_i64 (local.get $lane)) (i32.const 1)) (local.get $column))))))))
    (local.set $word (i64.load (call $byte (local.get $slot))))
    (if (i64.ne (i64.shr_u (local.get $word) (i64.const 53)) (i64.const 0)) (then (return (f64.const -1))))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $seen) (call $stamp (i32.and (i32.add (local.get $lap) (i32.const 1)) (i32.const 0x1fffffff)) (i32.const 0)))
          (local.get $seen))
      (then (return (f64.const -1))))
    (f64.convert_i64_s (local.get $word)))

  ;; The same, for the bits of a double; NaN instead of -1.
  (func (export "drainDouble")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $lanes i32) (result f64)
    (local $cell i32) (local $slot i32) (local $seen i64) (local $lane i64) (local $word i64)
    (local.set $cell (call $byte (local.get $at)))
    (local.set $seen (i64.atomic.load (local.get $cell)))
    ;; Whatever is below the lanes comes out on top, and is above all of them.
    (local.set $lane (i64.rotr (i64.sub (local.get $seen) (call $stamp (local.get $lap) (local.get $low))) (i64.const 4)))
    (if (i64.gt_u (local.get $lane) (i64.extend_i32_u (local.get $lanes))) (then (return (f64.const nan))))
    ;; The first two by a jump, which is foreseen, where a multiplication would be waited for.
    (if (i64.eqz (local.get $lane))
      (then (local.set $slot (i32.add (local.get $at) (local.get $column))))
      (else
        (if (i64.eq (local.get $lane) (i64.const 1))
          (then (local.set $slot (i32.add (local.get $at) (i32.shl (local.get $column) (i32.const 1)))))
          (else
            (local.set $slot (i32.add (local.get $at)
              (i32.mul (i32.add (i32.wrap_i64 (local.get $lane)) (i32.const 1)) (local.get $column))))))))
    (local.set $word (i64.load (call $byte (local.get $slot))))
    (if (f64.ne (f64.reinterpret_i64 (local.get $word)) (f64.reinterpret_i64 (local.get $word)))
      (then (return (f64.const nan))))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $seen) (call $stamp (i32.and (i32.add (local.get $lap) (i32.const 1)) (i32.const 0x1fffffff)) (i32.const 0)))
          (local.get $seen))
      (then (return (f64.const nan))))
    (f64.reinterpret_i64 (local.get $word)))

  ;; The same, for any word; where it has none, `missed` says.
  (func (export "drainWord")
    (param $at i32) (param $lap i32) (param $low i32) (param $column i32) (param $lanes i32) (result i64)
    (local $cell i32) (local $slot i32) (local $seen i64) (local $lane i64) (local $word i64)
    (local.set $cell (call $byte (local.get $at)))
    (local.set $seen (i64.atomic.load (local.get $cell)))
    ;; Whatever is below the lanes comes out on top, and is above all of them.
    (local.set $lane (i64.rotr (i64.sub (local.get $seen) (call $stamp (local.get $lap) (local.get $low))) (i64.const 4)))
    (if (i64.gt_u (local.get $lane) (i64.extend_i32_u (local.get $lanes))) (then (global.set $missed (i32.const 1)) (return (i64.const 0))))
    ;; The first two by a jump, which is foreseen, where a multiplication would be waited for.
    (if (i64.eqz (local.get $lane))
      (then (local.set $slot (i32.add (local.get $at) (local.get $column))))
      (else
        (if (i64.eq (local.get $lane) (i64.const 1))
          (then (local.set $slot (i32.add (local.get $at) (i32.shl (local.get $column) (i32.const 1)))))
          (else
            (local.set $slot (i32.add (local.get $at)
              (i32.mul (i32.add (i32.wrap_i64 (local.get $lane)) (i32.const 1)) (local.get $column))))))))
    (local.set $word (i64.load (call $byte (local.get $slot))))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $cell) (local.get $seen) (call $stamp (i32.and (i32.add (local.get $lap) (i32.const 1)) (i32.const 0x1fffffff)) (i32.const 0)))
          (local.get $seen))
      (then (global.set $missed (i32.const 1)) (return (i64.const 0))))
    (local.get $word))

  ;; What the counter held.
  (func (export "post") (param $slot i32) (param $value f64) (param $counter i32) (param $next f64) (result f64)
    (local $at i32) (local $word i64) (local $to i64)
    (local.set $at (call $byte (local.get $slot)))
    (local.set $word (call $whole (local.get $value)))
    (local.set $to (call $whole (local.get $next)))
    (local.set $counter (call $byte (local.get $counter)))
    (i64.store (local.get $at) (local.get $word))
    (call $exact (i64.atomic.rmw.xchg (local.get $counter) (local.get $to))))

  ;; 1: moved, and the second one perhaps; 0: the first word is another one.
  (func (export "moveBoth")
    (param $at i32) (param $from f64) (param $to f64) (param $then i32) (param $before f64) (param $after f64) (result i32)
    (local $expected i64) (local $replacement i64) (local $old i64) (local $new i64)
    (local.set $at (call $byte (local.get $at)))
    (local.set $then (call $byte (local.get $then)))
    (local.set $expected (call $whole (local.get $from)))
    (local.set $replacement (call $whole (local.get $to)))
    (local.set $old (call $whole (local.get $before)))
    (local.set $new (call $whole (local.get $after)))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $at) (local.get $expected) (local.get $replacement))
          (local.get $expected))
      (then (return (i32.const 0))))
    (drop (i64.atomic.rmw.cmpxchg (local.get $then) (local.get $old) (local.get $new)))
    (i32.const 1))

  ;; What the second word holds; or -1: the first word is another one. No fence between: atomics have one order, all of them.
  (func (export "moveAndSee") (param $at i32) (param $from f64) (param $to f64) (param $then i32) (result f64)
    (local $expected i64) (local $replacement i64)
    (local.set $at (call $byte (local.get $at)))
    (local.set $then (call $byte (local.get $then)))
    (local.set $expected (call $whole (local.get $from)))
    (local.set $replacement (call $whole (local.get $to)))
    (if (i64.ne
          (i64.atomic.rmw.cmpxchg (local.get $at) (local.get $expected) (local.get $replacement))
          (local.get $expected))
      (then (return (f64.const -1))))
    (call $exact (i64.atomic.load (local.get $then))))

  ;; The position; or -1: nothing was claimed. Positions are modulo 2^48, a free entry is its lap times 8. Integers all the way, as
  ;; for stamps.
  (func (export "claimUnits")
    (param $tail i32) (param $entries i32) (param $mask i32) (param $units i32) (param $entry f64) (param $head f64) (result f64)
    (local $at i32) (local $unit i32) (local $from i64) (local $free i64) (local $claimed i64)
    (local.set $tail (call $byte (local.get $tail)))
    (local.set $claimed (call $whole (local.get $entry)))
    (local.set $from (i64.atomic.load (local.get $tail)))
    (drop (call $exact (local.get $from)))
    (local.set $unit (i32.and (i32.wrap_i64 (local.get $from)) (local.get $mask)))
    (if (i32.gt_u (local.get $units) (i32.sub (i32.add (local.get $mask) (i32.const 1)) (local.get $unit)))
      (then (return (f64.const -1))))
    (if (i64.gt_u
          (i64.add
            (i64.and (i64.sub (local.get $from) (call $whole (local.get $head))) (i64.const 0xffffffffffff))
            (i64.extend_i32_u (local.get $units)))
          (i64.extend_i32_u (local.get $mask)))
      (then (return (f64.const -1))))
    (local.set $at (call $byte (i32.add (local.get $entries) (local.get $unit))))
    (local.set $free
      (i64.shl
        (i64.shr_u (local.get $from) (i64.extend_i32_u (i32.sub (i32.const 32) (i32.clz (local.get $mask)))))
        (i64.const 3)))
    (if (i64.ne (i64.atomic.rmw.cmpxchg (local.get $at) (local.get $free) (local.get $claimed)) (local.get $free))
      (then (return (f64.const -1))))
    (drop (i64.atomic.rmw.cmpxchg (local.get $tail) (local.get $from)
      (i64.and (i64.add (local.get $from) (i64.extend_i32_u (local.get $units))) (i64.const 0xffffffffffff))))
    (f64.convert_i64_s (local.get $from)))

  (func (export "fence") (atomic.fence))
)
