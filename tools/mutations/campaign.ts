/**
 * Every mutation by itself: first its test must pass on the copy as it is, then it must fail on the mutant. A test that passed
 * on both would be one that does not see the bug, and one that failed on both one that sees nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, type MutationTest, mutated } from './mutation.ts';
import type { Outcome, TestRunner } from './runner.ts';

/** In milliseconds: what a run may take, and what a mutant may that is known to hang. */
const LIMIT = 300_000;
const SHORTEST_HANG = 20_000;
const HANG_FACTOR = 5;

export interface Result {
  readonly mutation: Mutation;
  readonly caught: boolean;
  /** `failed`, `hung`, or why it was not caught. */
  readonly how: string;
  readonly detail: string;
}

export async function* campaign(
  copy: string,
  runner: TestRunner,
  mutations: readonly Mutation[],
): AsyncGenerator<Result, void> {
  const sound = new Map<string, Outcome>();
  for (const mutation of mutations) {
    const key = keyOf(mutation.test);
    const before = sound.get(key) ?? (await runner.run(mutation.test, LIMIT));
    sound.set(key, before);
    if (before.verdict === 'passed') yield await attempt(copy, runner, mutation, before.took);
    else yield { mutation, caught: false, how: 'fails without it', detail: before.detail };
  }
}

async function attempt(copy: string, runner: TestRunner, mutation: Mutation, took: number): Promise<Result> {
  const path = join(copy, mutation.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(source, mutation));
  try {
    const limit = mutation.hangs ? Math.max(SHORTEST_HANG, HANG_FACTOR * took) : LIMIT;
    const { verdict, detail } = await runner.run(mutation.test, limit);
    const caught = verdict === 'failed' || (verdict === 'hung' && mutation.hangs === true);
    return { mutation, caught, how: caught ? verdict : `NOT CAUGHT: ${verdict}`, detail };
  } finally {
    writeFileSync(path, source);
  }
}

function keyOf({ project, file, name = '' }: MutationTest): string {
  return [project, file, name].join('\n');
}
