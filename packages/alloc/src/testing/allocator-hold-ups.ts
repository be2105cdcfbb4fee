/** One owner is held up before any of its operations on words, and another comes and goes meanwhile. */
import { consistent } from './allocator-reports.ts';
import { check, equal } from './case.ts';
import type { Held, Party } from './party.ts';
import type { StagedCase } from './stage.ts';

/** More operations than two allocations and a free have. */
const MOST_OPERATIONS = 10_000;

/** Takes a block, frees one that it had, and takes another, under entry numbers that others take too. Adds what it has to `left`. */
function comeAndGo(party: Party, words: number, had: Held | undefined, left: Held[]): void {
  const first = party.take(words, 0);
  if (first !== undefined) left.push(first);
  if (had !== undefined) party.free(had);
  const second = party.take(words, 1);
  if (second !== undefined) left.push(second);
}

export const holdUpCases: readonly StagedCase[] = [
  [
    'gives no block to two owners, wherever one of them is held up',
    (stage) => {
      const { first, second, sizes, joinHeldUp, ledger } = stage;
      const { party, interruption } = joinHeldUp();
      for (const words of sizes) {
        let after = 0;
        for (let came = true; came; after++) {
          check(after < MOST_OPERATIONS, () => `more than ${MOST_OPERATIONS} operations for blocks of ${words} words`);
          const left: Held[] = [];
          const [mine, theirs] = [party.take(words, 2), second.take(words, 3)];
          came = interruption.run(
            after,
            () => comeAndGo(party, words, mine, left),
            () => comeAndGo(second, words, theirs, left),
          );
          for (const block of left) first.free(block);
          if (!came && theirs !== undefined) first.free(theirs);
        }
        consistent(stage);
      }
      equal(ledger.held.size, 0, 'live blocks');
    },
  ],
];
