/** The page that a picture is drawn on, and the one shape there is: a box that says what it is. */
import { grouped } from '../report/text.ts';
import { element, text } from './xml.ts';

export const PAGE_WIDTH = 1000;
export const MARGIN = 20;
/** Between the margins. */
export const INNER_WIDTH: number = PAGE_WIDTH - 2 * MARGIN;

export interface Box {
  /** What it looks like: classes of map-style.ts. */
  readonly look: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What it says on hovering. */
  readonly title: string;
  /** How full it is, 0..1. Default: full. */
  readonly share?: number;
}

export function box({ look, x, y, width, height, title, share }: Box): string {
  const opacity = share === undefined ? {} : { 'fill-opacity': rounded(0.15 + 0.85 * share) };
  const place = { x: rounded(x), y, width: rounded(width), height };
  return element('rect', { class: look, ...place, ...opacity }, element('title', {}, text(title)));
}

/** `words 32 to 63 (32)`. */
export function rangeText(at: number, words: number): string {
  return `words ${grouped(at)} to ${grouped(at + words - 1)} (${grouped(words)})`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
