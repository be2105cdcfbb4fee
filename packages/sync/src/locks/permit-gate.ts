/**
 * Permits that one can wait for: what the semaphore, the read-write lock and the wait group are made of. A gate is fair or
 * not: at a fair one nobody takes while somebody waits who came before, so that a large demand gathers what it needs while
 * small ones come and go; at an unfair one whoever finds enough takes it.
 *
 *   magic    which object this is
 *   total    permits in all; constant
 *   owners   rows, 0: permits belong to nobody; constant
 *   fair     1 or 0; constant
 *   died     { times modulo 2^52, somebody: 1 }: whether somebody died here whom nobody has been told of; for objects that tell
 *   tickets, inLine  see waiting-line.ts
 *   event    event count: changes when permits were given back while somebody was waiting
 *   waiters  threads that are parked, or about to be
 *   state    see permits.ts                                                                             own line
 *   rows     { generation, credit, ticket, 0 }, one an owner
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  type Owner,
  ownLine,
  type Placed,
  rest,
  unpackOwner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
  word,
} from '@pool/core';
import { DeadlockError } from '../errors.ts';
import {
  assertStands,
  deadOwner,
  moveWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import { EventCount } from '../waiting/event-count.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { inTurn, Turns } from '../waiting/turns.ts';
import { throwIfAborted } from '../waiting/wait-options.ts';
import { MAX_PERMITS, Permits, ROW_WORDS } from './permits.ts';
import { WaitingLine } from './waiting-line.ts';

type GateField =
  | 'magic'
  | 'total'
  | 'owners'
  | 'fair'
  | 'died'
  | 'tickets'
  | 'inLine'
  | 'event'
  | 'waiters'
  | 'state'
  | 'rows';

export const PERMIT_GATE: Layout<GateField> = layout('permit gate', {
  magic: word,
  total: word,
  owners: word,
  fair: word,
  died: word,
  tickets: word,
  inLine: word,
  event: word,
  waiters: word,
  state: ownLine,
  rows: rest,
});

const MAX_OWNERS = 2 ** 16;
/** After so many steps of `died` it begins anew. */
const DEATHS = 2 ** 53;

export interface GateKind {
  readonly name: string;
  readonly magic: bigint;
}

export interface GateOptions extends OwnerOptions {
  /** How many owners can hold permits: rows. Default: as many as the pool has. 0: permits belong to nobody. */
  readonly owners?: number;
  readonly fair?: boolean;
  readonly total: number;
  /** Where counters begin, for tests of their wrapping. */
  readonly start?: bigint;
}

/** @throws {ValueError} for what is no number of rows, or where the words do not know one */
function checkRows(rows: number | undefined): number {
  if (rows === undefined || !(Number.isInteger(rows) && rows >= 0 && rows <= MAX_OWNERS))
    throw new ValueError(rows, `\`owners\` is a number of rows of 0..${MAX_OWNERS}, such as \`pool.owners.rows\``);
  return rows;
}

export class PermitGate {
  readonly base: Address;
  readonly at: Placed<GateField>;
  readonly words: Words;
  readonly name: string;
  readonly total: number;
  readonly owners: number;
  readonly fair: boolean;
  readonly owner: Owner;
  readonly permits: Permits;
  readonly #line: WaitingLine;
  readonly #events: EventCount;
  /** The lines that somebody stands in. */
  readonly #turns: Map<number, Turns> = new Map();

  private constructor(
    words: OwnedWords,
    base: Address,
    kind: GateKind,
    options: Required<Omit<GateOptions, 'owner' | 'start'>> & OwnerOptions,
  ) {
    const { total, owners, fair } = options;
    const { name } = kind;
    const at = PERMIT_GATE.at(base);
    // Who belongs to nobody's permits need not be known.
    const owner = owners > 0 ? unpackOwner(packedOwner(words, options, name)) : unpackOwner(0);
    this.base = base;
    this.at = at;
    this.words = words;
    this.name = name;
    this.total = total;
    this.owners = owners;
    this.fair = fair;
    this.owner = owner;
    const permits = new Permits({ name, words, state: at.state, rows: at.rows, total, owners, owner });
    this.permits = permits;
    this.#line = new WaitingLine({
      words,
      tickets: at.tickets,
      inLine: at.inLine,
      owners,
      owner,
      ticket: (id) => permits.ticket(id),
      isOf: (of) => permits.isOf(of),
    });
    this.#events = new EventCount(words, at.event, at.waiters);
  }

  static size(owners: number): number {
    return PERMIT_GATE.size(checkRows(owners) * ROW_WORDS);
  }

  /** Lays a gate with all its permits available. */
  static create(words: OwnedWords, base: Address, kind: GateKind, options: GateOptions): PermitGate {
    const { total, fair = false } = options;
    const start = startOf(options);
    if (!(Number.isInteger(total) && total >= 0 && total <= MAX_PERMITS))
      throw new ValueError(total, `a ${kind.name} has 0..${MAX_PERMITS} permits`);
    const owners = checkRows(options.owners ?? words?.owners?.rows);
    if (fair && owners === 0)
      throw new ValueError(owners, `a fair ${kind.name} needs a row for each owner that may wait`);
    const gate = new PermitGate(words, base, kind, { ...options, total, owners, fair });
    const { at } = gate;
    Permits.lay({ ...gate, state: at.state, rows: at.rows }, start);
    for (const zero of [at.died, at.inLine, at.waiters]) words.storeNumber(zero, 0);
    for (const counter of [at.tickets, at.event]) words.store(counter, start);
    words.storeNumber(at.total, total);
    words.storeNumber(at.owners, owners);
    words.storeNumber(at.fair, fair ? 1 : 0);
    words.store(at.magic, kind.magic); // pairs with load(magic) in assertStands(): publishes all of the above
    return gate;
  }

  static attach(words: OwnedWords, base: Address, kind: GateKind, options: OwnerOptions = {}): PermitGate {
    const at = PERMIT_GATE.at(base);
    assertStands(words, base, at.magic, kind.magic, kind.name);
    const [total, owners, fair] = [at.total, at.owners, at.fair].map((from) => words.loadNumber(from)) as [
      number,
      number,
      number,
    ];
    if (total > MAX_PERMITS || owners > MAX_OWNERS || fair > 1 || base + PermitGate.size(owners) > words.size)
      throw new AttachError(
        `the ${kind.name} at word ${base} says it has ${total} permits for ${owners} owners, which cannot be`,
      );
    return new PermitGate(words, base, kind, { ...options, total, owners, fair: fair === 1 });
  }

  /** Takes so many if that can be done now; at a fair gate, only if nobody waits. */
  tryTake(count: number): boolean {
    return (!this.fair || this.#line.empty) && this.permits.tryTake(count);
  }

  /** Takes so many, waiting for them. @returns whether it did; else time ran out */
  take(count: number, options: WaitOptions & SpinOptions): boolean {
    if (this.tryTake(count)) return true;
    this.#enter();
    try {
      return this.#events.wait(() => this.#attempt(count), options) ?? false;
    } finally {
      this.#leave(true);
    }
  }

  async takeAsync(count: number, options: WaitAsyncOptions): Promise<boolean> {
    throwIfAborted(options);
    if (this.tryTake(count)) return true;
    this.#enter();
    // At a fair gate all stand in one line; else there is one for each number, for where many permits are too few, one may be enough.
    const line = this.fair ? 0 : count;
    const turns = this.#turns.get(line) ?? new Turns();
    this.#turns.set(line, turns);
    try {
      const taken = await inTurn(
        turns,
        options,
        (rest) => this.#events.waitAsync(() => this.#attempt(count), rest),
        () => (this.fair ? undefined : this.#attempt(count)), // at a fair gate nobody overtakes
        (came) => this.#leave(came),
      );
      return taken ?? false;
    } finally {
      if (!turns.taken && this.#turns.get(line) === turns) this.#turns.delete(line);
    }
  }

  give(count: number): void {
    this.permits.give(count);
    this.#events.signalAll(); // all: who is woken alone may want more than there is, and somebody else less
  }

  /** Blocks until all permits are available, without taking any. @returns whether they were; else time ran out */
  untilFull(options: WaitOptions & SpinOptions): boolean {
    return this.#events.wait(() => this.permits.available === this.total || undefined, options) ?? false;
  }

  async untilFullAsync(options: WaitAsyncOptions): Promise<boolean> {
    return (await this.#events.waitAsync(() => this.permits.available === this.total || undefined, options)) ?? false;
  }

  /** @throws {DeadlockError} if this owner holds so many that it would wait for itself */
  assertOthersHold(count: number): void {
    if (this.permits.held > this.total - count)
      throw new DeadlockError(
        `${this.name}: this thread holds the lock at word ${this.base} and would wait for itself`,
      );
  }

  /** Whether a death was marked that nobody has been told of. */
  get somebodyDied(): boolean {
    return this.words.loadNumber(this.at.died) % 2 === 1; // pairs with the compare-exchange in recover()
  }

  /** Those who had to be told of the death have been. */
  forgetDeath(): void {
    const died = this.words.loadNumber(this.at.died);
    if (died % 2 === 1) moveWord(this.words, this.at.died, died, (died + 1) % DEATHS);
  }

  /**
   * Gives back what a dead owner holds, takes it out of the line, and wakes everybody: a wake may have died with it.
   * @param marks whether holding so many is something to be told of
   */
  recover(owner: Owner, marks?: (held: number) => boolean): number {
    deadOwner(owner);
    const died = this.words.loadNumber(this.at.died);
    const held = this.permits.recover(owner, (count) => {
      // Before they are available, and by compare-exchange: a late caller must not mark what somebody has been told of since.
      if (marks?.(count) && died % 2 === 0) moveWord(this.words, this.at.died, died, died + 1);
    });
    if (this.owners > 0) this.#line.recover(owner);
    this.#events.signalAll();
    return held;
  }

  #attempt(count: number): true | undefined {
    return (!this.fair || this.#line.first) && this.permits.tryTake(count) ? true : undefined;
  }

  #enter(): void {
    if (!this.fair) return;
    this.permits.enrol();
    this.#line.enter();
  }

  /** @param first whether it was the first of this thread's in line */
  #leave(first: boolean): void {
    if (!this.fair) return;
    this.#line.leave(first);
    if (first) this.#events.signalAll(); // whoever is first now may go on
  }
}
