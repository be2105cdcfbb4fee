import { describe, expect, it } from 'vitest';
import { channelModel, withReceivesUnderWay } from './support/channel-models.ts';
import {
  assertLinearizable,
  type Completed,
  checkLinearizable,
  type SequentialModel,
} from './support/linearizability.ts';
import { MUTEX_MODEL, semaphoreModel } from './support/models.ts';

/** The smallest queue: its words, oldest first, as text. */
const QUEUE: SequentialModel<string> = {
  initial: '',
  apply(items, { name, argument, result }) {
    if (name === 'send') return `${items}${argument} `;
    if (result === 'empty') return items === '' ? '' : undefined;
    return items.startsWith(`${result} `) ? items.slice(`${result} `.length) : undefined;
  },
};
const REGISTER: SequentialModel<number> = {
  initial: 0,
  apply: (value, { name, argument = 0, result }) =>
    name === 'write' ? argument : result === value ? value : undefined,
};

type Row = readonly [thread: number, called: number, returned: number, name: string, value?: number | string | boolean];

/** Rows of operations; a value is the argument of a write, a send or a semaphore's, and the result of the rest. */
function history(...rows: Row[]): Completed[] {
  return rows.map(([thread, called, returned, name, value]) => ({
    thread,
    called,
    returned,
    name,
    ...(['write', 'send', 'trySend', 'acquire', 'release'].includes(name)
      ? { argument: value as number }
      : value === undefined
        ? {}
        : { result: value }),
  }));
}

describe('the checker accepts', () => {
  it('operations that overlap, in whichever order explains them', () => {
    const both = history(
      [0, 0, 9, 'send', 1],
      [1, 1, 8, 'send', 2],
      [0, 10, 11, 'receive', 2],
      [1, 12, 13, 'receive', 1],
    );
    expect(checkLinearizable(both, QUEUE).linearizable).toBe(true);
  });

  it('a read that overlaps a write, old or new', () => {
    for (const value of [0, 7])
      assertLinearizable(history([0, 0, 5, 'write', 7], [1, 1, 2, 'read', value], [1, 6, 7, 'read', 7]), REGISTER);
  });

  it('a long history of many threads in reasonable time', () => {
    const rows: Row[] = [];
    for (let round = 0; round < 500; round++)
      for (let thread = 0; thread < 4; thread++)
        rows.push([thread, round * 10 + thread, round * 10 + 9, 'write', thread]);
    expect(checkLinearizable(history(...rows), REGISTER).linearizable).toBe(true);
  });
});

describe('the checker of channels', () => {
  const one = { senders: 1, receivers: 1 };
  const check = (capacity: number, bad: Completed[], exact = false): boolean =>
    checkLinearizable(capacity === 0 ? withReceivesUnderWay(bad) : bad, channelModel({ ...one, capacity, exact }, bad))
      .linearizable;

  it.each<[string, number, Row[]]>([
    [
      'a rendezvous of two that wait',
      0,
      [
        [0, 0, 9, 'send', 1],
        [1, 1, 2, 'receive', 1],
      ],
    ],
    [
      'a try that meets who waits',
      0,
      [
        [0, 1, 2, 'trySend', 1],
        [1, 0, 9, 'receive', 1],
      ],
    ],
    [
      'a filled slot that another receiver takes',
      0,
      [
        [0, 1, 2, 'trySend', 1],
        [1, 0, 9, 'receive', 'timed-out'],
        [2, 3, 4, 'tryReceive', 1],
      ],
    ],
    [
      'what is left after the end',
      2,
      [
        [0, 0, 1, 'send', 1],
        [0, 2, 3, 'closeSender'],
        [1, 4, 5, 'receive', 1],
        [1, 6, 7, 'receive', 'closed'],
      ],
    ],
  ])('accepts %s', (_, capacity, rows) => {
    expect(check(capacity, history(...rows))).toBe(true);
  });

  it.each<[string, number, Row[]]>([
    ['a message that nobody sent', 2, [[1, 0, 1, 'receive', 1]]],
    [
      'a message too many',
      2,
      [
        [0, 0, 1, 'send', 1],
        [0, 2, 3, 'send', 2],
        [0, 4, 5, 'send', 3],
      ],
    ],
    [
      'messages out of order',
      2,
      [
        [0, 0, 1, 'send', 1],
        [0, 2, 3, 'send', 2],
        [1, 4, 5, 'receive', 2],
        [1, 6, 7, 'receive', 1],
      ],
    ],
    [
      'an end too early',
      2,
      [
        [0, 0, 1, 'send', 1],
        [0, 2, 3, 'closeSender'],
        [1, 4, 5, 'receive', 'closed'],
      ],
    ],
    ['an end while there is a sender', 2, [[1, 0, 1, 'receive', 'closed']]],
    [
      'what was sent to nobody',
      2,
      [
        [1, 0, 1, 'closeReceiver'],
        [0, 2, 3, 'send', 1],
      ],
    ],
    [
      'a rendezvous of one',
      0,
      [
        [0, 0, 1, 'send', 1],
        [1, 2, 3, 'receive', 1],
      ],
    ],
    [
      'a meeting of two that only try',
      0,
      [
        [0, 0, 3, 'trySend', 1],
        [1, 1, 2, 'tryReceive', 1],
      ],
    ],
    [
      'two messages in one hand',
      0,
      [
        [1, 0, 9, 'receive', 1],
        [0, 1, 2, 'send', 1],
        [0, 3, 4, 'send', 2],
      ],
    ],
  ])('rejects %s', (_, capacity, rows) => {
    expect(check(capacity, history(...rows))).toBe(false);
  });

  it('rejects an empty channel with something in it, where that is certain', () => {
    const doubtful = history([0, 0, 1, 'send', 1], [1, 2, 3, 'tryReceive', 'empty']);
    expect([check(2, doubtful), check(2, doubtful, true)]).toEqual([true, false]);
  });
});

describe('the checker rejects', () => {
  it.each<[string, SequentialModel<string> | SequentialModel<number>, Completed[]]>([
    ['a word received twice', QUEUE, history([0, 0, 1, 'send', 1], [1, 2, 3, 'receive', 1], [2, 2, 4, 'receive', 1])],
    ['a word lost', QUEUE, history([0, 0, 1, 'send', 1], [1, 2, 3, 'receive', 'empty'])],
    [
      'words out of order',
      QUEUE,
      history([0, 0, 1, 'send', 1], [0, 2, 3, 'send', 2], [1, 4, 5, 'receive', 2], [1, 6, 7, 'receive', 1]),
    ],
    ['a stale read', REGISTER, history([0, 0, 1, 'write', 7], [1, 2, 3, 'read', 0])],
    ['new, then old', REGISTER, history([0, 0, 9, 'write', 7], [1, 1, 2, 'read', 7], [2, 3, 4, 'read', 0])],
    ['two holders', MUTEX_MODEL, history([0, 0, 1, 'lock'], [1, 2, 3, 'tryLock', true], [0, 4, 5, 'unlock'])],
    ['an unlock by another', MUTEX_MODEL, history([0, 0, 1, 'lock'], [1, 2, 3, 'unlock'])],
    ['a free lock that was refused', MUTEX_MODEL, history([0, 0, 1, 'tryLock', false])],
    ['a permit too many', semaphoreModel(2), history([0, 0, 1, 'acquire', 2], [1, 2, 3, 'acquire', 1])],
    ['permits from nowhere', semaphoreModel(2), history([0, 0, 1, 'release', 1])],
  ])('%s', (_, model, bad) => {
    expect(checkLinearizable(bad, model as SequentialModel<string>).linearizable).toBe(false);
    expect(() => assertLinearizable(bad, model as SequentialModel<string>)).toThrow('none of these can be next');
  });

  it('a thread that does two things at once', () => {
    expect(() => checkLinearizable(history([0, 0, 5, 'lock'], [0, 1, 2, 'unlock']), MUTEX_MODEL)).toThrow('at once');
  });
});
