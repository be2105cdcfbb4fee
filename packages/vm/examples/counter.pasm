; A counter that any number of instances count with.
window job {
  total
}

; Counts `times` times. No count is lost, whoever else counts: reading, adding and writing are one instruction.
func main(times) {
again:
  shared_fetch_add _, job.total, 1
  i64.sub times, times, 1
  br_ne times, 0, again
  ret
}
