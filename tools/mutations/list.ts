/** All mutations. */
import { OF_CORE } from './core.ts';
import type { Mutation } from './mutation.ts';

export const MUTATIONS: readonly Mutation[] = [...OF_CORE];
