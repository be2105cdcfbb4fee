/** Treiber's stack: values come out once each, whole; the tag is what it is for. */
import type { Address } from '@pool/core';
import { TREIBER_STACK, TreiberStack } from '@pool/sync';
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../../src/index.ts';
import { model } from './model.ts';

const BASE = 0 as Address;
const { top, free } = TREIBER_STACK.offsets;
const heads = (at: number): boolean => at === top || at === free;

function stack({ words }: ModelThread): TreiberStack {
  return TreiberStack.attach(words, BASE);
}

function program(filled: readonly bigint[], threads: ModelProgram['threads'], tagBits = 29): ModelProgram {
  return {
    initial: (words) => {
      const laid = TreiberStack.create(words, BASE, { capacity: 2, tagBits });
      for (const value of filled) laid.tryPush(value);
    },
    threads,
  };
}

const pop = (thread: ModelThread): void => thread.observe(thread.name, stack(thread).tryPop());

describe('a stack', () => {
  model(
    'gives what is pushed to one of two',
    {
      ...program([5n], { a: pop, b: pop }),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    {
      outcomes: ['a=5 b=empty', 'a=empty b=5'],
      planted: [
        { name: 'the top is moved by load and store', bug: { torn: (at) => at === top }, shows: 'final condition' },
      ],
    },
  );

  const push = (value: bigint) => (thread: ModelThread) => thread.observe(thread.name, stack(thread).tryPush(value));
  model(
    'keeps what two push',
    {
      ...program([], { a: push(5n), b: push(6n) }),
      final: (end) => {
        const rest = TreiberStack.attach(end.words, BASE);
        const left = [rest.tryPop(), rest.tryPop(), rest.tryPop()].join();
        end.assert(left === '5,6,empty' || left === '6,5,empty', `${left} is on the stack`);
      },
    },
    {
      outcomes: ['a=ok b=ok'],
      planted: [{ name: 'its heads are moved by load and store', bug: { torn: heads }, shows: 'final condition' }],
    },
  );

  model('publishes what is pushed', program([], { a: (thread) => void stack(thread).tryPush(5n), b: pop }), {
    outcomes: ['b=5', 'b=empty'],
    planted: [{ name: 'its heads are relaxed', bug: { updates: heads }, shows: 'data race', weak: true }],
  });

  const popPopPush = (thread: ModelThread): void => {
    const own = stack(thread);
    const [first, second] = [own.tryPop(), own.tryPop()];
    thread.observe(thread.name, `${first} ${second} ${own.tryPush(9n)}`);
  };
  const late = program([1n, 2n], { late: pop, quick: popPopPush });

  model('does not bring back what a late thread has seen', late);

  it('would without tags', () => {
    const drain: ModelProgram['final'] = (end) => {
      const rest = TreiberStack.attach(end.words, BASE);
      const left = [rest.tryPop(), rest.tryPop(), rest.tryPop()].filter((value) => value !== 'empty');
      const seen = `${end.observed('late')} ${end.observed('quick')}`.split(' ').filter((value) => /^\d+$/.test(value));
      const all = [...left.map(String), ...seen].sort();
      end.assert(new Set(all).size === all.length, `every value is seen once: ${all.join(' ')}`);
    };
    const few = program([1n, 2n], late.threads, 1);
    expect(check({ ...late, final: drain }, { model: 'sc' }).findings).toEqual([]);
    expect(check({ ...few, final: drain }, { model: 'sc' }).findings.length).toBeGreaterThan(0);
  });
});
