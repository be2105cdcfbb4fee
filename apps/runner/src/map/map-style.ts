/** The colours of the picture, in the reader's scheme. */

/** Told apart by people who see few colours too (Okabe and Ito, "Color Universal Design", 2008), and on either ground. */
const COLORS: readonly string[] = ['#0077bb', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b3a100'];
/** For what is of no class, so that it is never taken for one. */
const GREY = '#77818c';

const FILLS: string = [...COLORS.map((color, index) => [`color${index}`, color]), ['grey', GREY]]
  .map(([name, color]) => `.${name}.live,.${name}.cached{fill:${color}}.${name}.cached{stroke:${color}}`)
  .join('');

/** The colour of the `index`th of several things, as a CSS class; they begin again when there are no more. */
export function colorOf(index: number): string {
  return `color${index % COLORS.length}`;
}

export const STYLE: string = [
  'text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328;white-space:pre}',
  '.title{font-size:18px;font-weight:600}.section{font-size:14px;font-weight:600}',
  '.paper{fill:#ffffff}rect{stroke-width:.5}',
  '.live{stroke:#ffffff}.free{fill:#eceff2;stroke:#8c959f}.cached{fill-opacity:.4;stroke-dasharray:2 1}',
  FILLS,
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.live{stroke:#0d1117}.free{fill:#21262d;stroke:#6e7681}}',
].join('');
