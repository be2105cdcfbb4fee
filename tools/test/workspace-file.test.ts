import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson, readWorkspaceFile } from '../layering/workspace.ts';

const root = join(import.meta.dirname, '../..');

test("engines are checked against the catalog's node", () => {
  const { nodeVersion, catalog } = readWorkspaceFile(root);
  expect(nodeVersion).toBe(catalog.node);
});

test('every dependency from outside takes its version from the catalog', () => {
  const manifest = readJson<{ devDependencies: Record<string, string> }>(join(root, 'package.json'));
  for (const [name, range] of Object.entries(manifest.devDependencies)) expect(range, name).toBe('catalog:');
});
