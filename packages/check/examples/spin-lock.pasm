; Two threads increment a counter under a spin lock. Check it with: pool check spin-lock.pasm --spin-assume
const FREE = 0
const HELD = 1

window account {
  lock
  balance
}

macro acquire(lock) {
try:
  shared_cas before, lock, FREE, HELD      ; pairs with the store in release: what was written under the lock is seen
  br_eq before, FREE, mine
  shared_pause
  br try
mine:
}

macro release(lock) {
  shared_store lock, FREE                  ; pairs with the exchange in acquire
}

func deposit() {
  acquire account.lock
  shared_load balance, account.balance
  i64.add balance, balance, 1
  shared_store account.balance, balance
  release account.lock
  ret
}

func thread_one() {
  call deposit()
  ret
}

func thread_two() {
  call deposit()
  ret
}

func final() {
  shared_load balance, account.balance
  br_eq balance, 2, right
  trap "a deposit is lost"
right:
  ret
}
