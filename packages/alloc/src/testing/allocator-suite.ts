/**
 * What every allocator promises, as cases that any implementation can be held to. The suite lays each case's allocator in a
 * pool of its own and attaches two owners to it on the one thread, so that what one of them takes the other looks after: what
 * is tested is that everything shared stands in words. A block is filled with a pattern of its own, and looked at before it
 * goes. All of it runs on one thread: that two owners do not get in each other's way is tested by holding one up.
 */
import { contentCases } from './allocator-contents.ts';
import { deathCases } from './allocator-deaths.ts';
import { errorCases } from './allocator-errors.ts';
import { holdUpCases } from './allocator-hold-ups.ts';
import { reportCases } from './allocator-reports.ts';
import { roomCases } from './allocator-room.ts';
import type { Case } from './case.ts';
import { type AllocatorStrategy, type AllocatorSuiteOptions, setStage } from './stage.ts';

/** The cases for one allocator, each of which stands alone. */
export function allocatorSuite<Handle>(
  strategy: AllocatorStrategy<Handle>,
  options: AllocatorSuiteOptions = {},
): readonly Case[] {
  const staged = [...roomCases, ...errorCases, ...reportCases, ...deathCases, ...contentCases, ...holdUpCases];
  return staged.map(([name, run]) => ({
    name,
    run() {
      const stage = setStage(strategy, { seed: options.seed ?? 1, steps: options.steps ?? 2_000 });
      run(stage);
    },
  }));
}
