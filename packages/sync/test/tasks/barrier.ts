import { Barrier } from '@pool/sync';
import { type Do, STOP, TURNS } from './task.ts';

/**
 * Counts, and waits for the others, round after round: nobody is a round ahead. A barrier that breaks is waited for until
 * somebody has reset it. Gives back how often it was the leader.
 */
export const barrier: Do = (pool, { at, count, thread }, word) => {
  const meeting = Barrier.attach(pool, at);
  let leads = 0;
  for (let round = 0; round < count && pool.loadNumber(word(STOP)) === 0; ) {
    pool.fetchAddNumber(word(0), 1);
    const result = meeting.wait();
    if (result === 'broken') {
      while (meeting.broken && pool.loadNumber(word(STOP)) === 0) pool.pause();
      continue;
    }
    if (result === 'leader') leads += 1;
    round += 1;
    const counted = pool.loadNumber(word(0));
    // A round that is exact can be asked for only where no party has died.
    if (
      count < Number.MAX_SAFE_INTEGER &&
      (counted < round * meeting.parties || counted > (round + 1) * meeting.parties)
    )
      throw new Error(`after round ${round} of ${meeting.parties} parties ${counted} have been counted`);
    pool.storeNumber(word(TURNS + thread), round);
  }
  return leads;
};
