import { expect, test } from 'vitest';
import { layerGraph } from '../layering/graph.ts';
import type { Layer } from '../layers.ts';
import { replaceMarked } from '../marked-block.ts';

const row = (imports: string[], testsImport: string[] = []): Layer => ({
  folder: 'packages/x',
  purpose: 'does x',
  platform: 'neutral',
  imports,
  testsImport,
});

test('arrows that follow from others are not drawn, test-only ones are dotted', () => {
  const graph = layerGraph({
    core: row([]),
    sync: row(['core'], ['alloc']),
    alloc: row(['core']),
    app: row(['core', 'sync']),
  });
  expect(graph.split('\n').filter((line) => line.includes('->'))).toEqual([
    '  sync --> core',
    '  alloc --> core',
    '  app --> sync',
    '  sync -. tests .-> alloc',
  ]);
  expect(graph).toContain('core["<b>core</b><br/>does x"]');
});

test('a block is replaced between its markers, and again with the same result', () => {
  const once = replaceMarked('a\n<!-- x:begin -->old<!-- x:end -->\nb', 'x', 'new');
  expect(once).toBe('a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb');
  expect(replaceMarked(once, 'x', 'new')).toBe(once);
});

test.each([
  ['are missing', 'a'],
  ['stand twice', '<!-- x:begin --><!-- x:end --><!-- x:begin --><!-- x:end -->'],
  ['are the wrong way round', '<!-- x:end --><!-- x:begin -->'],
])('markers that %s are an error', (_, markdown) => {
  expect(() => replaceMarked(markdown, 'x', 'new')).toThrow('must stand there once');
});
