/** The example of the README's section on structs, as it stands there: what its comments promise is what comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@pool/core';
import { expect, it } from 'vitest';
import * as alloc from '../src/index.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

it('does what it says', () => {
  const example = /^## Structs$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '';
  const seen: unknown[] = [];
  const promised: string[] = [];
  const program = example
    .replace(/^import \{(.*)\} from '@pool\/(\w+)';$/gm, 'const {$1} = $2;')
    .replace(/^(station\..*|structConstants.*); \/\/ (.*)$/gm, (_, expression: string, value: string) => {
      promised.push(value);
      return `see(${expression});`;
    });
  new Function('core', 'alloc', 'see', program)(core, alloc, (value: unknown) => seen.push(value));
  expect(promised.slice(0, 2)).toEqual(['0', 'true']);
  expect(seen.slice(0, 2)).toEqual([0, true]);
  const constants = seen[2] as Record<string, bigint>;
  const listed = [...(promised[2] ?? '').matchAll(/(\w+): (\d+)n/g)];
  expect(listed.length).toBeGreaterThan(3);
  for (const [, name = '', value = ''] of listed) expect([name, constants[name]]).toEqual([name, BigInt(value)]);
  expect(seen).toHaveLength(3);
});
