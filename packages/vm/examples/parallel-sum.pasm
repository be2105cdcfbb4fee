; Sums numbers with as many instances as there are. Whoever is free takes the next chunk, so slow ones hold nobody up.
const CHUNK = 64

window job {
  length                                   ; how many numbers: written by the host before anybody starts
  next                                     ; the first number that nobody has taken
  total
  numbers[] @ 8                            ; to the end of the window, however large the host makes it
}

; Gives this instance's part of the sum.
func main() -> sum {
  i64.const sum, 0
  shared_load length, job.length
take:
  shared_fetch_add from, job.next, CHUNK   ; no two instances get the same chunk
  br_ge_u from, length, finish
  i64.add end, from, CHUNK
  br_le_u end, length, add
  mov end, length                          ; the last chunk may be shorter
add:
  shared_load number, job.numbers[from]
  i64.add sum, sum, number
  i64.add from, from, 1
  br_lt_u from, end, add
  br take
finish:
  shared_fetch_add _, job.total, sum       ; once for each instance: the numbers themselves are summed in a register
  ret sum
}
