/**
 * What becomes of what a dead thread held. Every object that can be held names its holder in the step that takes it, so after
 * a death each is asked in turn: what stands in the dead owner's name is ended there, by a compare-exchange that succeeds for
 * one caller only, and all waiters look again, since the wake meant for one of them may have died with its receiver.
 */
import { type Address, type Owner, type Pool, packOwner, ValueError } from '@pool/core';
import { deadOwner } from './internal/standing.ts';

/** What was found in a dead owner's name. */
export interface Recovered {
  /** Of which kind of object, such as `mutex`. */
  readonly kind: string;
  /** Where the object stands. */
  readonly base: Address;
  /** What the owner had: `lock` (now `owner-died` for the next taker), `permits` and the like. */
  readonly found: string;
  readonly count: number;
}

/** Whatever may stand in an owner's name. Locks, channels and storages are. */
export interface Recoverable<Found = unknown> {
  /**
   * Ends what the owner left here. Call it once the thread is gone for good (a worker's `exit` event, not `terminate()`).
   * Idempotent; of several callers, one finds each thing. `undefined` or an empty list: nothing was found.
   */
  recover(owner: Owner): Found;
}

/** Each thing that was found, of objects that give one, a list, or a number of them. */
export type FoundBy<Object extends Recoverable> =
  Object extends Recoverable<infer Found>
    ? Found extends readonly (infer One)[]
      ? One
      : Exclude<Found, undefined>
    : never;

/**
 * Recovers a dead thread: marks it dead, asks each object in order, and frees its row of the owner table for a successor.
 * An object that is not in the list, and is used by nobody else either, keeps the dead owner's name.
 * An owner that left in good order and forgot to let go of something is recovered too. Of several threads that do this at
 * once, each finds a part, and together they find all.
 * @returns each thing that was found, in the order of the objects; from a storage, how many ranges. Nothing the second time
 * @throws {ValueError} for what is no list of objects that can be recovered, for what is no owner, and for the caller itself
 */
export function recover<Object extends Recoverable>(
  pool: Pool,
  objects: Iterable<Object>,
  owner: Owner,
): FoundBy<Object>[] {
  const list = listed(objects);
  const dead = deadOwner(owner);
  if (dead === packOwner(pool.owner)) throw new ValueError(owner.id, 'a dead owner: this is the caller itself');
  const { owners } = pool;
  owners.markDead(owner);
  const recoverAll = (): FoundBy<Object>[] =>
    list.flatMap((object) => (object.recover(owner) || []) as FoundBy<Object>); // 0 ranges are nothing
  const found = recoverAll();
  // Again: a sender that was woken at one may have found no room, and slept on, since the storage came after it in the list.
  if (list.length > 1) found.push(...recoverAll());
  owners.bury(owner); // after everything else: a successor in the row finds nothing that is not its own
  return found;
}

/** A receiver is an object and an iterable, too: taken for a list it would be received from. */
function listed<Found>(objects: Iterable<Recoverable<Found>>): Recoverable<Found>[] {
  const list = isRecoverable(objects) || typeof objects?.[Symbol.iterator] !== 'function' ? undefined : [...objects];
  if (list === undefined || !list.every(isRecoverable))
    throw new ValueError(typeof objects, 'a list of objects that have `recover`, in brackets if it is one');
  return list;
}

function isRecoverable(object: unknown): boolean {
  return typeof (object as Partial<Recoverable> | null | undefined)?.recover === 'function';
}
