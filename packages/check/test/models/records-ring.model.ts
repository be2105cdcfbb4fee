/** The ring of records: they come whole, each once, and a record that its writer does not finish holds up nothing for good. */
import { type Address, LINE_WORDS, type Words } from '@pool/core';
import { record } from '@pool/core/testing';
import { NotHeldError, RECORDS_RING, RecordsRing } from '@pool/sync';
import { describe } from 'vitest';
import type { FinalState, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted, SILENT, UNFENCED } from './model.ts';

const BASE = 0 as Address;
/** Four units, of which one stays free. */
const CAPACITY = 256;
const { tail: TAIL, head: HEAD, units: HEADERS } = RECORDS_RING.offsets;
const BYTES = HEADERS + LINE_WORDS;
const isHeader = (at: number): boolean => at >= HEADERS && at < BYTES;
const NAMES = { tail: TAIL, head: HEAD, 'header 0': HEADERS, 'header 1': HEADERS + 1, 'bytes 0': BYTES };
const PARK = { strategy: 'park' } as const;
const TORN: Planted = {
  name: 'headers are changed by load and store',
  bug: { torn: isHeader },
  shows: 'final condition',
};

function ring(words: Words, id: number): RecordsRing {
  return RecordsRing.attach(words, BASE, { owner: owner(id) });
}

function laid(words: Words, start = 0n): RecordsRing {
  return RecordsRing.create(words, BASE, { capacity: CAPACITY, start, owner: owner(0) });
}

/** A record of so many words, all of one value. */
function filled(value: number, words = 1): Uint8Array {
  return new Uint8Array(BigUint64Array.from({ length: words }, () => BigInt(value)).buffer);
}

/** The value of a record, or why there is none. */
function contents(thread: Pick<ModelThread, 'assert'>, received: Uint8Array | string): string {
  if (typeof received === 'string') return received;
  const [first, ...rest] = new BigUint64Array(received.buffer);
  thread.assert(
    rest.every((value) => value === first),
    'the record is whole',
  );
  return String(first);
}

function receives(thread: ModelThread): void {
  thread.observe('received', contents(thread, ring(thread.words, 2).tryReceive()));
}

const sends =
  (value: number, words = 1) =>
  (thread: ModelThread): void =>
    thread.observe(thread.name, ring(thread.words, value).trySend(filled(value, words)));

/** Two records in one block, told as sent or skipped. */
function sendsBlock(thread: ModelThread, records = [filled(1, 2), filled(3)]): void {
  try {
    thread.observe('sent', ring(thread.words, 1).trySendMany(records));
  } catch (error) {
    if (!(error instanceof NotHeldError)) throw error;
    thread.observe('sent', 'skipped');
  }
}

/** All that is left to receive, in order. */
function left(end: FinalState): string[] {
  const receiver = ring(end.words, 2);
  const all: string[] = [];
  for (let value = ''; value !== 'empty' && value !== 'closed'; ) {
    value = contents(end, receiver.tryReceive());
    all.push(value);
  }
  return all;
}

describe('a records ring', () => {
  model(
    'passes on whole records',
    { names: NAMES, initial: (words) => void laid(words), threads: { sender: sends(1, 2), receiver: receives } },
    {
      outcomes: ['sender=ok received=1', 'sender=ok received=empty'],
      planted: [{ name: 'headers are relaxed', bug: { updates: isHeader }, shows: 'data race', weak: true }],
    },
  );

  model(
    'passes on a block of records whole',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: {
        sender: (thread) => sendsBlock(thread),
        receiver: (thread) => {
          const receiver = ring(thread.words, 2);
          const received = [receiver.tryReceive(), receiver.tryReceive()];
          thread.observe('received', received.map((one) => contents(thread, one)).join());
        },
      },
    },
    {
      outcomes: ['sent=2 received=1,3', 'sent=2 received=empty,1', 'sent=2 received=empty,empty'],
      planted: [{ name: 'headers are relaxed', bug: { updates: isHeader }, shows: 'data race', weak: true }],
    },
  );

  model(
    'skips a block of records whole, or not at all, while it is written and received',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: {
        sender: (thread) => sendsBlock(thread),
        recovery: (thread) => thread.observe('skipped', ring(thread.words, 3).recover(owner(1))?.count ?? 0),
        receiver: receives,
      },
      final: (end) => {
        const sent = end.observed('sent') === 2;
        end.assert(sent === (end.observed('skipped') === 0), 'it is skipped or sent');
        const received = end.observed('received');
        const all = [...(received === 'empty' ? [] : [received]), ...left(end)].join();
        end.assert(all === (sent ? '1,3,empty' : 'empty'), `${all} were received`);
        const next = ring(end.words, 4);
        for (let lap = 0; lap < 2; lap++) {
          end.assert(next.trySendMany([filled(5), filled(6)]) === 2, 'nothing of it is left behind');
          end.assert(left(end).join() === '5,6,empty', 'nor comes back');
        }
      },
    },
    {
      outcomes: [
        'sent=2 skipped=0 received=1',
        'sent=2 skipped=0 received=empty',
        'sent=skipped skipped=1 received=empty',
      ],
      planted: [TORN],
    },
  );

  /** Without bytes: those of a writer that is not gone may come to stand in others' records, which is told, and would be found here. */
  const empty = filled(0, 0);
  model(
    'leaves later laps alone when the writer of a block was taken for dead',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: {
        sender: (thread) => sendsBlock(thread, [empty, empty]),
        other(thread) {
          const other = ring(thread.words, 3);
          const unblocked = other.unblock();
          thread.observe('unblocked', unblocked);
          for (let unit = 0; unblocked && unit < 4; unit++) {
            thread.assert(other.trySend(empty) === 'ok', 'there is room');
            thread.assert(other.tryReceive() instanceof Uint8Array, 'what was sent comes');
          }
        },
      },
      final: (end) => {
        const sent = end.observed('sent') === 2;
        end.assert(sent !== end.observed('unblocked'), 'it is skipped or sent');
        ring(end.words, 3).release();
        const all = left(end).join('|');
        end.assert(all === (sent ? 'undefined|undefined|empty' : 'empty'), `${all} were received`);
        for (let lap = 0; lap < 2; lap++) {
          end.assert(ring(end.words, 4).trySendMany([filled(5), filled(6)]) === 2, 'nothing of it is left behind');
          end.assert(left(end).join() === '5,6,empty', 'nor comes back');
        }
      },
    },
    {
      outcomes: ['sent=2 unblocked=false', 'sent=skipped unblocked=true'],
      planted: [TORN],
    },
  );

  model(
    'takes what two send',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: { a: sends(1), b: sends(3) },
      final: (end) => {
        const all = left(end).join();
        end.assert(all === '1,3,empty' || all === '3,1,empty', `${all} were received`);
      },
    },
    { outcomes: ['a=ok b=ok'], planted: [TORN] },
  );

  model(
    'lets a unit be written only once it is read out',
    {
      names: NAMES,
      initial: (words) => {
        const full = laid(words, 2n);
        full.trySend(filled(1, 9)); // units 2 and 3
        full.trySend(filled(4)); // unit 0
      },
      threads: { sender: sends(3, 9), receiver: receives },
    },
    {
      outcomes: ['sender=ok received=1', 'sender=full received=1'],
      planted: [
        {
          name: 'freeing is relaxed',
          bug: { stores: (at) => at === HEAD || isHeader(at) },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );

  model(
    'wakes a receiver that sleeps',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: {
        sender: sends(1),
        receiver: (thread) => thread.observe('received', contents(thread, ring(thread.words, 2).receive(PARK))),
      },
    },
    {
      outcomes: ['sender=ok received=1'],
      planted: [SILENT, UNFENCED],
    },
  );

  model(
    'takes a record before it is closed, or not at all',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: { sender: sends(1), closer: (thread) => ring(thread.words, 3).close() },
      final: (end) => {
        const all = left(end).join();
        end.assert(all === (end.observed('sender') === 'ok' ? '1,closed' : 'closed'), `${all} were received`);
      },
    },
    { outcomes: ['sender=ok', 'sender=closed'], planted: [TORN] },
  );

  model(
    'tells a writer whose record was skipped',
    {
      names: NAMES,
      initial: (words) => void laid(words),
      threads: {
        sender: (thread) => {
          try {
            thread.observe('sent', ring(thread.words, 1).trySend(filled(1)));
          } catch (error) {
            if (!(error instanceof NotHeldError)) throw error;
            thread.observe('sent', 'skipped');
          }
        },
        other: (thread) => thread.observe('unblocked', ring(thread.words, 3).unblock()),
      },
      final: (end) => {
        const sent = end.observed('sent') === 'ok';
        end.assert(sent !== end.observed('unblocked'), 'it is skipped or sent');
        const all = left(end).join();
        end.assert(all === (sent ? '1,empty' : 'empty'), `${all} were received`);
      },
    },
    { outcomes: ['sent=ok unblocked=false', 'sent=skipped unblocked=true'], planted: [TORN] },
  );

  /** Owner 5 has claimed a record and died before it wrote it. */
  const deserted = (words: Words): void => {
    laid(words);
    const death = new Error('this thread is dead');
    const mortal = record(words, {
      before(name) {
        if (name === 'copyIn') throw death;
      },
    });
    try {
      ring(mortal.words, 5).trySend(filled(5));
    } catch (error) {
      if (error !== death) throw error;
    }
  };
  const recovers =
    (id: number) =>
    (thread: ModelThread): void => {
      const found = ring(thread.words, id).recover(owner(5));
      thread.observe(thread.name, found?.count ?? 0);
    };
  model(
    'goes on behind what the dead have not finished, once somebody recovers it',
    {
      names: NAMES,
      initial: deserted,
      threads: { a: recovers(3), b: recovers(4), receiver: receives },
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one has recovered it');
        const all = left(end).join();
        end.assert(all === 'empty', `${all} were received`);
      },
    },
    { outcomes: ['a=1 b=0 received=empty', 'a=0 b=1 received=empty'], planted: [TORN] },
  );
  model(
    'loses nothing that is sent while it is recovered',
    {
      names: NAMES,
      initial: deserted,
      threads: { recovery: recovers(3), sender: sends(1) },
      final: (end) => {
        const all = left(end).join();
        end.assert(all === '1,empty', `${all} were received`);
      },
    },
    { outcomes: ['recovery=1 sender=ok'] },
  );
});
