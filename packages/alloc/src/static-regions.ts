/**
 * The static family, for words: every region has its place before anything runs. A plan is plain data computed from names and
 * sizes, the same in every thread and at build time, so addresses are constants: nothing is allocated, nothing can fail later,
 * and a program's assembler can be given the very same numbers.
 */
import { type Address, AddressError, LINE_WORDS, MAX_POOL_WORDS, roundUp, ValueError } from '@pool/core';
import { Constants, constantName } from './constant-names.ts';

/** Words a region has; each region begins a line, so two regions never share one. */
export type RegionSizes<Name extends string> = { readonly [N in Name]: number };

export interface Region {
  /** Words from the plan's base. */
  readonly offset: number;
  readonly words: number;
}

export interface RegionPlan<Name extends string> {
  readonly regions: { readonly [N in Name]: Region };
  /** Words in all: what to reserve. */
  readonly size: number;
}

/**
 * Plans named regions, in the order they are written (names that are integers come first, as in every JavaScript object).
 * @throws {ValueError} for a size that is not a positive integer
 */
export function planRegions<Name extends string>(sizes: RegionSizes<Name>): RegionPlan<Name> {
  const regions: [name: string, region: Region][] = [];
  let size = 0;
  for (const [name, words] of Object.entries<number>(sizes)) {
    if (!(Number.isSafeInteger(words) && words > 0))
      throw new ValueError(words, `region ${name}: a positive number of words`);
    regions.push([name, { offset: size, words }]);
    size += roundUp(words, LINE_WORDS);
  }
  return { regions: Object.fromEntries(regions) as { readonly [N in Name]: Region }, size };
}

/**
 * The regions' addresses in a plan that begins at `base` (say, what `pool.reserve(plan.size)` gave).
 * @throws {AddressError} if `base` does not begin a line, or the plan does not fit the largest pool from there on
 */
export function placeRegions<Name extends string>(
  plan: RegionPlan<Name>,
  base: Address,
): { readonly [N in Name]: Address } {
  if (!(Number.isInteger(base) && base >= 0 && base + plan.size <= MAX_POOL_WORDS && base % LINE_WORDS === 0))
    throw new AddressError(base, plan.size, `a plan of regions (it begins at a multiple of ${LINE_WORDS})`);
  const placed = Object.entries<Region>(plan.regions).map(([name, { offset }]) => [name, (base + offset) as Address]);
  return Object.fromEntries(placed) as { readonly [N in Name]: Address };
}

/**
 * The plan as assembly constants: `NAME_OFFSET` and `NAME_WORDS` for each region, for a window that begins at the plan's base.
 * @throws {ValueError} if two names become one constant, or one becomes none that assembly has
 */
export function regionConstants(plan: RegionPlan<string>): Record<string, bigint> {
  const constants = new Constants(Object.keys(plan.regions));
  for (const [name, { offset, words }] of Object.entries(plan.regions)) {
    const prefix = constantName(name);
    constants.add(`${prefix}_OFFSET`, offset);
    constants.add(`${prefix}_WORDS`, words);
  }
  return constants.all();
}
