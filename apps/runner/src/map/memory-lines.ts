/**
 * A heap's memory as lines of equal length, from top to bottom. Up to some thousand blocks are drawn one by one; more than that
 * cell by cell, each in the colour of the class that has most of it, as full as it is live.
 */
import type { Block } from '@pool/alloc';
import { grouped } from '../report/text.ts';
import { byClass, type Cell, cellsOf, type Extent, extentOf } from './cells.ts';
import { classText, ownerText } from './figures.ts';
import { box, INNER_WIDTH, MARGIN, rangeText } from './shapes.ts';

const MOST_BLOCKS = 5_000;
const MOST_LINES = 32;
const CELLS_PER_LINE = 128;
const LINE_HEIGHT = 14;
const LINE_PITCH = 16;

/** Colours by size class. */
export type Colors = ReadonlyMap<number | undefined, string>;

interface Range {
  readonly at: number;
  words: number;
}

interface Stretch extends Readonly<Range> {
  readonly look: string;
  readonly title: string;
  readonly share?: number;
}

/** The boxes of a heap's blocks, from `top` on downwards, and how high that is. */
export function memoryLines(
  blocks: readonly Block[],
  colors: Colors,
  top: number,
): { boxes: string[]; height: number } {
  const extent = extentOf(blocks, MOST_LINES * CELLS_PER_LINE);
  const stretches =
    blocks.length <= MOST_BLOCKS ? blocks.map((one) => ofBlock(one, colors)) : ofCells(blocks, extent, colors);
  const lineWords = extent.cellWords * CELLS_PER_LINE;
  const boxes: string[] = [];
  for (const { at: from, words, ...said } of stretches)
    for (let at = from; at < from + words; ) {
      const line = Math.floor((at - extent.from) / lineWords);
      const begin = extent.from + line * lineWords;
      const end = Math.min(from + words, begin + lineWords);
      const x = MARGIN + ((at - begin) / lineWords) * INNER_WIDTH;
      const width = ((end - at) / lineWords) * INNER_WIDTH;
      boxes.push(box({ ...said, x, y: top + line * LINE_PITCH, width, height: LINE_HEIGHT }));
      at = end;
    }
  return { boxes, height: Math.ceil(extent.cells / CELLS_PER_LINE) * LINE_PITCH };
}

function ofBlock({ at, words, state, owner, class: size }: Block, colors: Colors): Stretch {
  const whose = owner === undefined ? '' : `, ${ownerText(owner)}`;
  const title = `${rangeText(at, words)}: ${state}, class ${classText(size)}${whose}`;
  return { at, words, look: `${colors.get(size)} ${state}`, title };
}

function ofCells(blocks: readonly Block[], extent: Extent, colors: Colors): Stretch[] {
  const { from, cellWords } = extent;
  const classes = byClass(blocks).map(({ words, blocks: members }) => ({ words, cells: cellsOf(members, extent) }));
  const stretches: Stretch[] = [];
  const grounds: Range[] = [];
  let ground: Range = { at: 0, words: 0 };
  for (const [index, { live, cached, free }] of cellsOf(blocks, extent).entries()) {
    if (live + cached + free === 0) continue;
    const at = from + index * cellWords;
    // The ground is one stretch as long as there are blocks, whatever is drawn upon it.
    if (ground.words > 0 && ground.at + ground.words === at) ground.words += cellWords;
    else {
      ground = { at, words: cellWords };
      grounds.push(ground);
    }
    if (live + cached === 0) continue;
    const taken = ({ cells }: { readonly cells: readonly Cell[] }): number => {
      const cell = cells[index];
      return cell ? cell.live * cellWords + cell.cached : 0; // what is live counts before what is cached
    };
    const most = classes.reduce((best, one) => (taken(one) > taken(best) ? one : best));
    const look = `${colors.get(most.words)} ${live > 0 ? 'live' : 'cached'}`;
    const parts = `${grouped(live)} live, ${grouped(cached)} cached, ${grouped(free)} free`;
    const title = `${rangeText(at, cellWords)}: ${parts}, mostly class ${classText(most.words)}`;
    stretches.push({ at, words: cellWords, look, title, share: Math.max(live, cached) / cellWords });
  }
  const free = ({ at, words }: Range): Stretch => ({ at, words, look: 'free', title: `${rangeText(at, words)}: free` });
  return [...grounds.map(free), ...stretches];
}
