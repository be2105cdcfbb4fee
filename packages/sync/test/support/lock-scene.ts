/** A pool with the locks of a test in it, threads that work at them, and some that die at it. */
import { type Address, type Owner, Pool } from '@pool/core';
import { expect, vi } from 'vitest';
import { type Recoverable, recover } from '../../src/index.ts';
import { DATA_WORDS, type LockTask, STOP, TURNS } from '../tasks/task.ts';
import { DEATHS, dismiss, failure, GOES_ON, start, terminate } from './threads.ts';

/** A row of the owner table for each thread there is at a time, so that the dead ones' are used again and again. */
export const OWNERS = 6;

/** A life that was ended by force, or was over before. */
export interface Life {
  readonly thread: number;
  /** The turns that it noted. */
  readonly turns: number;
}

export interface Massacre {
  readonly name: LockTask['name'];
  /** What the victims do. Default: the same. */
  readonly victim?: LockTask['name'];
  /** What is recovered after a death. */
  readonly objects: readonly Recoverable[] | ((death: number) => readonly Recoverable[]);
  /** The threads that live on. Default: 0, 1 and 2. */
  readonly survivors?: readonly number[];
  /** As which threads the victims come, in turn. Default: 3. */
  readonly victims?: readonly number[];
  readonly count?: number;
  /** Called before a victim starts. */
  prepare?(death: number): void;
  /** Called once a victim is recovered, for what recovery leaves to the user. */
  mend?(death: number, life: Life): void | Promise<void>;
  /** How many turns the survivors have to have after this death. Default: more than they had. */
  until?(death: number): number;
  /** Called once the survivors were told to stop, to let those go who wait for one that comes no more. */
  release?(): void;
}

export interface Aftermath<Answer> {
  readonly lives: readonly Life[];
  /** How many things were found in the names of the dead. */
  readonly found: number;
  readonly answers: readonly Answer[];
}

interface Counted {
  readonly count: number;
}

export class LockScene {
  readonly pool: Pool;
  readonly at: Address;
  readonly data: Address;

  /** @param words that the objects take */
  constructor(words: number) {
    this.pool = Pool.create({ words: words + 1024, owners: OWNERS, segments: 0 });
    this.at = this.pool.reserve(words);
    this.data = this.pool.reserve(DATA_WORDS);
  }

  /** One of the words that the tasks share. */
  word(index: number): Address {
    return (this.data + index) as Address;
  }

  place(offset: number): Address {
    return (this.at + offset) as Address;
  }

  task(name: LockTask['name'], thread: number, count: number = Number.MAX_SAFE_INTEGER): LockTask {
    return { name, pool: this.pool.handle, at: this.at, data: this.data, thread, count };
  }

  turns(thread: number): number {
    return this.pool.loadNumber(this.word(TURNS + thread));
  }

  stop(): void {
    this.pool.storeNumber(this.word(STOP), 1);
  }

  /**
   * Kills one thread after the other at random moments, beside some that live on. After each recovery those go on, and the dead
   * one's row is free; in the end they stop when told to.
   */
  async outlive<Answer>(massacre: Massacre): Promise<Aftermath<Answer>> {
    return this.#outlive<Answer>(massacre).finally(dismiss);
  }

  async #outlive<Answer>(massacre: Massacre): Promise<Aftermath<Answer>> {
    const { pool } = this;
    const {
      name,
      victim = name,
      objects,
      survivors = [0, 1, 2],
      victims = [3],
      count,
      prepare,
      mend,
      until,
      release,
    } = massacre;
    const objectsAt = (death: number): readonly Recoverable[] =>
      typeof objects === 'function' ? objects(death) : objects;
    prepare?.(0);
    const living = survivors.map((thread) => start<Answer>(this.task(name, thread, count)));
    const failed = Promise.race(living.map(failure));
    failed.catch(() => {}); // it is looked at after each death
    await Promise.all(living.map(({ owner }) => owner));
    const lives: Life[] = [];
    let found = 0;
    for (let death = 0; death < DEATHS; death++) {
      const thread = victims[death % victims.length] as number;
      if (death > 0) prepare?.(death);
      pool.storeNumber(this.word(TURNS + thread), 0);
      const owner: Owner = await terminate(start(this.task(victim, thread, count)), death);
      for (const one of recover(pool, objectsAt(death), owner)) found += (one as Counted).count;
      expect(recover(pool, objectsAt(death), owner)).toEqual([]);
      expect(pool.owners.read(owner.id).status).toBe('free');
      const life = { thread, turns: this.turns(thread) };
      lives.push(life);
      // One turn may have been over, and not noted yet.
      const enough = survivors.map((survivor) => until?.(death) ?? this.turns(survivor) + 2);
      await mend?.(death, life);
      const wentOn = (): boolean =>
        survivors.every((survivor, index) => this.turns(survivor) >= (enough[index] as number));
      await Promise.race([failed, vi.waitUntil(wentOn, GOES_ON)]);
    }
    this.stop();
    release?.();
    for (const object of objectsAt(DEATHS - 1)) object.recover(pool.owner); // whoever waits looks whether it is to end
    return { lives, found, answers: await Promise.all(living.map(({ answer }) => answer)) };
  }
}
