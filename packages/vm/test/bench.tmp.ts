import { assemble, formatErrors, load, instantiate } from '../dist/index.js';
const K: Record<string,[string, bigint]> = {
 mix: [`func main(n) -> v {
  i64.const a, 1
  i64.const b, 12345
  i64.const i, 0
loop:
  i64.mul a, a, 6364136223846793005
  i64.add a, a, b
  i64.shr_u t, a, 29
  i64.xor b, b, t
  i64.add i, i, 1
  br_lt_s i, n, loop
  i64.xor a, a, b
  ret a
}`, 20000000n],
 xorshift: [`func main(n) -> v {
  i64.const x, 88172645463325252
  i64.const i, 0
loop:
  i64.shl t, x, 13
  i64.xor x, x, t
  i64.shr_u t, x, 7
  i64.xor x, x, t
  i64.shl t, x, 17
  i64.xor x, x, t
  i64.add i, i, 1
  br_lt_u i, n, loop
  ret x
}`, 10000000n],
 fib: [`func main(n) -> v {
  br_lt_s n, 2, small
  i64.sub m, n, 1
  call a, main(m)
  i64.sub m, n, 2
  call b, main(m)
  i64.add a, a, b
  ret a
small:
  ret n
}`, 32n],
 sieve: [`memory 64
func main(n) -> count {
  i64.const count, 0
  i64.const i, 2
  i64.const one, 1
outer:
  i64.load8_u c, [i]
  br_if c, next
  i64.add count, count, 1
  i64.mul j, i, i
  br_ge_s j, n, next
inner:
  i64.store8 [j], one
  i64.add j, j, i
  br_lt_s j, n, inner
next:
  i64.add i, i, 1
  br_lt_s i, n, outer
  ret count
}`, 4000000n],
};
for (const [name,[text,n]] of Object.entries(K)) {
  const r = assemble({name,text},{constants:{}}); if(!r.ok){console.log(formatErrors(r.errors));continue;}
  const inst = instantiate(load(r.bytes),{limits:{fuel:1e15}});
  for (let k=0;k<3;k++){ inst.memory.fill(0); const f0=inst.fuelLeft; const t=performance.now(); const o=inst.run('main',[n]); const dt=performance.now()-t; const fuel=f0-inst.fuelLeft; if(k===2)console.log(name, (o as {value?:bigint}).value, dt.toFixed(0)+' ms', (dt*1e6/fuel).toFixed(2)+' ns/fuel'); }
}
