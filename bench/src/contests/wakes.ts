/** A word to a thread that waits, and back, against what else there is for Node. */
import type { WaitStrategy } from '@pool/sync';
import { BareWords } from '../bare-words.ts';
import type { Contest, Contestants } from '../contest.ts';
import { END } from '../crowds.ts';
import { firstOf, sumOf } from '../streams.ts';
import { Crowd, start } from '../threads.ts';

type Run = Contestants['ours'];

interface Rival {
  readonly run: Run;
  close(): Promise<unknown>;
}

/** A message to another thread's event loop and back. */
async function posting(): Promise<Rival> {
  const poster = await start({ role: 'post' });
  let arrived: (value: number) => void = () => {};
  poster.on('message', (value: number) => arrived(value));
  const post = (value: number): Promise<number> =>
    new Promise((resolve) => {
      arrived = resolve;
      poster.postMessage(value);
    });
  return {
    async run(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) sum += await post(firstOf(lap));
      return sum;
    },
    close: () => poster.terminate(),
  };
}

/** The least that two threads can do that park: a word each, and the engine's own wait and notify. */
async function bare(): Promise<Rival> {
  const words = new Int32Array(new SharedArrayBuffer(BareWords.bytes));
  const worker = await start({ role: 'bare', words });
  const exchange = new BareWords(words, BareWords.there, BareWords.back);
  return {
    run(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) {
        exchange.send(firstOf(lap));
        sum += exchange.receive();
      }
      return sum;
    },
    close: () => worker.terminate(),
  };
}

/** A word to a thread that waits for it and back. */
async function wake(
  role: 'echo' | 'echo-async',
  strategy?: WaitStrategy,
  against: () => Promise<Rival> = posting,
): Promise<Contestants> {
  const group = new Crowd();
  const [there, back] = [group.queue(), group.queue()];
  const worker = await group.start(role, there, back, strategy);
  worker.postMessage('begin');
  const rival = await against();
  const options = strategy === undefined ? {} : { strategy };
  return {
    async ours(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) {
        if (role === 'echo') {
          there.send(BigInt(firstOf(lap)));
          sum += Number(back.receive(options));
        } else {
          await there.sendAsync(BigInt(firstOf(lap)));
          sum += Number(await back.receiveAsync());
        }
      }
      return sum;
    },
    rival: rival.run,
    expected: sumOf,
    async close() {
      there.send(END);
      await Promise.all([group.close(), rival.close()]);
    },
  };
}

export const WAKES: readonly Contest[] = [
  {
    id: 'sync/wake',
    title: 'a word to a waiting thread and back, default wait strategy',
    rival: 'postMessage and back',
    bar: 5,
    longer: 3,
    open: () => wake('echo'),
  },
  {
    id: 'sync/wake-parked',
    title: 'a word to a parked thread and back',
    rival: 'postMessage and back',
    bar: 1.6,
    longer: 3,
    open: () => wake('echo', 'park'),
  },
  {
    id: 'sync/wake-parked-one-core',
    title: 'a word to a parked thread and back, all threads of both on one core',
    rival: 'postMessage and back',
    bar: 1.6,
    longer: 3,
    oneCore: true,
    open: () => wake('echo', 'park'),
  },
  {
    id: 'sync/wake-bare',
    title: 'a word to a parked thread and back',
    rival: 'Atomics.wait and Atomics.notify on two bare words: what parking costs here at least',
    longer: 3,
    open: () => wake('echo', 'park', bare),
  },
  {
    id: 'sync/async-wake',
    title: 'a word to another event loop and back',
    rival: 'postMessage and back',
    open: () => wake('echo-async'),
  },
];
