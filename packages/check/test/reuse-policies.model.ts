/**
 * Reuse policies, in every execution that the contract allows: nobody writes the bytes of a segment that somebody reads. The
 * bytes are one plain word, which whoever ends the segment writes anew; a reader that is still at it makes that a data race.
 */
import { counted, EpochReuse } from '@pool/alloc';
import type { Address, Handle, Owner, OwnerId, ReuseContext, ReusePolicy, Words } from '@pool/core';
import { expect, test } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../src/index.ts';

const META = 0 as Address;
const BYTES = 1 as Address;
const POLICY_WORD = 2 as Address;
const OWN = 16 as Address;
const [PUBLISHED, ENDED] = [1, 2];
const OLD = 7;

/** The only segment there is, as one owner sees it. */
function segment(words: Words, id: number): ReuseContext {
  const owner: Owner = { id: id as OwnerId, generation: 1 };
  const context = { words, owner, index: 0, generation: 1, handle: 1n as Handle, policyWord: POLICY_WORD };
  return {
    ...context,
    find: () => (words.loadNumber(META) === PUBLISHED ? { ...segment(words, id), writer: owner } : undefined),
    end() {
      if (words.compareExchangeNumber(META, PUBLISHED, ENDED) !== PUBLISHED) return false;
      words.storePlainNumber(BYTES, OLD + 1);
      return true;
    },
  };
}

function reader(open: (words: Words) => ReusePolicy, id: number): (t: ModelThread) => void {
  return ({ words, assert }) => {
    const [policy, own] = [open(words), segment(words, id)];
    if (!policy.acquired(own)) return;
    if (words.loadPlainNumber(BYTES) !== OLD) throw new Error('a reader took new bytes for old');
    policy.released(own);
    void assert;
  };
}

function program(
  open: (words: Words) => ReusePolicy,
  readers: readonly number[],
  retirer: (words: Words, policy: ReusePolicy, own: ReuseContext) => void,
): ModelProgram {
  return {
    threads: {
      ...Object.fromEntries(readers.map((id) => [`reader ${id}`, reader(open, id)])),
      retirer({ words }) {
        retirer(words, open(words), segment(words, 1));
      },
    },
    words: 256,
    names: { meta: META, bytes: BYTES, policy: POLICY_WORD },
    initial(words) {
      words.storeNumber(BYTES, OLD);
      open(words).publishing?.(segment(words, 1));
      words.storeNumber(META, PUBLISHED);
    },
    final(end) {
      const policy = open(end.words);
      policy.exhausted?.(segment(end.words, 1));
      end.assert(end.words.loadNumber(META) === ENDED, 'the segment was never ended');
    },
  };
}

const SHAPE = { owners: 3, segments: 1 };
const epoch = (words: Words): ReusePolicy => new EpochReuse(words, { ...SHAPE, base: OWN });

const PROGRAMS: Readonly<Record<string, ModelProgram>> = {
  'counted, owners in one word': program(
    () => counted(),
    [0, 2],
    (_, policy, own) => void policy.retired(own),
  ),
  'counted, owners in two words': program(
    () => counted(),
    [0, 40],
    (_, policy, own) => void policy.retired(own),
  ),
  epoch: program(epoch, [0], (_, policy, own) => {
    policy.retired(own);
    policy.exhausted?.(own);
  }),
  'epoch, while another moves it on': {
    ...program(epoch, [0], (_, policy, own) => void policy.retired(own)),
  },
};

(PROGRAMS['epoch, while another moves it on'] as { threads: Record<string, (t: ModelThread) => void> }).threads.mover =
  ({ words }) => {
    epoch(words).exhausted?.(segment(words, 2));
  };

test.each(Object.keys(PROGRAMS))(
  '%s',
  (name) => {
    const report = check(PROGRAMS[name] as ModelProgram, { milliseconds: 40_000 });
    expect(report.findings.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([]);
    expect(report.executions).toBeGreaterThan(10);
    expect(report.exhausted).toBe(true);
  },
  60_000,
);
