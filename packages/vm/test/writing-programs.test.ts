/** The guide: its listings are the files that the tests run, and the programs of its first pages give what they should. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { disassemble, type Source } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { TRAP_REASONS } from '../src/traps.ts';
import { program, run } from './support/programs.ts';

const DOCS = join(import.meta.dirname, '../docs');
const GUIDE = readFileSync(join(DOCS, 'writing-programs.md'), 'utf8');
const PIECES = /## The language, piece by piece\n([\s\S]*?)\n## /.exec(GUIDE)?.[1] ?? '';
const [tour = '', ...listings] = blocks(GUIDE.replace(PIECES, ''));

function blocks(text: string): string[] {
  return [...text.matchAll(/```pasm\n([\s\S]*?)```/g)].map(([, block = '']) => block);
}

test('the program of the tour', () => {
  expect([1, 2, 3].map((x) => run(tour, [x]))).toEqual([17n, 34n, 40n]);
});

describe('the pieces of the language', () => {
  const all = blocks(PIECES);
  const files = new Map(all.map((block) => [/^; ([\w-]+\.pasm)\n/.exec(block)?.[1], block]));
  const include = (path: string): Source | undefined => {
    const text = files.get(path);
    return text === undefined ? undefined : { name: path, text };
  };
  const giving = all.flatMap((block) => {
    const value = /^func main\(\) .*; gives (\w+)$/m.exec(block)?.[1];
    return value === undefined ? [] : [[value, block] as const];
  });

  test('are most of the blocks', () => {
    expect(giving.length).toBeGreaterThanOrEqual(7);
    expect(giving.length).toBe(all.length - 2); // an included file, and the program that is listed
  });

  test.each(giving)('give %s', (value, block) => {
    let time = 1n;
    const imports = { log: (_: bigint) => undefined, clock: () => time++ };
    expect(run(block, [], { include, imports })).toBe(BigInt(value));
  });

  test('have the listing that the disassembler prints', () => {
    const listing = /```text\n([\s\S]*?)```/.exec(PIECES)?.[1];
    const verified = program(all.at(-1) ?? '');
    expect(disassemble(verified).replaceAll('test', 'echo')).toBe(listing);
  });
});

test('every example is listed as it stands in its file, after a link to it', () => {
  const linked = [...GUIDE.matchAll(/\]\((\.\.\/examples\/[\w-]+\.pasm)\)/g)].map(([, path = '']) => path);
  const files = readdirSync(join(DOCS, '../examples')).map((name) => `../examples/${name}`);
  expect(linked.toSorted()).toEqual(files.toSorted());
  expect(listings).toEqual(linked.map((path) => readFileSync(join(DOCS, path), 'utf8')));
});

test('links lead somewhere, and traps are traps that there are', () => {
  for (const [, path = ''] of GUIDE.matchAll(/\]\((\.[^)#]*)(?:#[^)]*)?\)/g))
    expect(existsSync(join(DOCS, path)), path).toBe(true);
  const [, table = ''] = /\| trap \|[^\n]*\n\|[-|]+\n([\s\S]*?)\n\n/.exec(GUIDE) ?? [];
  const named = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, reason]) => reason);
  expect(named.length).toBeGreaterThan(3);
  for (const reason of named) expect(Object.keys(TRAP_REASONS)).toContain(reason);
});
