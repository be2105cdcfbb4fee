import { Pool } from '@pool/core';
import { record } from '@pool/core/testing';

const DEATH = new Error('this thread is dead');

export interface Scene {
  /** What the victim does, through words that fail it at some operation. */
  act(pool: Pool): void;
  /** Called once the victim is gone. */
  check(victim: Pool, died: boolean): void;
}

/**
 * Lets a victim die before each of its operations in turn, each time in a new scene, and the last time not at all. Nothing
 * that it does after its death takes place, `finally` or not.
 * @param size of the pool, in words
 * @returns how many deaths there were
 */
export function everyDeath(makeScene: (pool: Pool) => Scene, size = 512): number {
  for (let moment = 0; ; moment++) {
    const pool = Pool.create({ words: size, owners: 4, segments: 0 });
    const victim = Pool.attach(pool.handle);
    const { act, check } = makeScene(pool);
    let operations = 0;
    const { words } = record(victim, {
      before() {
        if (operations++ >= moment) throw DEATH;
      },
    });
    let died = false;
    try {
      act(words as Pool);
    } catch (error) {
      if (error !== DEATH) throw error;
      died = true;
    }
    check(victim, died);
    pool.detach();
    victim.detach();
    if (!died) return moment;
  }
}
