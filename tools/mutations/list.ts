/** All mutations. */
import { OF_ASSEMBLY } from './assembly.ts';
import { OF_CHANNELS } from './channels.ts';
import { OF_CORE } from './core.ts';
import { OF_HOSTS } from './hosts.ts';
import { OF_LOCKS } from './locks.ts';
import type { Mutation } from './mutation.ts';
import { OF_QUEUES } from './queues.ts';
import { OF_STORAGE } from './storage.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...OF_CORE,
  ...OF_QUEUES,
  ...OF_LOCKS,
  ...OF_CHANNELS,
  ...OF_STORAGE,
  ...OF_ASSEMBLY,
  ...OF_HOSTS,
];
