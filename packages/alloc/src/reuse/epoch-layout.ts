import { type Address, AddressError, IndexSet, LINE_WORDS, ValueError } from '@pool/core';

/** What the words of an epoch policy are laid for; plain data, the same for every thread. */
export interface EpochShape {
  /** How many owners there can be: the pool's `owners.rows`. Default: 64. */
  readonly owners?: number;
  /** How many segments there can be at once: the pool's `segments`. Default: 256. */
  readonly segments?: number;
}

export interface EpochPlan {
  readonly epoch: Address;
  /** A line an owner. */
  readonly pins: Address;
  /** A set for each of the three epochs that count. */
  readonly limbo: readonly Address[];
  readonly owners: number;
  readonly segments: number;
  readonly size: number;
}

const LIMBOS = 3;

export function planEpoch(base: Address, { owners = 64, segments = 256 }: EpochShape): EpochPlan {
  if (!(Number.isInteger(owners) && owners > 0)) throw new ValueError(owners, 'a positive number of owners');
  if (!(Number.isInteger(segments) && segments > 0)) throw new ValueError(segments, 'a positive number of segments');
  if (!(Number.isInteger(base) && base >= 0) || base % LINE_WORDS !== 0)
    throw new AddressError(base, 0, `an epoch policy (it begins at a multiple of ${LINE_WORDS})`);
  const pins = base + LINE_WORDS;
  const sets = pins + owners * LINE_WORDS;
  const each = IndexSet.size(segments);
  return {
    epoch: base,
    pins: pins as Address,
    limbo: Array.from({ length: LIMBOS }, (_, set) => (sets + set * each) as Address),
    owners,
    segments,
    size: sets + LIMBOS * each - base,
  };
}
