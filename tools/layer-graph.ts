/** Draws the table of layers into the root README. With `--check` it writes nothing and exits with 1 if the drawing is old. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerGraph } from './layering/graph.ts';
import { LAYERS } from './layers.ts';
import { replaceMarked } from './marked-block.ts';

const path = join(import.meta.dirname, '../README.md');
const readme = readFileSync(path, 'utf8');
const drawn = replaceMarked(readme, 'layers', `\`\`\`mermaid\n${layerGraph(LAYERS)}\n\`\`\``);

if (drawn === readme) console.log('layer graph: README.md is up to date');
else if (process.argv.includes('--check')) {
  console.error('layer graph: README.md differs from tools/layers.ts; run `pnpm graph`');
  process.exitCode = 1;
} else {
  writeFileSync(path, drawn);
  console.log('layer graph: README.md rewritten');
}
