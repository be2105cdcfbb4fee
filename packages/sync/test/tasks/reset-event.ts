import { ResetEvent } from '@pool/sync';
import { type Do, STOP, TURNS } from './task.ts';

/** An auto-reset event as a lock: whoever passes is alone, and sets it again. The last word but one counts who is inside. */
export const autoEvent: Do = (pool, { at, count, thread }, word) => {
  const event = ResetEvent.attach(pool, at);
  for (let turn = 0; turn < count && pool.loadNumber(word(STOP)) === 0; turn++) {
    event.wait();
    if (pool.fetchAddNumber(word(0), 1) !== 0) throw new Error('two passed at once');
    pool.fetchSubNumber(word(0), 1);
    event.set();
    pool.storeNumber(word(TURNS + thread), turn + 1);
  }
};
