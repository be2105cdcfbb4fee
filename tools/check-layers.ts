/** Checks the real imports of every package against the table in `layers.ts`. Exits with 1 on any finding. */
import { join } from 'node:path';
import { findings } from './layering/rules.ts';
import { packageFolders, readWorkspace } from './layering/workspace.ts';
import { LAYERS } from './layers.ts';

const root = join(import.meta.dirname, '..');
const packages = readWorkspace(root, LAYERS);
const known = new Set(packages.map((unit) => unit.folder));
const lines = [
  ...packageFolders(root)
    .filter((folder) => !known.has(folder))
    .map((folder) => `${folder}  layer: has no row in tools/layers.ts`),
  ...findings(packages, LAYERS).map(({ at, rule, message }) => `${at}  ${rule}: ${message}`),
];

const counts = packages.map((unit) => `${unit.layer} ${unit.modules.length}`).join(', ');
const edges = packages.reduce(
  (sum, unit) => sum + unit.modules.reduce((edgeSum, module) => edgeSum + module.edges.length, 0),
  0,
);
for (const line of lines) console.error(line);
console.log(
  `layers: ${lines.length} findings in ${edges} imports of ${packages.reduce((sum, unit) => sum + unit.modules.length, 0)} modules (${counts})`,
);
process.exitCode = lines.length > 0 ? 1 : 0;
