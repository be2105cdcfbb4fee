/**
 * A page's descriptor: the one word that says what the pages from here on are, and whose. Every block has its descriptor at its
 * first page; the pages behind it have none of their own. Whoever wants a block changes this word by compare-exchange from what
 * it saw, so a block has one owner at every moment, and a thread that dies leaves its name on whatever it held.
 *
 *   { owner's name: 42, detail: 6, state: 3 }
 *
 *   NONE   belongs to a block that begins before it
 *   PART   the same, in a slab; detail = how many pages before it the slab begins. Outdated ones stay behind and are harmless:
 *          who follows one checks the slab it leads to
 *   FREE   2^detail pages that anybody may claim
 *   BUSY   2^detail pages that the owner is cutting up, putting together or handing over
 *   LIVE   2^detail pages, allocated as one block for the owner
 *   SLAB   a slab of the size class `detail`; its owner, if any, is the one thread that allocates from it
 *
 * An owner's name is `{ generation: 26, id: 16 }`, never 0. A row of the owner table is free for the next only after its dead
 * owner is recovered, so a generation cut to 26 bits is mistaken for no other.
 */
import type { Owner, OwnerId } from '@pool/core';

export const NONE = 0;
export const PART = 1;
export const FREE = 2;
export const BUSY = 3;
export const LIVE = 4;
export const SLAB = 5;

/** The owner of nobody's slab. */
export const NOBODY = 0;

const STATE_BITS = 3;
const STATE_MASK = 2 ** STATE_BITS - 1;
const DETAIL_MASK = 2 ** 6 - 1;
const NAME_RADIX = 2 ** 9;
const ID_RADIX = 2 ** 16;
const GENERATIONS = 2 ** 26 - 1;

/** Added to the name in a block's word by a thread that is about to return the block to its slab: the block is no longer live. */
export const RETURNING: number = 2 ** 42;

export function nameOf(owner: Owner): number {
  return (((owner.generation - 1) % GENERATIONS) + 1) * ID_RADIX + owner.id;
}

/** The owner of that name; its generation is exact up to 2^26 - 1. */
export function ownerNamed(name: number): Owner {
  return { id: (name % ID_RADIX) as OwnerId, generation: Math.floor(name / ID_RADIX) };
}

export function packDescriptor(state: number, detail: number, name: number = NOBODY): number {
  return name * NAME_RADIX + (detail << STATE_BITS) + state;
}

export function stateOf(descriptor: number): number {
  return descriptor & STATE_MASK;
}

export function detailOf(descriptor: number): number {
  return (descriptor >> STATE_BITS) & DETAIL_MASK;
}

export function nameIn(descriptor: number): number {
  return Math.floor(descriptor / NAME_RADIX);
}

/** Whether a block begins at the page. */
export function isHead(descriptor: number): boolean {
  return stateOf(descriptor) > PART;
}
