/** The channel of no capacity: a send succeeds if and only if a receive gets its message, whole; who waits for the other is woken; a select does one thing. */
import { type Address, LINE_WORDS, type Words } from '@pool/core';
import { CHANNEL, channel, type Received, type SelectCase, type SpinOptions, select } from '@pool/sync';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../../src/index.ts';
import { Ends, PARK, type Part, played, receive, said, send, tryReceive, trySend } from './ends.ts';
import { dyingAt, model, owner, type Planted, SILENT } from './model.ts';

const BASE = 0 as Address;
/** With a clock that stands: a wait that may end at any step, and then time is up. */
const TIMED = { strategy: 'park', timeout: 0 } as const;
/** Clones stand before the slot, a line for each end. */
const SLOT = CHANNEL.offsets.rest + 2 * LINE_WORDS;
const NAMES = { slot: SLOT, message: SLOT + LINE_WORDS };
/** Of what the slot holds, how far the hand-over has got; 0: there is none. */
const STATE = 7 * 4;
/** The turn before turns begin anew. */
const START = BigInt(2 ** 28 - 1);

const RELAXED: Planted = {
  name: 'the slot is relaxed',
  bug: { updates: (at) => at === SLOT },
  shows: 'data race',
  weak: true,
};
const TORN: Planted = {
  name: 'the slot is changed by load and store',
  bug: { torn: (at) => at === SLOT },
  shows: 'data race',
};

interface Laid {
  readonly senders?: number;
  readonly receivers?: number;
}

function program(
  parts: Readonly<Record<string, Part>>,
  { senders = 1, receivers = 1 }: Laid = {},
  ends: Ends = new Ends(),
): ModelProgram {
  return {
    names: NAMES,
    initial: (words) => {
      const both = channel(words, BASE, { capacity: 0, clones: 2, start: START, owner: owner(0) });
      ends.handOver(both, senders, receivers);
    },
    threads: played(parts, ends),
  };
}

describe('a rendezvous', () => {
  model('brings both together, whoever comes first', program({ sender: send(7n), receiver: receive() }), {
    outcomes: ['sender=ok receiver=7'],
    planted: [SILENT, RELAXED, { ...TORN, shows: 'lost wake-up' }],
  });

  it('does not happen if both only try: neither leaves anything for the other', () => {
    const { outcomes, executions, findings } = check(program({ sender: trySend(7n), receiver: tryReceive() }));
    expect({ outcomes: [...outcomes.keys()], executions, findings }).toEqual({
      outcomes: ['sender=full receiver=empty'],
      executions: 1,
      findings: [],
    });
  });

  const receiveOrLeave: Part = (thread, ends) => {
    const receiver = ends.receiver(thread);
    thread.observe('receiver', said(receiver.tryReceive()));
    receiver.close();
  };
  model(
    'is refused to a sender that waits once its receiver has left',
    program({ sender: send(7n), receiver: receiveOrLeave }),
    { outcomes: ['sender=ok receiver=7', 'sender=closed receiver=empty'], planted: [SILENT] },
  );

  const sendOrLeave: Part = (thread, ends) => {
    const sender = ends.sender(thread);
    thread.observe('sender', sender.trySend(7n));
    sender.close();
  };
  model(
    'ends for a receiver that waits once its sender has left',
    program({ sender: sendOrLeave, receiver: receive() }),
    { outcomes: ['sender=ok receiver=7', 'sender=full receiver=closed'], planted: [SILENT] },
  );
});

describe('a rendezvous that has a time limit', () => {
  // The clock stands, so whether time is up depends on nothing but the wait.
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => void vi.restoreAllMocks());

  const sendTimed: Part = (thread, ends) => thread.observe('sender', ends.sender(thread).send(7n, TIMED));
  model(
    'takes an offer back, or it is met',
    {
      ...program({ sender: sendTimed, receiver: tryReceive() }),
      final: (end) =>
        end.assert((end.observed('sender') === 'ok') === (end.observed('receiver') === '7'), 'both say the same'),
    },
    {
      outcomes: ['sender=ok receiver=7', 'sender=timed-out receiver=empty'],
      planted: [{ ...TORN, shows: 'final condition' }],
    },
  );

  const wished = new Ends();
  const wishing = program(
    {
      sender: trySend(7n),
      receiver: (thread, ends) => thread.observe('receiver', said(ends.receiver(thread).receive(TIMED))),
    },
    { receivers: 2 },
    wished,
  );
  model(
    'takes a wish back, also from one who is about to fulfil it, or it is met',
    {
      ...wishing,
      final: (end) => {
        end.assert((end.observed('sender') === 'ok') === (end.observed('receiver') === '7'), 'both say the same');
        end.assert(said(wished.receiver(end, 1).tryReceive()) === 'empty', 'nothing is left');
        end.assert((Number(end.words.load(SLOT as Address)) & STATE) === 0, 'the slot is free for the next');
      },
    },
    {
      outcomes: ['sender=ok receiver=7', 'sender=full receiver=timed-out'],
      planted: [{ ...TORN, shows: 'final condition' }],
    },
  );

  model(
    'happens with one of two senders',
    program(
      {
        a: trySend(1n),
        b: trySend(2n, 1),
        receiver: (thread, ends) => thread.observe('receiver', said(ends.receiver(thread).receive(TIMED))),
      },
      { senders: 2 },
    ),
    {
      outcomes: ['a=ok b=full receiver=1', 'a=full b=ok receiver=2', 'a=full b=full receiver=timed-out'],
      planted: [RELAXED],
    },
  );

  const receiveTimed: Part = (thread, ends) => thread.observe(thread.name, said(ends.receiver(thread).receive(TIMED)));
  model(
    'happens with one of two receivers',
    program({ sender: trySend(7n), a: receiveTimed, b: tryReceive(1) }, { receivers: 2 }),
    {
      outcomes: ['sender=ok a=7 b=empty', 'sender=ok a=timed-out b=7', 'sender=full a=timed-out b=empty'],
    },
  );

  model(
    'happens with one of two receivers that find an offer',
    {
      ...program({ sender: sendTimed, a: tryReceive(), b: tryReceive(1) }, { receivers: 2 }),
      final: (end) => end.assert(end.observed('a') === 'empty' || end.observed('b') === 'empty', 'one has it'),
    },
    {
      outcomes: ['sender=ok a=7 b=empty', 'sender=ok a=empty b=7', 'sender=timed-out a=empty b=empty'],
      planted: [{ ...TORN, shows: 'final condition' }],
    },
  );
});

describe('a rendezvous of selects', () => {
  beforeAll(() => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    // The coin: whoever has found nothing makes no offer next.
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
  });
  afterAll(() => void vi.restoreAllMocks());

  /** What took place: `ok` for a send, or what was received. */
  const chosen = (
    thread: ModelThread,
    cases: (SelectCase<string> | SelectCase<Received<bigint>>)[],
    how: SpinOptions,
  ): void => {
    const selected = select(cases, { ...how, biased: true });
    thread.assert(selected !== 'timed-out', 'there is no limit');
    if (selected === 'timed-out') return;
    thread.observe(thread.name, typeof selected.result === 'string' ? selected.result : said(selected.result));
  };
  const selectSend =
    (value: bigint, how: SpinOptions): Part =>
    (thread, ends) =>
      chosen(thread, [ends.sender(thread).sending(value)], how);
  const selectReceive =
    (how: SpinOptions): Part =>
    (thread, ends) =>
      chosen(thread, [ends.receiver(thread).receiving()], how);
  const met = { outcomes: ['sender=ok receiver=7'] };

  model(
    'brings one that would send to a plain receiver',
    program({ sender: selectSend(7n, PARK), receiver: receive() }),
    {
      ...met,
      planted: [SILENT, RELAXED],
    },
  );

  model(
    'brings one that would receive to a plain sender',
    program({ sender: send(7n), receiver: selectReceive(PARK) }),
    {
      ...met,
      planted: [SILENT],
    },
  );

  // What follows spins. A select of several cases parks on each for a while, which may end at any step: that has no end of executions.
  const SPIN = { strategy: 'spin' } as const;
  // A select that has looked 64 times in vain naps, as the counted turns would show one by one: naps change nothing.
  const spinning = { spinAssume: true, spinRounds: 16 };

  model(
    'brings two together',
    program({ sender: selectSend(7n, SPIN), receiver: selectReceive(SPIN) }),
    { ...met, planted: [RELAXED, { ...TORN, shows: 'stuck thread' }] },
    spinning,
  );

  const sendOrReceive =
    (value: bigint, index: number): Part =>
    (thread, ends) =>
      chosen(thread, [ends.sender(thread, index).sending(value), ends.receiver(thread, index).receiving()], SPIN);
  model(
    'brings two together that would do either, and none to itself',
    program({ a: sendOrReceive(1n, 0), b: sendOrReceive(2n, 1) }, { senders: 2, receivers: 2 }),
    { outcomes: ['a=ok b=1', 'a=2 b=ok'], planted: [RELAXED] },
    spinning,
  );

  const OTHER = 512 as Address;
  const other = new Ends();
  /** Two channels, the one of `program` and another. */
  const two = (parts: Readonly<Record<string, Part>>, asked = false): ModelProgram => {
    const ends = new Ends();
    const one = program(parts, { receivers: 2 }, ends);
    return {
      ...one,
      initial: (words) => {
        one.initial?.(words);
        other.handOver(channel(words, OTHER, { capacity: 0, clones: 2, start: START, owner: owner(0) }));
        const asks = (mortal: Words): unknown => select([ends.receiver({ words: mortal }, 1).receiving()], PARK);
        if (asked) dyingAt('wait', words, asks);
      },
    };
  };
  const sendOneOrReceiveOther: Part = (thread, ends) =>
    chosen(thread, [ends.sender(thread).sending(1n), other.receiver(thread).receiving()], SPIN);

  model(
    'does one of two, in two channels',
    two({
      select: sendOneOrReceiveOther,
      plain(thread, ends) {
        const sent = other.sender(thread).send(2n, TIMED);
        const receiver = ends.receiver(thread);
        thread.observe('plain', `${sent},${said(sent === 'ok' ? receiver.tryReceive() : receiver.receive(SPIN))}`);
      },
    }),
    {
      outcomes: ['select=ok plain=timed-out,1', 'select=2 plain=ok,empty'],
      planted: [RELAXED, { ...TORN, bug: { torn: (at) => at === SLOT || at === OTHER + SLOT }, shows: 'stuck thread' }],
    },
    spinning,
  );

  // With somebody's ask there, the select makes an offer in the one.
  model(
    'takes its offer back before it does what can be done elsewhere',
    two(
      {
        select: sendOneOrReceiveOther,
        plain(thread, ends) {
          const sent = other.sender(thread).send(2n, SPIN);
          thread.observe('plain', `${sent},${said(ends.receiver(thread).tryReceive())}`);
        },
      },
      true,
    ),
    {
      outcomes: ['select=2 plain=ok,empty'],
      planted: [{ ...RELAXED, bug: { updates: (at) => at === OTHER + SLOT } }],
    },
    spinning,
  );
});
