/** A program to debug: calls, a word of a window, data. */
export const SUM = `const STEP = 1
data greeting = "hello"
window job words 16 {
  next
  cells[4] @ 8
}
func main(limit) -> sum {
  i64.const sum, 0
  i64.const i, 0
loop:
  call sum, add(sum, i)
  shared_fetch_add _, job.next, i
  i64.add i, i, STEP
  br_lt_u i, limit, loop
  ret sum
}
func add(a, b) -> value {
  i64.add value, a, b
  ret value
}
`;
