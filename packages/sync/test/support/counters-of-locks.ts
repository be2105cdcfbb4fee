import type { Address, Placed, Pool } from '@pool/core';
import * as sync from '../../src/index.ts';
import { SIGNALLED_WORD } from '../../src/locks/signalled-word.ts';
import { AT_ONCE, again, type Counter, eventOf, OTHER, OWNERS, PATIENCE, part, THIRD, woken } from './counters.ts';

const signalled = (
  name: string,
  open: (pool: Pool, base: Address) => (turn: number) => unknown,
  size = SIGNALLED_WORD.size(),
): Counter =>
  eventOf(name, (pool) => {
    const base = pool.reserve(size);
    return { act: open(pool, base), event: SIGNALLED_WORD.at(base).event };
  });

/** A barrier of two, one of whom goes on in the middle of a round, and comes again. */
function barrier(pool: Pool, base: Address, start = 0n) {
  const mine = sync.Barrier.create(pool, base, 2, { start });
  const theirs = sync.Barrier.attach(pool, base, { owner: OTHER });
  return async (turn: number) => {
    const met = [await woken(mine.waitAsync(PATIENCE), () => theirs.wait(PATIENCE)), mine.wait(AT_ONCE), mine.arrived];
    const cut = turn === 3 ? await woken(theirs.waitAsync(PATIENCE), () => mine.reset()) : [];
    return [met, cut, mine.broken];
  };
}

const barrierRounds: Counter = {
  name: 'barrier, rounds',
  bits: 24,
  open(pool, start) {
    const base = pool.reserve(sync.Barrier.size(2));
    const act = barrier(pool, base, start);
    return { read: part(pool, SIGNALLED_WORD.at(base).state, 24, 2n ** 25n).read, act: () => again(act) };
  },
};

const simpleEvents: readonly Counter[] = [
  signalled('latch', (pool, base) => {
    const latch = sync.Latch.create(pool, base, 2);
    return async (turn) => [
      latch.count,
      turn <= 2 ? await woken(latch.waitAsync(turn === 1 ? AT_ONCE : PATIENCE), () => latch.countDown()) : [],
    ];
  }),
  signalled('reset event', (pool, base) => {
    const event = sync.ResetEvent.create(pool, base, { reset: 'auto' });
    return async () => [await woken(event.waitAsync(PATIENCE), () => event.set()), event.tryWait(), event.isSet];
  }),
  signalled('once', (pool, base) => {
    const mine = sync.Once.create(pool, base);
    const theirs = sync.Once.attach(pool, base, { owner: OTHER });
    return async () => {
      const call = Promise.withResolvers<bigint>();
      const running = theirs.callAsync(() => call.promise);
      const after = mine.callAsync((begunBefore) => Promise.reject(begunBefore), PATIENCE);
      call.reject('cut short');
      return [await Promise.allSettled([running, after]), mine.value];
    };
  }),
  signalled('condition', (pool, base) => {
    const condition = sync.Condition.create(pool, base);
    const mutex = sync.Mutex.create(pool, pool.reserve(sync.Mutex.size()));
    const token = mutex.lock();
    return async () => [
      await woken(condition.waitAsync(token, PATIENCE), () => condition.notify()),
      condition.wait(token, AT_ONCE),
      await woken(condition.waitAsync(token, PATIENCE), () => condition.notifyAll()),
      token.locked,
    ];
  }),
  signalled('barrier', (pool, base) => barrier(pool, base), sync.Barrier.size(2)),
];

/** Something that is made of permits, with the words of its gate. */
interface Gated {
  readonly gate: Placed<'died' | 'tickets' | 'event' | 'rows'>;
  act(turn: number): unknown;
}

function semaphore(pool: Pool, fair: boolean, start = 0n): Gated {
  const base = pool.reserve(sync.Semaphore.size(OWNERS));
  const mine = sync.Semaphore.create(pool, base, 2, { owners: OWNERS, fair, start });
  const [theirs, third] = [OTHER, THIRD].map((owner) => sync.Semaphore.attach(pool, base, { owner })) as [
    sync.Semaphore,
    sync.Semaphore,
  ];
  const act = async () => {
    const told: unknown[] = [mine.tryAcquire(), theirs.tryAcquire(2)];
    const [large, small] = [theirs.acquireAsync(2, PATIENCE), third.acquireAsync(1, PATIENCE)];
    told.push(third.held, mine.tryAcquire(2), mine.release());
    if (!fair) told.push(await small, third.release());
    told.push(await large, theirs.release(2));
    if (fair) told.push(await small, third.release());
    return [...told, mine.available, mine.held];
  };
  return { gate: sync.PERMIT_GATE.at(base), act };
}

function rwLock(pool: Pool, start = 0n): Gated {
  const base = pool.reserve(sync.RwLock.size(OWNERS));
  const mine = sync.RwLock.create(pool, base, { owners: OWNERS, start });
  const act = async (turn: number) => {
    const theirs = sync.RwLock.attach(pool, base, { owner: { ...OTHER, generation: turn } });
    const reader = mine.read();
    const writer = await woken(theirs.writeAsync(PATIENCE), () => reader.unlock());
    const refused = mine.tryRead();
    const found = mine.recover({ ...OTHER, generation: turn })?.count;
    const told = [1, 2].map(() => {
      const token = mine.write();
      token.unlock();
      return token.ownerDied; // the first time
    });
    return [writer[0]?.exclusive, refused, found, told];
  };
  return { gate: sync.PERMIT_GATE.at(base), act };
}

function waitGroup(pool: Pool, start = 0n): Gated {
  const base = pool.reserve(sync.WaitGroup.size(OWNERS));
  const mine = sync.WaitGroup.create(pool, base, { owners: OWNERS, start });
  const act = async (turn: number) => {
    const theirs = sync.WaitGroup.attach(pool, base, { owner: { ...OTHER, generation: turn } });
    mine.add(2);
    theirs.add();
    mine.done();
    const waiting = mine.waitAsync(PATIENCE);
    mine.done();
    const told = [mine.open, mine.recover({ ...OTHER, generation: turn })?.count, await waiting];
    mine.forgetDeath();
    return [told, mine.wait(AT_ONCE), mine.open];
  };
  return { gate: sync.PERMIT_GATE.at(base), act };
}

function gated(name: string, open: (pool: Pool, start?: bigint) => Gated): Counter[] {
  const inGate = (
    what: string,
    bits: number,
    counter: (pool: Pool, gate: Gated['gate']) => ReturnType<typeof part>,
  ) => ({
    name: `${name}, ${what}`,
    bits,
    open(pool: Pool, start: bigint) {
      const { gate, act } = open(pool);
      const { read, write } = counter(pool, gate);
      write(start);
      return { read, act: () => again(act) };
    },
  });
  return [
    inGate('event count', 64, (pool, { event }) => part(pool, event, 64)),
    inGate('deaths', 52, (pool, { died }) => part(pool, died, 52, 2n)),
    inGate('tickets', 64, (pool, { tickets }) => part(pool, tickets, 64)),
    {
      name: `${name}, tags`,
      bits: 21,
      open(pool, start) {
        const { gate, act } = open(pool, start);
        const credit = (gate.rows + 4 * pool.owner.id + 1) as Address;
        return { read: part(pool, credit, 21, 2n ** 32n).read, act: () => again(act) };
      },
    },
  ];
}

const gates = [
  ...gated('semaphore', (pool, start) => semaphore(pool, false, start)).filter(
    ({ name }) => !/deaths|tickets/.test(name),
  ),
  ...gated('fair semaphore', (pool, start) => semaphore(pool, true, start)).filter(({ name }) => !/deaths/.test(name)),
  ...gated('read-write lock', rwLock),
  ...gated('wait group', waitGroup).filter(({ name }) => !/tickets/.test(name)),
];

export const OF_LOCKS: readonly Counter[] = [barrierRounds, ...simpleEvents, ...gates];
