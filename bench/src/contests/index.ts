import type { Contest, Group } from '../contest.ts';
import { ALLOC } from './alloc.ts';
import { CHECK } from './check.ts';
import { CORE } from './core.ts';
import { HANDOFF } from './handoff.ts';
import { LOCKS } from './locks.ts';
import { RUNNER } from './runner.ts';
import { SYNC } from './sync.ts';
import { VM } from './vm.ts';

export const CONTESTS: readonly Contest[] = [
  ...CORE,
  ...ALLOC,
  ...HANDOFF,
  ...LOCKS,
  ...SYNC,
  ...VM,
  ...RUNNER,
  ...CHECK,
];

export const GROUPS: readonly Group[] = [{ id: 'vm/interp', bar: 0.2 }];
