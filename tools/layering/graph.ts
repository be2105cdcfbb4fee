/** The table of layers as a Mermaid graph: arrows that other arrows imply are left out, test-only ones are dotted. */
import type { Layer } from '../layers.ts';

type Layers = Readonly<Record<string, Layer>>;

export function layerGraph(layers: Layers): string {
  const lines = ['flowchart BT'];
  for (const [name, { purpose }] of Object.entries(layers)) lines.push(`  ${name}["<b>${name}</b><br/>${purpose}"]`);
  for (const [name, { imports }] of Object.entries(layers)) {
    const implied = new Set(imports.flatMap((target) => reachable(target, layers)));
    for (const target of imports) if (!implied.has(target)) lines.push(`  ${name} --> ${target}`);
  }
  for (const [name, { testsImport }] of Object.entries(layers)) {
    for (const target of testsImport) lines.push(`  ${name} -. tests .-> ${target}`);
  }
  return lines.join('\n');
}

/** Every layer below `name`, itself excluded. Ends only where the table has no cycle, which its test asserts. */
function reachable(name: string, layers: Layers): string[] {
  const below = layers[name]?.imports ?? [];
  return below.flatMap((target) => [target, ...reachable(target, layers)]);
}
