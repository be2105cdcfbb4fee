import { FreeList } from '@pool/alloc';
import { attachReceiver, attachSender } from '@pool/sync';
import { type Do, meet, Notes } from './task.ts';

/** How long a thread that could do something else waits for an end, in milliseconds. */
const PATIENCE = 1;
/** Who has both ends uses the one so often, then the other: they fill and drain the channel for each other. */
const RUN = 4;

/**
 * Sends and receives by the ends it has, with and without waiting, `count` times or until the other side is gone; then it
 * gives its ends up. Waits without end only where it has nothing else to do: who has both ends may be who is waited for.
 */
export const channelHistory: Do = (pool, { sender, receiver, storage, count, thread }, word) => {
  const attaching = storage === undefined ? {} : { storage: FreeList.attach(pool, storage, pool.owner) };
  const tx = sender && attachSender(pool, sender, attaching);
  const rx = receiver && attachReceiver(pool, receiver, attaching);
  const waiting = tx && rx ? { timeout: PATIENCE } : {};
  const notes = new Notes(pool, word(0), thread);
  const send = (argument: number, patient: boolean): unknown =>
    tx &&
    notes.note(
      { name: patient ? 'send' : 'trySend', argument },
      () => (patient ? tx.send(BigInt(argument), waiting) : tx.trySend(BigInt(argument))),
      (result) => result,
    );
  const receive = (patient: boolean): unknown => {
    const received =
      rx &&
      notes.note(
        { name: patient ? 'receive' : 'tryReceive' },
        () => (patient ? rx.receive(waiting) : rx.tryReceive()),
        (result) => (result.status === 'ok' ? Number(result.value) : result.status),
      );
    return received?.status;
  };
  meet(pool, word(1), pool.loadNumber(word(2)));
  for (let turn = 0, told: unknown; turn < count && told !== 'closed'; turn++) {
    const patient = (turn + thread) % 3 > 0;
    told = rx && (!tx || Math.floor(turn / RUN) % 2 > 0) ? receive(patient) : send(thread * count + turn, patient);
  }
  if (tx) notes.note({ name: 'closeSender' }, () => tx.close());
  if (rx) notes.note({ name: 'closeReceiver' }, () => rx.close());
  return notes.history;
};
