/** All mutations. */
import { OF_CORE } from './core.ts';
import type { Mutation } from './mutation.ts';
import { OF_QUEUES } from './queues.ts';

export const MUTATIONS: readonly Mutation[] = [...OF_CORE, ...OF_QUEUES];
