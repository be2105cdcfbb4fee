/**
 * An execution as a picture: each thread a column from top to bottom, and between them what is read from where, the order of
 * writes, and where one thread's past becomes another's. dagre lays the columns out: a thread's events are a chain whose links
 * are as long as it takes for what is read to stand above the reading. It stands alone (no script, no font, no link) and
 * follows the reader's light or dark scheme.
 */
import { graphlib, layout } from '@dagrejs/dagre';
import type { Edge, Execution, ExecutionEvent } from '@pool/check';
import { element, text } from '../map/xml.ts';

const CHARACTER = 7.3;
const HEIGHT = 26;
const MARGIN = 24;
const TITLE = 44;

/** What each kind of edge says. */
const LABELS: { readonly [Kind in Edge['kind']]: string } = {
  po: '',
  rf: 'reads from',
  sw: 'synchronizes',
  co: 'coherence',
  fr: 'from-read',
};

const STYLE = [
  'text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}',
  '.title{font-size:14px;font-weight:600}.paper{fill:#fff}.event{fill:#f6f8fa;stroke:#8c959f}.thread{font-weight:600}',
  'path{fill:none;stroke-width:1.4}.po{stroke:#6e7781}.rf{stroke:#009e73}.sw{stroke:#0077bb;stroke-width:2.4}',
  '.co{stroke:#b3a100;stroke-dasharray:5 3}.fr{stroke:#d55e00;stroke-dasharray:2 3}.label{font-size:10px}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.event{fill:#21262d;stroke:#6e7681}}',
].join('');

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Around its middle. */
interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A whole SVG document. */
export function executionSvg(execution: Execution, title: string): string {
  const { events, edges, threads } = execution;
  const depths = depthsOf(execution);
  const graph = new graphlib.Graph();
  graph.setGraph({ nodesep: 90, ranksep: 34, marginx: 3 * MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const shown = threads.filter((thread) => events.some((event) => event.thread === thread));
  for (const thread of shown) {
    const labels = events.map((event) => (event.thread === thread ? labelOf(event) : thread));
    graph.setNode(headOf(thread), { width: Math.max(...labels.map(widthOf)), height: HEIGHT }); // keeps columns apart
    let above = headOf(thread);
    let depth = -1;
    events.forEach((event, index) => {
      if (event.thread !== thread) return;
      graph.setNode(String(index), { width: widthOf(labelOf(event)), height: HEIGHT });
      graph.setEdge(above, String(index), { minlen: (depths[index] as number) - depth });
      above = String(index);
      depth = depths[index] as number;
    });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { readonly width?: number; readonly height?: number };
  const wide = Math.ceil(Math.max(width, title.length * 8.6 + 2 * MARGIN));
  const high = Math.ceil(height + TITLE);
  const boxes = events.map((_, index) => graph.node(String(index)) as Box);
  const heads = shown.map((thread) => drawHead(graph.node(headOf(thread)) as Box, thread));
  const nodes = events.map((event, index) => drawNode(boxes[index] as Box, labelOf(event)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, role: 'img' },
    element('title', {}, text(title)),
    element('style', {}, STYLE),
    element('defs', {}, arrowHead()),
    element('rect', { class: 'paper', width: '100%', height: '100%' }),
    element('text', { class: 'title', x: MARGIN, y: MARGIN }, text(title)),
    '\n',
    element(
      'g',
      { transform: `translate(0 ${TITLE})` },
      ...heads.map((head) => `${head}\n`),
      ...edges.map((edge) => `${drawEdge(boxes[edge.from] as Box, boxes[edge.to] as Box, edge.kind)}\n`),
      ...nodes.map((node) => `${node}\n`),
    ),
  )}\n`;
}

/** How far down each event stands: below what is before it in its thread, and below what it reads. */
function depthsOf({ events, edges }: Execution): number[] {
  const depths = events.map(() => 0);
  const isCause = ({ kind }: Edge): boolean => kind === 'po' || kind === 'rf' || kind === 'sw';
  // As many passes as there can be events on a path; causes have no cycle.
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to } of edges.filter(isCause)) {
      if ((depths[to] as number) > (depths[from] as number)) continue;
      depths[to] = (depths[from] as number) + 1;
      changed = true;
    }
  }
  return depths;
}

function widthOf(label: string): number {
  return label.length * CHARACTER + 20;
}

function headOf(thread: string): string {
  return `thread ${thread}`;
}

function drawHead({ x, y }: Point, thread: string): string {
  return element('text', { class: 'thread', x: round(x), y: round(y + 4), 'text-anchor': 'middle' }, text(thread));
}

function drawNode(box: Box, label: string): string {
  const name = element('text', { x: round(box.x), y: round(box.y + 4), 'text-anchor': 'middle' }, text(label));
  return element('rect', { class: 'event', ...corners(box), rx: 4 }) + name;
}

function corners({ x, y, width, height }: Box): { readonly [side in 'x' | 'y' | 'width' | 'height']: number } {
  return { x: round(x - width / 2), y: round(y - height / 2), width: round(width), height: round(height) };
}

/** Within a thread: down, or round the left side; between threads: from side to side. */
function drawEdge(from: Box, to: Box, kind: Edge['kind']): string {
  const same = Math.abs(from.x - to.x) < 1;
  if (kind === 'po') return drawPath(kind, [from.x, from.y + HEIGHT / 2], [to.x, to.y - HEIGHT / 2], 0);
  const side = same || to.x < from.x ? -1 : 1;
  const start: Corner = [from.x + (side * from.width) / 2, from.y];
  const end: Corner = [to.x + ((same ? side : -side) * to.width) / 2, to.y];
  return drawPath(kind, start, end, same ? 2 * side : side);
}

type Corner = readonly [x: number, y: number];

/** `side`: where it leaves to, left or right (0: straight); twice that where it comes in from the same side. */
function drawPath(kind: Edge['kind'], [x1, y1]: Corner, [x2, y2]: Corner, side: number): string {
  const bend = Math.abs(side) === 2 ? 36 : Math.max(30, Math.abs(x2 - x1) / 2);
  const out = x1 + Math.sign(side) * bend;
  const into = Math.abs(side) === 2 ? x2 + Math.sign(side) * bend : x2 - Math.sign(side) * bend;
  const curve =
    side === 0
      ? `L${round(x2)} ${round(y2)}`
      : `C${round(out)} ${round(y1)} ${round(into)} ${round(y2)} ${round(x2)} ${round(y2)}`;
  const line = element('path', { class: kind, d: `M${round(x1)} ${round(y1)} ${curve}`, 'marker-end': 'url(#arrow)' });
  if (LABELS[kind] === '') return line;
  const middle = { x: round((x1 + 3 * out + 3 * into + x2) / 8), y: round((y1 + y2) / 2 - 4) };
  return line + element('text', { class: 'label', ...middle, 'text-anchor': 'middle' }, LABELS[kind]);
}

function arrowHead(): string {
  const marker = { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 6, markerHeight: 6, orient: 'auto' };
  return element(
    'marker',
    marker,
    element('path', { d: 'M0 0 L8 4 L0 8 z', style: 'fill:context-stroke;stroke:none' }),
  );
}

function labelOf({ kind, place, order, value, text }: ExecutionEvent): string {
  if (text !== undefined) return text;
  switch (kind) {
    case 'read':
      return `load ${place} = ${value} (${order})`;
    case 'write':
      return `store ${place} = ${value} (${order})`;
    case 'fence':
      return `fence (${order})`;
    case 'choice':
      return `branch ${value}`;
    case 'wake':
      return `wakes, out of ${place}`;
    default:
      return kind satisfies never;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
