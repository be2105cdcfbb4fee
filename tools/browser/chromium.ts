import { existsSync } from 'node:fs';

/** Where Chromium is looked for: `CHROMIUM`, then where distributions put it. */
const PLACES: readonly string[] = [
  ...(process.env.CHROMIUM === undefined ? [] : [process.env.CHROMIUM]),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser of this machine, if it has one. */
export const CHROMIUM: string | undefined = PLACES.find((path) => existsSync(path));

export const NO_CHROMIUM: string = `no browser at ${PLACES.join(', ')}; CHROMIUM=/path/to/it names another`;
