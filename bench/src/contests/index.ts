import type { Contest } from '../contest.ts';
import { CORE } from './core.ts';
import { HANDOFF } from './handoff.ts';
import { RUNNER } from './runner.ts';

export const CONTESTS: readonly Contest[] = [...CORE, ...HANDOFF, ...RUNNER];
