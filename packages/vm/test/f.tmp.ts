import { assemble, load, instantiate } from '../dist/index.js';
const text=`func main(n) -> v {
  br_lt_s n, 2, small
  i64.sub m, n, 1
  call a, main(m)
  i64.sub m, n, 2
  call b, main(m)
  i64.add a, a, b
  ret a
small:
  ret n
}`;
const r = assemble({name:'f',text}); if(!r.ok) throw 1;
const inst = instantiate(load(r.bytes),{limits:{fuel:1e15}});
for(let k=0;k<8;k++){const t=performance.now(); inst.run('main',[30n]); console.log((performance.now()-t).toFixed(0));}
