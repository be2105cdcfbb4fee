/** An execution as a graph for Graphviz: a column for each thread, coherence, reads-from and synchronization between them. */
import type { Execution, ExecutionEvent } from './execution.ts';

const STYLE = {
  po: 'color=black',
  rf: 'color="#1a7f37", fontcolor="#1a7f37", label=rf',
  sw: 'color="#0550ae", fontcolor="#0550ae", label="rf, sw", penwidth=2',
  co: 'color="#9a6700", fontcolor="#9a6700", label=co, style=dashed',
  fr: 'color="#a40e26", fontcolor="#a40e26", label=fr, style=dashed',
} as const;

export function formatDot(execution: Execution, title = 'execution'): string {
  const lines = [
    `digraph ${quote(title)} {`,
    '  node [shape=box, fontname=monospace];',
    '  edge [fontname=monospace];',
  ];
  execution.threads.forEach((thread, column) => {
    lines.push(`  subgraph cluster_${column} {`, `    label=${quote(thread)};`);
    execution.events.forEach((event, index) => {
      if (event.thread === thread) lines.push(`    e${index} [label=${quote(label(event))}];`);
    });
    lines.push('  }');
  });
  for (const { kind, from, to } of execution.edges)
    lines.push(`  e${from} -> e${to} [${STYLE[kind]}${kind === 'po' ? '' : ', constraint=false'}];`);
  lines.push('}', '');
  return lines.join('\n');
}

function label(event: ExecutionEvent): string {
  if (event.text !== undefined) return event.text;
  switch (event.kind) {
    case 'read':
      return `R ${event.order} ${event.place} = ${event.value}`;
    case 'write':
      return `W ${event.order} ${event.place} = ${event.value}`;
    case 'fence':
      return `F ${event.order}`;
    case 'choice':
      return `branch ${event.value}`;
    case 'wake':
      return `wake ${event.place}`;
    default:
      return event.kind satisfies never;
  }
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
