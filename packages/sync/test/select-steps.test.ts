/** Two selects at a rendezvous, with something else happening before each step of one of them: the other's looks, its end, a death. */
import { Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { channel, channelSize, recover, selectAsync } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import { everyDeath } from './support/death.ts';
import { agree, areIdle, endsOn, type Pair, Selecting, SHAPES } from './support/selecting.ts';

const OPTIONS = { capacity: 0, clones: 6 } as const;
/** Who has looked before. */
const HISTORIES = ['', 'a', 'b', 'ab', 'ba', 'abb', 'baa'];
const LOOKS = 12;

function twoPairs(words: Pool): [Pair, Pair] {
  const open = (): Pair => channel(words, words.reserve(channelSize(OPTIONS)), OPTIONS);
  return [open(), open()];
}

function lookInTurn(a: Selecting, b: Selecting): void {
  for (let turn = 0; turn < LOOKS; turn++) {
    a.look();
    b.look();
  }
}

beforeEach(() => {
  let tosses = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => (tosses++ % 2 === 0 ? 0.9 : 0.1));
});
afterEach(() => {
  vi.restoreAllMocks();
});

it('a select parks with its own ask and its own offer in one channel: it does not meet itself', () => {
  const pairs = twoPairs(Pool.create({ words: 1024, segments: 0 }));
  const [[tx, rx]] = pairs;
  const alone = new Selecting([tx.sending(1n), rx.receiving()]);
  alone.look();
  expect([alone.offers, alone.isParked]).toEqual([false, true]);
  const asking = new Selecting([rx.receiving()]);
  asking.look();
  alone.look();
  expect([alone.offers, alone.isParked]).toEqual([true, true]);
  alone.look();
  expect([alone.offers, alone.isParked]).toEqual([true, true]);
  asking.look();
  alone.look();
  expect([alone.outcome, asking.outcome]).toEqual([{ sent: true }, { received: 1n }]);
  expect(areIdle(pairs)).toBe(true);
});

it.each(['the time runs out', 'it is aborted'])('an offer that is taken at any step after %s is told', async (why) => {
  for (let moment = 0, inTime = true; inTime; moment++) {
    let left = Number.POSITIVE_INFINITY;
    const pool = Pool.create({ words: 1024, segments: 0 });
    const pairs = twoPairs(pool);
    const [[, rx]] = pairs;
    let taken: unknown = 'nothing';
    const { words } = record(pool, {
      before() {
        if (left-- === 0) taken = rx.tryReceive().status;
      },
    });
    const [[tx]] = endsOn(words as Pool, pairs);
    const asking = new Selecting([rx.receiving()]);
    asking.look();
    const controller = new AbortController();
    const choosing = selectAsync(
      [tx.sending(1n)],
      why === 'it is aborted' ? { signal: controller.signal } : { timeout: 1 },
    );
    left = moment;
    controller.abort(new Error('enough'));
    const answer = await choosing.catch((error: Error) => error.message);
    inTime = left < 0;
    const untold = why === 'it is aborted' ? 'enough' : 'timed-out';
    expect(answer).toEqual(taken === 'ok' ? { index: 0, result: 'ok' } : untold);
    asking.end();
    expect(areIdle(pairs)).toBe(true);
  }
});

describe.each(Object.entries(SHAPES))('%s', (_, choices) => {
  it.each(['first', 'second'])('they meet, and one case of each is done, whatever comes between (the %s)', (who) => {
    const [mine, theirs] = who === 'first' ? choices : [choices[1], choices[0]];
    let moments = 0;
    for (const history of HISTORIES)
      for (const act of ['look', 'end'] as const)
        for (const meanwhile of ['look', 'look twice', 'end'] as const) {
          let pool: Pool | undefined;
          moments += betweenSteps(
            () => {
              pool = Pool.create({ words: 1024, segments: 0 });
              return pool;
            },
            ({ words, arm }) => {
              const pairs = twoPairs(words);
              const others = endsOn(pool as Pool, pairs);
              const [a, b] = [new Selecting(mine(1n, ...pairs)), new Selecting(theirs(2n, ...others))];
              for (const one of history) (one === 'a' ? a : b).look();
              arm(() => {
                if (meanwhile === 'end') b.end();
                else b.look();
                if (meanwhile === 'look twice') b.look();
              });
              a[act]();
              lookInTurn(a, b);
              if (act !== 'end' && meanwhile !== 'end') expect(a.outcome).toBeDefined();
              a.end();
              b.end();
              expect([a.outcome, b.outcome, agree(a, 1n, b, 2n)]).toEqual([a.outcome, b.outcome, true]);
              expect(areIdle(pairs)).toBe(true);
            },
          );
        }
    expect(moments).toBeGreaterThan(HISTORIES.length * 6);
  });

  it.each(['first', 'second'])('nothing is left of the %s when it dies at any step and is recovered', (who) => {
    const [mine, theirs] = who === 'first' ? choices : [choices[1], choices[0]];
    everyDeath((pool) => {
      const pairs = twoPairs(pool);
      const other = new Selecting(theirs(2n, ...endsOn(pool, pairs)));
      return {
        act(words) {
          const victim = new Selecting(mine(1n, ...endsOn(words, pairs)));
          other.look();
          victim.look();
        },
        check(victim) {
          other.end();
          recover(pool, [pairs[0][1], pairs[1][1]], victim.owner);
          expect(areIdle(pairs)).toBe(true);
        },
      };
    });
  });

  it.each(['first', 'second'])('the death of the %s at any step holds up nobody, once it is recovered', (who) => {
    const [mine, theirs] = who === 'first' ? choices : [choices[1], choices[0]];
    for (const history of ['vsvsvs', 'svsvsv', 'vvssvv', 'ssvvss', 'vsv', 'svv']) {
      const deaths = everyDeath((pool) => {
        const pairs = twoPairs(pool);
        const survivor = new Selecting(theirs(2n, ...endsOn(pool, pairs)));
        let dying: Selecting | undefined;
        return {
          act(words) {
            const victim = new Selecting(mine(1n, ...endsOn(words, pairs)));
            dying = victim;
            for (const one of history) (one === 'v' ? victim : survivor).look();
            victim.end();
          },
          check(victim, died) {
            if (died) recover(pool, [pairs[0][1], pairs[1][1]], victim.owner);
            // What it did with the dead one is done: it has its value, or its own was in the dead one's hands.
            survivor.look();
            const met = survivor.outcome;
            if (met !== undefined && 'received' in met) expect(met.received).toBe(1n);
            if (dying?.outcome !== undefined) expect(agree(dying, 1n, survivor, 2n)).toBe(true);
            const heir = new Selecting(mine(3n, ...endsOn(pool, pairs)));
            lookInTurn(survivor, heir);
            if (met === undefined)
              expect([survivor.outcome === undefined, agree(survivor, 2n, heir, 3n)]).toEqual([false, true]);
            else expect(heir.outcome).toBeUndefined();
            survivor.end();
            heir.end();
            expect(areIdle(pairs)).toBe(true);
          },
        };
      });
      expect(deaths).toBeGreaterThan(8);
    }
  });
});
