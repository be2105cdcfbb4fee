/** docs/memory-model.md: every listing in it is a file, and every file is checked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claiming } from '../examples/claim.ts';
import { exchanging } from '../examples/exchange.ts';
import { publish } from '../examples/publish.ts';
import { sleeping } from '../examples/sleep.ts';
import { check, type FindingKind, formatFinding, type ModelProgram, type Weakening } from '../src/index.ts';

const root = join(import.meta.dirname, '..');
const document = readFileSync(join(root, '../../docs/memory-model.md'), 'utf8');

const PATTERNS: readonly (readonly [file: string, program: ModelProgram, bug: Weakening, shows: FindingKind])[] = [
  ['publish.ts', publish, { stores: () => true }, 'data race'],
  ['claim.ts', claiming, { torn: () => true }, 'data race'],
  ['sleep.ts', sleeping, { fences: true }, 'lost wake-up'],
  ['exchange.ts', exchanging, { updates: () => true }, 'data race'],
];

describe('the cookbook', () => {
  it.each(PATTERNS)('%s holds under both models, and needs what it asks for', (_, program, plant, shows) => {
    for (const model of ['sc', 'rc11'] as const) {
      const report = check(program, { model });
      expect(report.findings.map(formatFinding)).toEqual([]);
      expect(report.exhausted).toBe(true);
    }
    expect(check(program, { plant }).findings.map(({ kind }) => kind)).toContain(shows);
  });
});

describe('the document', () => {
  const listings = [...document.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, , file, text]) => [file, text] as [string, string],
  );

  it.each(listings)('has %s as the file is', (file, text) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(text).toBe(readFileSync(join(root, file), 'utf8'));
  });

  it('has every pattern, and names every litmus test', () => {
    expect(listings.map(([file]) => file).sort()).toEqual(
      ['litmus/SB.litmus', ...PATTERNS.map(([file]) => `examples/${file}`)].sort(),
    );
    for (const file of readdirSync(join(root, 'litmus')))
      expect(document).toContain(`\`${file.replace('.litmus', '')}\``);
  });

  it('has no other code', () => {
    expect([...document.matchAll(/^```\w/gm)]).toHaveLength(listings.length);
  });
});
