/** The list of mutations fits the sources as they are; what the mutants do is the campaign's to show (`pnpm mutations`). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from '../mutations/list.ts';
import { BUG_CLASSES, type Mutation, mutated } from '../mutations/mutation.ts';
import { verdictOf } from '../mutations/runner.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the mutations', () => {
  it.each(MUTATIONS)('$bug: $name', (mutation) => {
    const source = read(mutation.file);
    expect(mutation.file).toMatch(/\/(src|asm)\//);
    expect(mutated(source, mutation)).not.toBe(source);
    const { project, file } = mutation.test;
    expect(file).toMatch(new RegExp(`^(packages|apps)/${project.replace(':stress', '')}/test/`));
    expect(existsSync(join(root, file))).toBe(true);
  });

  it('have names of their own', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('are there for each class of bugs', () => {
    const missing = Object.keys(BUG_CLASSES).filter((name) => !MUTATIONS.some(({ bug }) => bug === name));
    expect(missing).toEqual([]);
  });
});

describe('a mutation', () => {
  const mutation: Mutation = {
    name: 'planted',
    bug: 'aba',
    file: 'a.ts',
    replace: 'old',
    by: '$& new',
    test: { project: 'core', file: 'a.test.ts' },
  };

  it('is put in as it stands', () => {
    expect(mutated('an old word', mutation)).toBe('an $& new word');
  });

  it.each(['a word', 'old and old'])('is refused where its text does not stand exactly once: %s', (source) => {
    expect(() => mutated(source, mutation)).toThrow('not once');
  });
});

describe('a mutant', () => {
  const test = (status: string, message = 'AssertionError: expected 1 to be 2') => ({
    fullName: 'a test',
    status,
    failureMessages: status === 'failed' ? [message] : [],
  });
  const report = (success: boolean, status: string, ...assertionResults: ReturnType<typeof test>[]) => ({
    success,
    testResults: [{ name: 'a.test.ts', status, message: 'it does not load', assertionResults }],
  });

  it('is caught by a test that fails', () => {
    expect(verdictOf(report(false, 'failed', test('passed'), test('failed'))).verdict).toBe('failed');
  });

  it('is not caught by tests that pass', () => {
    expect(verdictOf(report(true, 'passed', test('passed'), test('skipped'))).verdict).toBe('passed');
  });

  it.each([
    ['a file that does not load', report(false, 'failed')],
    ['a name that nobody declared', report(false, 'failed', test('failed', 'ReferenceError: x is not defined'))],
    ['no test of that name', report(true, 'passed', test('skipped'))],
    ['an error outside of any test', report(false, 'passed', test('passed'))],
  ])('is broken, and not caught, by %s', (_, broken) => {
    expect(verdictOf(broken).verdict).toBe('broken');
  });
});
