/** Addresses that are no live block's are told apart, and named, and change nothing. */
import { type Address, AddressError } from '@pool/core';
import { check, equal, refused } from './case.ts';
import type { Party } from './party.ts';
import type { StagedCase } from './stage.ts';

function refuse(party: Party, at: number, entry: number, what: string): void {
  const { allocator, owner } = party;
  const address = at as Address;
  refused(() => allocator.free(address, entry), AddressError, String(at), `free(${at}), ${what}`);
  refused(() => allocator.sizeOf(address), AddressError, String(at), `sizeOf(${at}), ${what}`);
  refused(() => allocator.transfer(address, owner), AddressError, String(at), `transfer(${at}), ${what}`);
}

export const errorCases: readonly StagedCase[] = [
  [
    'names a block that is freed a second time, whoever frees it',
    ({ first, second, sizes }) => {
      for (const words of sizes) {
        const block = first.take(words);
        if (block === undefined) continue;
        second.free(block);
        for (const party of [first, second]) refuse(party, block.at, block.entry, 'freed before');
      }
      equal(first.allocator.stats().live, 0, 'live blocks');
    },
  ],
  [
    'names an address inside a block, and leaves the block alone',
    ({ first, second, sizes }) => {
      for (const words of sizes.filter((size) => size > 1)) {
        const block = first.take(words);
        if (block === undefined) continue;
        for (const inner of new Set([1, words >> 1, words - 1]))
          refuse(second, block.at + inner, block.entry, 'inside a block');
        check(first.allocator.sizeOf(block.at) >= words, () => `the block ${block.at} shrank`);
        first.free(block);
      }
    },
  ],
  [
    'names an address that it never gave, and one that is none',
    ({ pool, first }) => {
      const foreign = pool.reserve(64);
      const block = first.take(1);
      const nowhere = [0, foreign, foreign + 16, pool.size, 2 ** 29, 2 ** 40, -1, 1.5, Number.NaN];
      for (const at of nowhere) refuse(first, at, 0, 'foreign');
      equal(first.allocator.stats().live, 1, 'live blocks');
      if (block !== undefined) first.free(block);
    },
  ],
  [
    'names every address of it that is not live',
    ({ first, sizes }) => {
      const words = sizes.at(-1) as number;
      const one = first.take(words);
      const other = first.take(words);
      if (one === undefined || other === undefined) return;
      first.free(one);
      for (let at: number = one.at; at < one.at + words; at++) refuse(first, at, one.entry, 'not live');
      first.free(other);
    },
  ],
];
