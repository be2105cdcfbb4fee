import type { Contest, Group } from '../contest.ts';
import { ALLOC } from './alloc.ts';
import { CHECK } from './check.ts';
import { CORE } from './core.ts';
import { HANDOFF } from './handoff.ts';
import { LOCKS } from './locks.ts';
import { QUEUES } from './queues.ts';
import { RUNNER } from './runner.ts';
import { STREAMS } from './streams.ts';
import { VM } from './vm.ts';
import { WAKES } from './wakes.ts';

export const CONTESTS: readonly Contest[] = [
  ...CORE,
  ...ALLOC,
  ...HANDOFF,
  ...LOCKS,
  ...STREAMS,
  ...QUEUES,
  ...WAKES,
  ...VM,
  ...RUNNER,
  ...CHECK,
];

export const GROUPS: readonly Group[] = [{ id: 'vm/interp', bar: 0.2 }];
