import { type Address, type Owner, Pool } from '@pool/core';
import type { MessageTask } from '../workers/messages.ts';
import { launch, type Running, terminate } from './threads.ts';

const NOTES = 256;

/** A pool, and threads that do things to an object in it. */
export class Scene {
  readonly pool: Pool = Pool.create({ words: 65_536, segments: 0, owners: 1024 });
  readonly notes: Address = this.pool.reserve(NOTES);
  readonly at: Address;

  /** @param size of the object, in words */
  constructor(size: number) {
    this.at = this.pool.reserve(size);
  }

  /** What a thread has noted. */
  note(index: number): number {
    return this.pool.loadNumber((this.notes + index) as Address);
  }

  /** Starts a task on a thread of its own; `owner` is whom it attached as, `answer` what it gave back. */
  start<Answer>(name: MessageTask['name'], count = 0, thread = 0, notes = 0): Running<Answer> {
    const workerData: MessageTask = {
      name,
      pool: this.pool.handle,
      at: this.at,
      notes: (this.notes + notes) as Address,
      thread,
      count,
    };
    return launch<Answer>('messages.ts', workerData);
  }

  /** Starts a task and terminates its thread. @returns whom it had attached as, once it is gone */
  kill(death: number, ...task: Parameters<Scene['start']>): Promise<Owner> {
    return terminate(this.start(...task), death);
  }
}
