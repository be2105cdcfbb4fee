/** Two owners at random: what each took stays its own until it goes. */
import { consistent } from './allocator-reports.ts';
import { check, equal } from './case.ts';
import type { Held, Party } from './party.ts';
import { Random } from './random.ts';
import type { StagedCase } from './stage.ts';

export const contentCases: readonly StagedCase[] = [
  [
    'keeps every word of a live block, whatever two owners do in turn',
    (stage) => {
      const { first, second, sizes, ledger, options } = stage;
      const random = new Random(options.seed);
      const parties: readonly Party[] = [first, second];
      let taken = 0;
      for (let step = 0; step < options.steps; step++) {
        const party = random.pick(parties);
        const held = [...ledger.held.values()];
        const some = held.length > 0 ? random.pick(held) : undefined;
        const choice = random.below(16);
        if (choice < 8 || some === undefined) {
          if (party.take(random.pick(sizes)) !== undefined) taken++;
        } else if (choice < 14) {
          party.free(some);
        } else if (choice === 14) {
          party.transfer(some, random.pick(parties).owner);
        } else {
          party.intact(some);
        }
        if (step % 100 === 0) consistent(stage);
      }
      check(taken > 0, () => 'nothing was ever given');
      for (const held of [...ledger.held.values()] as Held[]) second.free(held);
      consistent(stage);
      equal(first.allocator.stats().used, 0, 'used words, with nothing live');
    },
  ],
];
