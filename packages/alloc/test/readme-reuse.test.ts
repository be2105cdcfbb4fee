/** The example of the README's section on reuse, as it stands there, with a life of a segment after it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@pool/core';
import { expect, it } from 'vitest';
import * as alloc from '../src/index.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

it('opens segments that are reused by epochs', () => {
  const example = /^## When segments'[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '';
  const program = example.replace(/^import \{(.*)\} from '@pool\/(\w+)';$/gm, 'const {$1} = $2;');
  const segments = new Function('core', 'alloc', `${program}\nreturn segments;`)(core, alloc) as core.Segments;
  for (let lap = 0; lap < 100; lap++) {
    const handle = segments.draft(4096)?.publish() as core.Handle;
    const view = segments.acquire(handle);
    segments.retire(handle);
    expect(view.byteLength).toBe(4096);
    view.release();
  }
});
