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

/** The threads that pass, and live on. */
const PASSING = [1, 3];

/**
 * Even threads set the event and wait until somebody has passed, odd ones pass. Words count how often it was set, before it was,
 * and how often somebody passed.
 */
export const eventGate: Do = (pool, { at, thread }, word) => {
  const event = ResetEvent.attach(pool, at);
  const stopped = (): boolean => pool.loadNumber(word(STOP)) === 1;
  const passed = (): number[] => PASSING.map((one) => pool.loadNumber(word(TURNS + one)));
  for (let turn = 1; !stopped(); turn++) {
    if (thread % 2 === 1) {
      event.wait();
      pool.fetchAddNumber(word(1), 1);
    } else {
      const before = passed();
      pool.fetchAddNumber(word(0), 1);
      event.set();
      const isTaken = (): boolean =>
        event.reset === 'auto' ? !event.isSet : passed().every((turns, index) => turns > (before[index] as number));
      while (!isTaken() && !stopped()) pool.pause();
      if (event.reset === 'manual') event.clear();
    }
    pool.storeNumber(word(TURNS + thread), turn);
  }
  event.set(); // for whoever waits still
};
