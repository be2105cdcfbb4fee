/** The built core in a real browser: on a page that may compile WebAssembly, and on one that may not. Needs the build. */
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, NO_CHROMIUM } from './chromium.ts';
import { serve } from './serve.ts';

describe.skipIf(CHROMIUM === undefined)(`core in Chromium${CHROMIUM === undefined ? ` (${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  test.each([
    ['accelerated', 'where WebAssembly may be compiled', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"],
    ['plain', 'under a strict content security policy', "default-src 'self'; script-src 'self'"],
  ])('two workers add to one word by the %s engine, %s', async (engine, _, policy) => {
    const { url, server } = await serve(policy);
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForFunction('globalThis.result !== undefined');
      expect(await page.evaluate('globalThis.result')).toEqual({
        total: 200_000,
        engines: [engine, engine, engine],
        blocking: 'MustNotBlockError',
        isolated: true,
      });
      await page.close();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
