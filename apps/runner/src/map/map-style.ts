/** The colours of the picture, in the reader's scheme. */

/** Told apart by people who see few colours too (Okabe and Ito, "Color Universal Design", 2008), and on either ground. */
export const PALETTE: readonly string[] = [
  '#0077bb',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#b3a100',
  '#8a8f98',
];

const CLASSES: string = PALETTE.map(
  (color, index) => `.class${index}.live,.class${index}.cached{fill:${color}}.class${index}.cached{stroke:${color}}`,
).join('');

export const STYLE: string = [
  'text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328;white-space:pre}',
  '.title{font-size:18px;font-weight:600}.section{font-size:14px;font-weight:600}',
  '.paper{fill:#ffffff}rect{stroke-width:.5}',
  '.live{stroke:#ffffff}.free{fill:#eceff2;stroke:#8c959f}.cached{fill-opacity:.4;stroke-dasharray:2 1}',
  CLASSES,
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.live{stroke:#0d1117}.free{fill:#21262d;stroke:#6e7681}}',
].join('');
