/**
 * A map as a picture: the pool as one strip with its regions to scale, and each heap as lines of memory in which every block
 * is drawn in its class's colour, filled while it is live. It stands alone (no script, no font, no link), follows the reader's
 * light or dark scheme, and everything in it says on hovering what it is.
 */
import { counted, grouped } from '../report/text.ts';
import { byClass } from './cells.ts';
import { byteText, classText, percent } from './figures.ts';
import { colorOf, STYLE } from './map-style.ts';
import { memoryLines } from './memory-lines.ts';
import type { HeapMap, MapRegion, PoolMap } from './pool-map.ts';
import { box, INNER_WIDTH, MARGIN, PAGE_WIDTH, rangeText } from './shapes.ts';
import { element, text } from './xml.ts';

const STRIP_HEIGHT = 28;
const LINE = 18;

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
      viewBox: `0 0 ${PAGE_WIDTH} ${height}`,
      width: PAGE_WIDTH,
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
    const x = MARGIN + (region.at / words) * INNER_WIDTH;
    const width = Math.max(0.5, (region.words / words) * INNER_WIDTH);
    const title = `${regionText(region)}: ${rangeText(region.at, region.words)}`;
    page.parts.push(box({ look: regionLook(region, index), x, y: page.y, width, height: STRIP_HEIGHT, title }));
  }
  page.y += STRIP_HEIGHT + 6;
  page.row('none', [
    [100, 'at', 'end'],
    [190, 'words', 'end'],
    [270, 'size', 'end'],
  ]);
  for (const [index, region] of regions.entries())
    page.row(regionLook(region, index), [
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
  if (blocks.length > 0) {
    const { boxes, height } = memoryLines(blocks, colors, page.y + 4);
    page.parts.push(...boxes);
    page.y += 4 + height;
  }
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

function regionLook({ what }: MapRegion, index: number): string {
  return what === 'not reserved' ? 'free' : `${colorOf(index)} live`;
}

function regionText({ name, what }: MapRegion): string {
  return name === '' ? what : `${name}, ${what}`;
}
