/**
 * Reuse policies, in every execution that the contract allows: nobody writes the bytes of a segment that somebody reads. The
 * bytes are one plain word, which whoever ends the segment writes anew; a reader that is still at it makes that a data race.
 */
import { counted, EpochReuse, ring } from '@pool/alloc';
import type { Address, Handle, ReuseContext, ReusePolicy, Words } from '@pool/core';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted } from './model.ts';

const META = 0 as Address;
const BYTES = 1 as Address;
const POLICY_WORD = 2 as Address;
const OWN = 16 as Address;
const [PUBLISHED, ENDED] = [1, 2];
const OLD = 7;

/** The only segment there is, as one owner sees it. */
function segment(words: Words, id: number): ReuseContext {
  const context = { words, owner: owner(id), index: 0, generation: 1, handle: 1n as Handle, policyWord: POLICY_WORD };
  return {
    ...context,
    find: () => (words.loadNumber(META) === PUBLISHED ? { ...segment(words, id), writer: owner(id) } : undefined),
    end() {
      if (words.compareExchangeNumber(META, PUBLISHED, ENDED) !== PUBLISHED) return false;
      words.storePlainNumber(BYTES, OLD + 1);
      return true;
    },
  };
}

function reader(open: (words: Words) => ReusePolicy, id: number): (t: ModelThread) => void {
  return ({ words }) => {
    const [policy, own] = [open(words), segment(words, id)];
    if (!policy.acquired(own)) return;
    if (words.loadPlainNumber(BYTES) !== OLD) throw new Error('a reader took new bytes for old');
    policy.released(own);
  };
}

function program(
  open: (words: Words) => ReusePolicy,
  readers: readonly number[],
  end: (policy: ReusePolicy, own: ReuseContext) => void,
  others: ModelProgram['threads'] = {},
): ModelProgram {
  return {
    threads: {
      ...Object.fromEntries(readers.map((id) => [`reader ${id}`, reader(open, id)])),
      retirer({ words }) {
        end(open(words), segment(words, 1));
      },
      ...others,
    },
    words: 256,
    names: { meta: META, bytes: BYTES, policy: POLICY_WORD },
    initial(words) {
      words.storeNumber(BYTES, OLD);
      open(words).publishing?.(segment(words, 1));
      words.storeNumber(META, PUBLISHED);
    },
    final(end) {
      open(end.words).exhausted?.(segment(end.words, 1));
      end.assert(end.words.loadNumber(META) === ENDED, 'the segment was never ended');
    },
  };
}

function retire(policy: ReusePolicy, own: ReuseContext): void {
  policy.retired(own);
}

/** The state of each of two segments that share a ring of one place. */
function metaOf(index: number): Address {
  return (48 + index) as Address;
}

/** Publishes segment `index`, and ends what its place held. */
function publisher(index: number): (t: ModelThread) => void {
  return ({ words }) => {
    const policy = ring({ base: OWN, places: 1 });
    const own: ReuseContext = {
      ...segment(words, index),
      index,
      handle: BigInt(index + 1) as Handle,
      policyWord: (POLICY_WORD + index) as Address,
      end: (handle) => words.compareExchangeNumber(metaOf(Number(handle) - 1), PUBLISHED, ENDED) === PUBLISHED,
    };
    policy.publishing?.(own);
    words.compareExchangeNumber(metaOf(index), 0, PUBLISHED);
    policy.published?.(own);
  };
}

const SHAPE = { owners: 3, segments: 1 };
const epoch = (words: Words): ReusePolicy => new EpochReuse(words, { ...SHAPE, base: OWN });

const RELAXED: Planted = { name: 'updates are relaxed', bug: { updates: () => true }, shows: 'data race', weak: true };
const TORN: Planted = { name: 'words are changed by load and store', bug: { torn: () => true }, shows: 'data race' };
const UNFENCED: Planted = { name: 'the fences are left out', bug: { fences: true }, shows: 'data race', weak: true };

describe('a reuse policy', () => {
  for (const { how, others } of [
    { how: 'owners in one word', others: [0, 2] },
    { how: 'owners in two words', others: [0, 40] },
  ])
    model(
      `counted, ${how}`,
      program(() => counted(), others, retire),
      { planted: [RELAXED, TORN] },
    );

  model(
    'epoch',
    program(epoch, [0], (policy, own) => {
      policy.retired(own);
      policy.exhausted?.(own);
    }),
    { planted: [UNFENCED] },
  );

  model(
    'epoch, while another moves it on',
    program(epoch, [0], retire, { mover: ({ words }) => void epoch(words).exhausted?.(segment(words, 2)) }),
    { planted: [RELAXED, UNFENCED] },
  );

  model(
    'ring, two publications in one place',
    {
      threads: { one: publisher(0), other: publisher(1) },
      words: 64,
      final(end) {
        const states = [0, 1].map((index) => end.words.loadNumber(metaOf(index)));
        end.assert(states.filter((state) => state === PUBLISHED).length === 1, `the two are ${states}`);
      },
    },
    {
      planted: [
        { ...TORN, shows: 'final condition' },
        { ...UNFENCED, shows: 'final condition' },
      ],
    },
  );
});
