/** Whoever answers for a block may die: what stood in the name of the dead returns, and nothing else does. */
import { AddressError, type Owner, type OwnerId, ValueError } from '@pool/core';
import { consistent } from './allocator-reports.ts';
import { check, equal, refused } from './case.ts';
import type { Held } from './party.ts';
import { MOST, type StagedCase } from './stage.ts';

/** Owners that no row ever has. */
const NOBODIES: readonly Owner[] = [
  [-1, 1],
  [1.5, 1],
  [2 ** 16, 1],
  [0, 0],
  [0, -1],
  [0, 2 ** 32 + 5],
].map(([id, generation]) => ({ id: id as OwnerId, generation: generation as number }));

export const deathCases: readonly StagedCase[] = [
  [
    'frees what a dead owner left, once, and nobody else’s',
    (stage) => {
      const { first, second, join, sizes, ledger } = stage;
      const dead = join();
      const left: Held[] = [];
      for (const words of sizes) {
        for (const party of [first, second]) party.take(words);
        const block = dead.take(words);
        if (block !== undefined) left.push(block);
      }
      dead.pool.owners.markDead(dead.owner);
      equal(first.allocator.recover(dead.owner), left.length, 'blocks recovered');
      equal(ledger.strike(dead.owner), left.length, 'blocks that were the dead owner’s');
      for (const again of [first, second]) equal(again.allocator.recover(dead.owner), 0, 'blocks recovered again');
      for (const { at, entry } of left)
        refused(() => second.allocator.free(at, entry), AddressError, String(at), 'free() after recovery');
      consistent(stage);
      for (const held of [...ledger.held.values()]) second.free(held);
      consistent(stage);
    },
  ],
  [
    'loses no room to a dead owner, time after time',
    (stage) => {
      const { first, join, ledger, reuses } = stage;
      if (!reuses) return;
      const words = Math.min(first.allocator.largest, 64);
      const before = first.takeAll(words, MOST);
      for (const block of before) first.free(block);
      for (let round = 0; round < 3; round++) {
        const dead = join();
        dead.takeAll(words, MOST);
        dead.pool.owners.markDead(dead.owner);
        equal(first.allocator.recover(dead.owner), ledger.strike(dead.owner), 'blocks recovered');
        dead.pool.owners.bury(dead.owner);
      }
      equal(first.allocator.stats().used, 0, 'used words, with nothing live');
      equal(first.takeAll(words, MOST).length, before.length, 'blocks to be had');
    },
  ],
  [
    'frees by who answers for a block now, not by who took it',
    (stage) => {
      const { first, second, join, sizes, ledger } = stage;
      const dead = join();
      for (const words of sizes) {
        const given = dead.take(words);
        if (given !== undefined) dead.transfer(given, second.owner);
        const taken = first.take(words);
        if (taken !== undefined) second.transfer(taken, dead.owner);
      }
      consistent(stage);
      dead.pool.owners.markDead(dead.owner);
      equal(second.allocator.recover(dead.owner), ledger.strike(dead.owner), 'blocks recovered');
      consistent(stage);
      for (const held of [...ledger.held.values()]) first.free(held);
      consistent(stage);
    },
  ],
  [
    'transfers nothing to an owner that nobody can be, and takes nothing from one who lives',
    (stage) => {
      const { first, second, sizes } = stage;
      const block = first.take(sizes[0] as number);
      check(block !== undefined, () => 'there was no block');
      for (const to of NOBODIES) {
        const what = `transfer() to ${JSON.stringify(to)}`;
        const wrong = to.id === 0 ? to.generation : to.id;
        refused(() => first.allocator.transfer(block.at, to), ValueError, String(wrong), what);
      }
      refused(
        () => second.allocator.recover(first.owner),
        ValueError,
        String(first.owner.id),
        'recover() of a live owner',
      );
      consistent(stage);
      second.free(block);
    },
  ],
  [
    'does not take an owner for an earlier one in the same row',
    (stage) => {
      const { first, join, sizes } = stage;
      const dead = join();
      dead.pool.owners.markDead(dead.owner);
      first.allocator.recover(dead.owner);
      dead.pool.owners.bury(dead.owner);
      const heir = join();
      equal(heir.owner.id, dead.owner.id, 'the heir’s row');
      for (const words of sizes) heir.take(words);
      equal(first.allocator.recover(dead.owner), 0, 'blocks recovered from the heir');
      consistent(stage);
    },
  ],
];
