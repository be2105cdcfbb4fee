/** What an option of a check may be: a word misspelt would change the question without a word. */
import { ValueError } from '@pool/core';
import type { CheckOptions } from './check.ts';
import type { DealtWord, ShareOptions } from './explore/share.ts';
import { strangeKey } from './program.ts';
import type { Weakening } from './threads/weakened-memory.ts';

const OPTIONS: { readonly [Option in keyof CheckOptions]-?: true } = {
  model: true,
  equivalence: true,
  spinAssume: true,
  spinRounds: true,
  unroll: true,
  eventsPerThread: true,
  plant: true,
  share: true,
  executions: true,
  milliseconds: true,
};
const WEAKENINGS: { readonly [Name in keyof Weakening]-?: true } = {
  loads: true,
  stores: true,
  updates: true,
  torn: true,
  notifications: true,
  fences: true,
};
const MODELS: readonly unknown[] = ['sc', 'rc11'];
/** So many turns are gone round in no time worth mentioning. */
const MOST_ROUNDS = 1_000_000;
const EQUIVALENCES: readonly unknown[] = ['rf-co', 'rf'];

/** @throws {ValueError} for an option that cannot be */
export function assertOptions(options: CheckOptions): void {
  assertKeys('options', options, OPTIONS);
  if (options.plant !== undefined) assertKeys('`plant`', options.plant, WEAKENINGS);
  const { model, equivalence, spinRounds, unroll, eventsPerThread, executions, milliseconds, share } = options;
  assertThat(model === undefined || MODELS.includes(model), model, '`model` is sc or rc11');
  assertThat(
    equivalence === undefined || EQUIVALENCES.includes(equivalence),
    equivalence,
    '`equivalence` is rf-co or rf',
  );
  for (const [name, bound] of Object.entries({ unroll, eventsPerThread, executions }))
    assertThat(bound === undefined || isCount(bound), bound, `\`${name}\` is a whole number of 1 or more, or Infinity`);
  assertThat(
    spinRounds === undefined || (isCount(spinRounds) && spinRounds <= MOST_ROUNDS),
    spinRounds,
    `\`spinRounds\` is a whole number of 1 to ${MOST_ROUNDS}`,
  );
  assertThat(milliseconds === undefined || milliseconds >= 0, milliseconds, '`milliseconds` is a time');
  if (share === undefined) return;
  assertShare(share);
}

function assertShare(share: ShareOptions): void {
  assertKeys('`share`', share, { index: true, count: true, dealt: true });
  if ('dealt' in share) {
    assertKeys('`share` with `dealt`', share, { dealt: true });
    const { words, at } = Object(share.dealt) as Partial<DealtWord>;
    assertKeys('`share.dealt`', share.dealt, { words: true, at: true });
    assertThat(
      typeof words?.compareExchangeNumber === 'function',
      words,
      '`share.dealt.words` are words that all explorers share: a pool',
    );
    assertThat(Number.isSafeInteger(at), at, '`share.dealt.at` is the address of a word that is 0 at first');
    return;
  }
  const { index, count } = share;
  const isShare = Number.isInteger(index) && Number.isInteger(count) && index >= 0 && index < count;
  assertThat(isShare, `${index} of ${count}`, '`share` is one of so many: its index is 0 to count - 1');
}

function assertKeys(what: string, given: unknown, known: object): void {
  const isObject = typeof given === 'object' && given !== null;
  assertThat(isObject, given, `${what}: an object is needed`);
  const strange = strangeKey(given as object, known);
  assertThat(strange === undefined, Object.keys(given as object).join(', '), `${what}: there is no ${strange}`);
}

function isCount(bound: number): boolean {
  return bound === Number.POSITIVE_INFINITY || (Number.isInteger(bound) && bound >= 1);
}

function assertThat(holds: boolean, value: unknown, what: string): void {
  if (!holds) throw new ValueError(value, what);
}
