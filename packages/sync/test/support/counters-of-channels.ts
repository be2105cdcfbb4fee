import { type Address, LINE_WORDS, type Pool, roundUp } from '@pool/core';
import * as sync from '../../src/index.ts';
import { again, type Bounded, type Counter, fillAndDrain, part } from './counters.ts';
import { cells, SEGMENTED, segmented, storageOf } from './counters-of-segments.ts';

function channelOf(pool: Pool, options: sync.ChannelOptions<'words'>) {
  const all = { ...SEGMENTED, clones: 8, storage: storageOf(pool), ...options };
  const base = pool.reserve(sync.channelSize(all));
  const [tx, rx] = sync.channel(pool, base, all);
  const { rest } = sync.CHANNEL.at(base);
  const transport = rest + 2 * roundUp(all.clones, LINE_WORDS);
  return { tx, rx, clones: rest, transport, cells: transport + LINE_WORDS }; // behind who has which lane
}

function bounded({ tx, rx }: { tx: sync.Sender<bigint>; rx: sync.Receiver<bigint> }): Bounded {
  return {
    get length() {
      return rx.length;
    },
    trySend: (value) => tx.trySend(value),
    tryReceive: () => rx.tryReceive(),
    sendAsync: (value, options) => tx.sendAsync(value, options),
    receiveAsync: (options) => rx.receiveAsync(options),
  };
}

export const OF_CHANNELS: readonly Counter[] = [
  {
    name: 'channel of cells, laps',
    bits: 29,
    open(pool, start) {
      const ends = channelOf(pool, { capacity: 2, start: start * 2n });
      const [cell] = cells(pool, ends.cells, 1);
      return { read: () => cell?.read() as bigint, act: () => fillAndDrain(bounded(ends), 2) };
    },
  },
  {
    name: 'channel between two, positions',
    bits: 50,
    open(pool, start) {
      const ends = channelOf(pool, { kind: 'spsc', capacity: 2, start });
      const { tail } = sync.SPSC_RING.at(ends.transport as Address);
      return { read: part(pool, tail, 50, 4n).read, act: () => fillAndDrain(bounded(ends), 2) };
    },
  },
  {
    name: 'rendezvous, turns',
    bits: 28,
    open(pool, start) {
      const ends = channelOf(pool, { capacity: 0, start });
      return {
        read: part(pool, ends.transport as Address, 28, 2n ** 25n).read,
        act: () => fillAndDrain(bounded(ends), 2),
      };
    },
  },
  ...segmented(
    'channel without bound',
    (pool) => {
      const ends = channelOf(pool, { capacity: Number.POSITIVE_INFINITY });
      return { queue: bounded(ends), at: ends.cells };
    },
    1,
  ),
  {
    name: "channel, uses of a clone's word",
    bits: 3,
    open(pool, start) {
      const { tx, clones } = channelOf(pool, { capacity: 2 });
      const { read, write } = part(pool, (clones + 1) as Address, 3, 2n ** 50n);
      write(start);
      const act = () => {
        const handle = tx.clone().handOver();
        const there = sync.attachSender(pool, handle);
        there.close();
        const refused = sync.attachSender.bind(undefined, pool, handle);
        return [handle.slot, expectRefusal(refused)];
      };
      return { read, act: () => again(act) };
    },
  },
];

/** What it says of a handle that was good once. */
function expectRefusal(attach: () => unknown): unknown {
  try {
    return attach();
  } catch (error) {
    return String(error);
  }
}
