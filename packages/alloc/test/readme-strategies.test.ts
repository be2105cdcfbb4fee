/** The examples of the README's sections on strategies, as they stand there: what their comments promise is what comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@pool/core';
import { expect, it } from 'vitest';
import * as alloc from '../src/index.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const examples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

it.each([
  { about: 'a free list', uses: 'FreeList.create', promises: 4 },
  { about: 'a recycling index', uses: 'RecyclingIndex.create', promises: 2 },
  { about: 'a heap', uses: 'Heap.create', promises: 0 },
  { about: 'static places', uses: 'new StaticStorage', promises: 0 },
])('$about: does what it says', ({ uses, promises }) => {
  const example = examples.find((text) => text.includes(uses)) ?? '';
  const promised: string[] = [];
  const program = example
    .replace(/^import \{(.*)\} from '@pool\/(\w+)';$/gm, 'const {$1} = $2;')
    // An expression whose comment is a value; a comment that says more than that begins with a letter.
    .replace(/^([[l].*); \/\/ (['[\d].*)$/gm, (_, expression: string, value: string) => {
      promised.push(value);
      return `see(${expression});`;
    });
  const seen: unknown[] = [];
  new Function('core', 'alloc', 'see', program)(core, alloc, (value: unknown) => seen.push(value));
  expect(promised).toHaveLength(promises);
  expect(seen).toEqual(promised.map((value) => new Function(`return ${value};`)()));
});
