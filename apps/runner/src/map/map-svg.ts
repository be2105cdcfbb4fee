/**
 * A map as a picture: the pool as one strip with its regions to scale, and each heap as lines of memory in which every block
 * is drawn in its class's colour, filled while it is live. It stands alone (no script, no font, no link), follows the reader's
 * light or dark scheme, and everything in it says on hovering what it is.
 */
import type { Block } from '@pool/alloc';
import { counted, grouped } from '../report/text.ts';
import { byClass, cellsOf, extentOf } from './cells.ts';
import { byteText, classText, percent } from './figures.ts';
import { colorOf, STYLE } from './map-style.ts';
import type { HeapMap, MapRegion, PoolMap } from './pool-map.ts';
import { element, text } from './xml.ts';

const WIDTH = 1000;
const MARGIN = 20;
const INNER: number = WIDTH - 2 * MARGIN;
const STRIP_HEIGHT = 28;
const LINE = 18;
/** Lines of memory that a heap is drawn in, at most, and how high each is. */
const HEAP_LINES = 32;
const HEAP_LINE_HEIGHT = 14;
/** More blocks than this are drawn as cells, so that the file stays small. */
const MOST_BLOCKS = 5_000;
const CELLS_PER_LINE = 128;

/** A whole SVG document. */
export function mapSvg(map: PoolMap): string {
  const page = new Page();
  const { title, words, reserved, maxWords } = map;
  const growth = maxWords > words ? `, can grow to ${grouped(maxWords)}` : '';
  const summary = `${counted(words, 'word')} (${byteText(words)}), ${grouped(reserved)} reserved${growth}`;
  page.heading(title, 'title');
  page.line(summary);
  drawRegions(page, map);
  for (const heap of map.heaps) drawHeap(page, heap);
  const height = page.y + MARGIN;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: 'img',
      'aria-labelledby': 'map-title map-summary',
    },
    '\n',
    element('title', { id: 'map-title' }, text(title)),
    element('desc', { id: 'map-summary' }, text(summary)),
    element('style', {}, STYLE),
    element('rect', { class: 'paper', width: '100%', height: '100%' }),
    '\n',
    page.parts.join('\n'),
    '\n',
  )}\n`;
}

/** Elements from top to bottom. */
class Page {
  readonly parts: string[] = [];
  y: number = MARGIN;

  heading(content: string, kind: 'title' | 'section'): void {
    this.y += kind === 'title' ? 16 : 34;
    this.parts.push(element('text', { class: kind, x: MARGIN, y: this.y }, text(content)));
    this.y += 6;
  }

  line(content: string): void {
    this.y += LINE - 4;
    this.parts.push(element('text', { x: MARGIN, y: this.y }, text(content)));
    this.y += 6;
  }

  /** One row: a swatch (`none`: without), and texts at their places. Numbers end at theirs. */
  row(swatch: string, cells: readonly (readonly [x: number, content: string, anchor?: 'end'])[]): void {
    this.y += LINE;
    if (swatch !== 'none')
      this.parts.push(element('rect', { class: swatch, x: MARGIN, y: this.y - 10, width: 12, height: 12 }));
    this.parts.push(
      ...cells.map(([x, content, anchor]) =>
        element('text', { x: MARGIN + x, y: this.y, ...(anchor ? { 'text-anchor': anchor } : {}) }, text(content)),
      ),
    );
  }
}

function drawRegions(page: Page, { regions, words }: PoolMap): void {
  page.y += 8;
  for (const [index, region] of regions.entries()) {
    const x = MARGIN + (region.at / words) * INNER;
    const width = Math.max(0.5, (region.words / words) * INNER);
    page.parts.push(
      box(regionClass(region, index), x, page.y, width, STRIP_HEIGHT, `${regionText(region)}: ${range(region)}`),
    );
  }
  page.y += STRIP_HEIGHT + 6;
  page.row('none', [
    [100, 'at', 'end'],
    [190, 'words', 'end'],
    [270, 'size', 'end'],
  ]);
  for (const [index, region] of regions.entries())
    page.row(regionClass(region, index), [
      [100, grouped(region.at), 'end'],
      [190, grouped(region.words), 'end'],
      [270, byteText(region.words), 'end'],
      [290, regionText(region)],
    ]);
}

function drawHeap(page: Page, heap: HeapMap): void {
  const { name, strategy, stats, blocks } = heap;
  page.heading(`heap ${name}${strategy === name ? '' : ` (${strategy})`}`, 'section');
  page.line(
    `${grouped(stats.used)} of ${counted(stats.capacity, 'word')} in use, ${percent(stats.used / (stats.capacity || 1))}, in ${counted(stats.live, 'block')}; ` +
      `largest free ${grouped(stats.largestFree)}, fragmentation ${percent(stats.fragmentation)}`,
  );
  const groups = byClass(blocks);
  const colors = new Map(groups.map(({ words }, index) => [words, words === undefined ? 'grey' : colorOf(index)]));
  if (blocks.length > 0) drawMemory(page, blocks, colors);
  page.line('filled: live; pale and dashed: cached; grey: free; blank: in no block');
  for (const group of groups)
    page.row(`${colors.get(group.words)} live`, [
      [100, classText(group.words), 'end'],
      [
        120,
        `${grouped(group.live)} live, ${grouped(group.cached)} cached, ${grouped(group.free)} free; ${counted(group.liveWords, 'word')} live`,
      ],
    ]);
}

function drawMemory(page: Page, blocks: readonly Block[], colors: ReadonlyMap<number | undefined, string>): void {
  const extent = extentOf(blocks, HEAP_LINES * CELLS_PER_LINE);
  const lineWords = extent.cellWords * CELLS_PER_LINE;
  const top = page.y + 4;
  const pitch = HEAP_LINE_HEIGHT + 2;
  const put = (kind: string, from: number, to: number, said: string, opacity?: number): void => {
    for (let at = from; at < to; ) {
      const line = Math.floor((at - extent.from) / lineWords);
      const end = Math.min(to, extent.from + (line + 1) * lineWords);
      const x = MARGIN + ((at - extent.from - line * lineWords) / lineWords) * INNER;
      page.parts.push(
        box(kind, x, top + line * pitch, ((end - at) / lineWords) * INNER, HEAP_LINE_HEIGHT, said, opacity),
      );
      at = end;
    }
  };
  if (blocks.length <= MOST_BLOCKS)
    for (const block of blocks)
      put(`${colors.get(block.class)} ${block.state}`, block.at, block.at + block.words, blockText(block));
  else
    for (const group of byClass(blocks))
      for (const [index, { live, cached, free }] of cellsOf(group.blocks, extent).entries()) {
        const from = extent.from + index * extent.cellWords;
        const said = `words ${grouped(from)} to ${grouped(from + extent.cellWords - 1)}, class ${classText(group.words)}: ${grouped(live)} live, ${grouped(cached)} cached, ${grouped(free)} free`;
        if (live > 0)
          put(`${colors.get(group.words)} live`, from, from + extent.cellWords, said, live / extent.cellWords);
      }
  page.y = top + Math.ceil(extent.cells / CELLS_PER_LINE) * pitch;
}

function box(
  kind: string,
  x: number,
  y: number,
  width: number,
  height: number,
  said: string,
  opacity?: number,
): string {
  return element(
    'rect',
    {
      class: kind,
      x: rounded(x),
      y,
      width: rounded(width),
      height,
      ...(opacity === undefined ? {} : { 'fill-opacity': rounded(0.15 + 0.85 * opacity) }),
    },
    element('title', {}, text(said)),
  );
}

function regionClass({ what }: MapRegion, index: number): string {
  return what === 'not reserved' ? 'free' : `${colorOf(index)} live`;
}

function regionText({ name, what }: MapRegion): string {
  return name === '' ? what : `${name}, ${what}`;
}

function blockText({ at, words, state, owner, class: size }: Block): string {
  const whose = owner === undefined ? '' : `, owner ${owner.id} in generation ${owner.generation}`;
  return `${range({ at, words })}: ${state}, class ${classText(size)}${whose}`;
}

function range({ at, words }: { readonly at: number; readonly words: number }): string {
  return `words ${grouped(at)} to ${grouped(at + words - 1)} (${grouped(words)})`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
