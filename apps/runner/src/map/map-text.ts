/**
 * A map as text, for a terminal with block elements: the pool's regions as a table with bars, then each heap as a picture in
 * rows and its classes one by one over the same addresses, so that one sees which class is in whose way.
 */
import { visible } from '../report/escape.ts';
import { columns, counted, grouped } from '../report/text.ts';
import { byClass, type Cell, cellsOf, type Extent, extentOf } from './cells.ts';
import { byteText, classText, percent } from './figures.ts';
import type { HeapMap, MapRegion, PoolMap } from './pool-map.ts';

const BAR_COLUMNS = 16;
const ROW_CELLS = 64;
const ROWS = 8;
const CLASS_CELLS = 32;
/** More of them for one block say nothing more. */
const BLOCK_CELLS = 4;
/** The last for what is whole only. */
const RISING = '▁▂▃▄▅▆▇█';
const LENGTHENING = '▏▎▍▌▋▊▉█';

/** Ends without a line break. What it says stands in the README of this package. */
export function mapText(map: PoolMap): string {
  const { title, words, maxWords, reserved } = map;
  const growth = maxWords > words ? `, can grow to ${grouped(maxWords)}` : '';
  const head = `${visible(title)}: ${counted(words, 'word')} (${byteText(words)}), ${grouped(reserved)} reserved${growth}`;
  return [head, regionTable(map), ...map.heaps.map(heapText)].join('\n\n');
}

function regionTable({ regions, words }: PoolMap): string {
  const rows = regions.map((region) => [
    grouped(region.at),
    grouped(region.words),
    byteText(region.words),
    bar(region.words / words),
    regionText(region),
  ]);
  return indented(columns([['at', 'words', 'size', '', ''], ...rows], ['right', 'right', 'right', 'left', 'left']));
}

function regionText({ name, what }: MapRegion): string {
  return name === '' ? what : `${visible(name)}, ${what}`;
}

/** Of 16 columns, in eighths; something is never nothing. */
function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_COLUMNS * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (LENGTHENING[(eighths % 8) - 1] ?? '');
}

function heapText(heap: HeapMap): string {
  const { name, strategy, stats, blocks } = heap;
  const kind = strategy === name ? '' : ` (${visible(strategy)})`;
  const head = [
    `heap ${visible(name)}${kind}: ${grouped(stats.used)} of ${counted(stats.capacity, 'word')} in use, ${percent(stats.used / (stats.capacity || 1))}, in ${counted(stats.live, 'block')}`,
    `largest free ${grouped(stats.largestFree)}, fragmentation ${percent(stats.fragmentation)}`,
  ].join('; ');
  if (blocks.length === 0) return head;
  const extent = extentOf(blocks, ROW_CELLS * ROWS, BLOCK_CELLS);
  return [head, indented(picture(cellsOf(blocks, extent), extent)), indented(classTable(heap))].join('\n\n');
}

function picture(cells: readonly Cell[], { from, cellWords }: Extent): string {
  const rows: string[][] = [];
  for (let first = 0; first < cells.length; first += ROW_CELLS) {
    const text = cells
      .slice(first, first + ROW_CELLS)
      .map((cell) => glyph(cell, cellWords))
      .join('');
    if (text.trim() !== '') rows.push([grouped(from + first * cellWords), text]);
  }
  const legend = `one character is ${counted(cellWords, 'word')}: █ all live … ▁ some, ░ cached, · free, blank: no block`;
  return `${columns(rows, ['right', 'left'])}\n${legend}`;
}

function classTable({ blocks }: HeapMap): string {
  const extent = extentOf(blocks, CLASS_CELLS, BLOCK_CELLS);
  const rows = byClass(blocks).map((group) => [
    classText(group.words),
    grouped(group.live),
    grouped(group.cached),
    grouped(group.free),
    grouped(group.liveWords),
    cellsOf(group.blocks, extent)
      .map((cell) => glyph(cell, extent.cellWords))
      .join(''),
  ]);
  return columns(
    [['class', 'live', 'cached', 'free', 'live words', 'where'], ...rows],
    ['right', 'right', 'right', 'right', 'right', 'left'],
  );
}

/** What a cell holds most to tell: how much of it is live, else that something in it is cached, else that it is free. */
function glyph({ live, cached, free }: Cell, words: number): string {
  if (live > 0) return RISING[Math.floor((live / words) * 7)] ?? '';
  if (cached > 0) return '░';
  return free > 0 ? '·' : ' ';
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
