/** What both ends of a channel do, as threads hold them; see channel.ts. */
import { ExhaustedError, type Owner, PoolError, packOwner, ValueError, type WaitAsyncOptions } from '@pool/core';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Awaited, awaitAsync } from '../waiting/parking.ts';
import type { Channel } from './channel.ts';
import { isClonable } from './channel-shape.ts';
import type { Clone } from './clone-table.ts';
import type { Format } from './format.ts';
import type { SelectCase } from './select.ts';
import type { OpenCase, Trace } from './selection.ts';
import type { Side } from './transport.ts';

/** This object has given its end of the channel up: it was closed, or handed over. */
export class EndGoneError extends PoolError {
  override readonly name = 'EndGoneError';
}

/** An end on its way to another thread: plain data, good for one attach. */
export interface EndHandle {
  readonly kind: 'channel end';
  readonly side: Side;
  readonly base: number;
  /** The name of the format or codec. */
  readonly carries: string;
  readonly slot: number;
  readonly ticket: number;
}

export abstract class End<T> implements Recoverable<Recovered[]> {
  protected readonly channel: Channel;
  protected readonly format: Format<T>;
  protected readonly spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #side: Side;
  #clone: Clone | undefined;
  #handedOver = false;
  /** Asynchronous operations that have not ended. */
  #underWay = 0;

  constructor(side: Side, channel: Channel, format: Format<T>, clone: Clone) {
    this.#side = side;
    this.channel = channel;
    this.format = format;
    this.#clone = clone;
  }

  /** How many messages fit; 0 for a rendezvous, infinity where only the storage sets a bound. */
  get capacity(): number {
    return this.channel.shape.capacity;
  }

  /** How many messages are under way, a moment ago. */
  get length(): number {
    return this.channel.transport.length;
  }

  /**
   * Gives this end to another thread, which attaches with the handle. This object is done with then; the end is not gone.
   * @throws {ValueError} while something asynchronous that was begun at this end is under way: it would go on here
   */
  handOver(): EndHandle {
    if (this.#underWay > 0)
      throw new ValueError(this.#underWay, 'operations of this end are under way: let them end, or abort them, first');
    const { slot, ticket } = this.channel.clones[this.#side].send(this.#held());
    this.#clone = undefined;
    this.#handedOver = true;
    this.channel.transport.leave?.(this.#side);
    return { kind: 'channel end', side: this.#side, base: this.channel.base, carries: this.format.name, slot, ticket };
  }

  /**
   * Gives this end up. With its last clone, or its only one, the end is gone, and what is pending at it ends as `closed`; while there
   * are other clones it goes on. Twice is once.
   */
  close(): void {
    const clone = this.#clone;
    this.#clone = undefined;
    if (clone !== undefined) this.channel.drop(this.#side, clone);
  }

  dispose(): void {
    this.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Gives up the clones of a dead thread, skips what it was sending, and frees what it was receiving. If they were the last of
   * their end, the end is gone.
   */
  recover(owner: Owner): Recovered[] {
    return this.channel.recover(owner);
  }

  protected anotherClone(): Clone {
    const { shape, clones, owner } = this.channel;
    this.#held();
    if (!isClonable(shape.kind, this.#side))
      throw new ValueError(shape.kind, `a channel of this kind has one ${this.#side}; hand it over instead`);
    const clone = clones[this.#side].add(packOwner(owner));
    if (clone === undefined)
      throw new ExhaustedError(
        `all ${shape.clones} clones of this end are in use: make the channel with more \`clones\``,
      );
    return clone;
  }

  protected async awaited<R extends {}>(awaited: Awaited<R>, options: WaitAsyncOptions): Promise<R | undefined> {
    this.#underWay += 1;
    try {
      return await awaitAsync(this.channel.words, awaited, options, this.channel.turns[this.#side]);
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * A case of a select, which outlives neither kind of giving the end up: tried anew it is refused, as the operation itself. In a select
   * that has begun it goes on when the end is closed, as what is pending does, but takes nothing from whom the end was handed to.
   */
  protected selecting<R extends {}>(
    { attempt, park }: Awaited<R>,
    open: (traces: Trace[], attempt: () => R | undefined) => OpenCase<R> | undefined,
  ): SelectCase<R> {
    const { words } = this.channel;
    const goOn = (): R | undefined => {
      if (this.#handedOver) this.#held();
      return attempt();
    };
    return {
      words,
      attempt: () => {
        this.#held();
        return attempt();
      },
      park,
      begin: (traces) => open(traces, goOn) ?? { words, attempt: goOn, park },
    };
  }

  protected assertHeld(): void {
    if (this.#clone === undefined) throw this.#gone();
  }

  #held(): Clone {
    if (this.#clone === undefined) throw this.#gone();
    return this.#clone;
  }

  #gone(): EndGoneError {
    return new EndGoneError(`this ${this.#side} was closed or handed over`);
  }
}
