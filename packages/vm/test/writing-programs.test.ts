/** The guide: its listings are the files that the tests run, and the program of its first pages gives what it should. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TRAP_REASONS } from '../src/traps.ts';
import { run } from './support/programs.ts';

const DOCS = join(import.meta.dirname, '../docs');
const GUIDE = readFileSync(join(DOCS, 'writing-programs.md'), 'utf8');
const [tour = '', ...listings] = [...GUIDE.matchAll(/```pasm\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('the program of the tour', () => {
  expect([1, 2, 3].map((x) => run(tour, [x]))).toEqual([17n, 34n, 40n]);
});

test('every example is listed as it stands in its file, after a link to it', () => {
  const linked = [...GUIDE.matchAll(/\]\((\.\.\/examples\/[\w-]+\.pasm)\)/g)].map(([, path = '']) => path);
  const files = readdirSync(join(DOCS, '../examples')).map((name) => `../examples/${name}`);
  expect(linked.toSorted()).toEqual(files.toSorted());
  expect(listings).toEqual(linked.map((path) => readFileSync(join(DOCS, path), 'utf8')));
});

test('links lead somewhere, and traps are traps that there are', () => {
  for (const [, path = ''] of GUIDE.matchAll(/\]\((\.[^)#]*)\)/g))
    expect(existsSync(join(DOCS, path)), path).toBe(true);
  const [, table = ''] = /\| trap \|[^\n]*\n\|[-|]+\n([\s\S]*?)\n\n/.exec(GUIDE) ?? [];
  const named = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, reason]) => reason);
  expect(named.length).toBeGreaterThan(3);
  for (const reason of named) expect(Object.keys(TRAP_REASONS)).toContain(reason);
});
