; A lock for two words that must change together. It suits a few instructions at a time: who finds it held, spins.
const FREE = 0
const HELD = 1

window account {
  lock
  deposits                                 ; guarded by the lock, as the next
  balance
}

macro acquire(lock) {
try:
  shared_exchange before, lock, HELD       ; pairs with the store in release: what was written under the lock is seen
  br_eq before, FREE, mine
spin:
  shared_pause
  shared_load before, lock                 ; a load disturbs the holder less than another exchange would
  br_eq before, HELD, spin
  br try
mine:
}

macro release(lock) {
  shared_store lock, FREE                  ; pairs with the exchange in acquire
}

; Deposits `amount` so many times. Under the lock, plain loads and stores are enough.
func main(times, amount) {
again:
  acquire account.lock
  shared_load deposits, account.deposits
  shared_load balance, account.balance
  i64.add deposits, deposits, 1
  i64.add balance, balance, amount
  shared_store account.deposits, deposits
  shared_store account.balance, balance
  release account.lock
  i64.sub times, times, 1
  br_ne times, 0, again
  ret
}
