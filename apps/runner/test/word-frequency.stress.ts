import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JobResult, nodeThreads, prepareJob, runJob } from '../src/index.ts';
import { countWords, latin1 } from './support/count-words.ts';
import { BUILT, JOBS, JobFolder, MAIN_JOB, segmentBytes } from './support/job-folder.ts';

const RUNS = process.env.POOL_LONG === '1' ? 400 : 25;
const startThread = nodeThreads(BUILT);

interface Counted {
  readonly result: JobResult;
  readonly words: ReadonlyMap<string, number>;
  readonly order: readonly string[];
  readonly totals: Readonly<Record<string, number>>;
  readonly longest: { readonly text: string; readonly bytes: number } | undefined;
}

async function count(texts: readonly Uint8Array[], chunkBytes: number, workers = 2, segments = ''): Promise<Counted> {
  using folder = new JobFolder();
  const input = texts.map((text, index) => folder.write(`text-${index}`, text));
  return read(
    await runJob(await prepareJob(folder.wordFrequency(chunkBytes, segments), { input, workers }), { startThread }),
  );
}

function read(result: JobResult): Counted {
  const [table, longest, totals] = result.results;
  if (table?.kind !== 'table' || longest?.kind !== 'table' || totals?.kind !== 'counters')
    throw new Error('other results than the manifest names');
  const first = longest.records[0];
  return {
    result,
    words: new Map(table.records.map(({ text, value }) => [latin1(text), Number(value)])),
    order: table.records.map(({ text }) => latin1(text)),
    totals: Object.fromEntries(totals.counters.map(({ name, value }) => [name, Number(value)])),
    longest: first && { text: latin1(first.text), bytes: Number(first.value) },
  };
}

/** What a count of `texts` must be, down to the order of the table and the number of chunks. */
function expectCount(counted: Counted, texts: readonly Uint8Array[], chunkBytes: number): void {
  const expected = countWords(texts);
  expect(counted.words).toEqual(expected);
  const byCount = [...expected].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
  expect(counted.order).toEqual(byCount);
  expect(counted.totals).toEqual({
    words: [...expected.values()].reduce((sum, each) => sum + each, 0),
    distinct: expected.size,
    bytes: texts.reduce((sum, text) => sum + text.length, 0),
    chunks: texts.reduce((sum, text) => sum + Math.ceil(text.length / chunkBytes), 0),
  });
  const [longest] = [...expected.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  expect(counted.longest).toEqual(
    longest === undefined
      ? undefined
      : { text: longest.slice(0, Math.min(64, segmentBytes(chunkBytes) - 48)), bytes: longest.length },
  );
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('word frequency, against an independent count', () => {
  it.each<[name: string, texts: string[], chunkBytes: number]>([
    ['one chunk', ['The quick brown fox. THE END, the end'], 64],
    ['an empty file', [''], 64],
    ['no files with anything in them', ['', '', ''], 8],
    ['only separators', [' \n\t0123456789 _-.,;:!?\0\x7f'.repeat(20)], 8],
    ['a word larger than several chunks', [`a ${'LongWord'.repeat(50)} b`], 16],
    ['nothing but one word larger than several chunks', ['x'.repeat(1_000)], 16],
    ['a word that ends where a chunk ends', ['abcdefgh ijklmnop qr'], 8],
    ['chunks of one byte', ['It was the best of times, it was the worst of times'], 1],
    ['words do not span files', ['left', 'right', 'le', 'ft', '', 'ft'], 3],
    ['bytes of 128 and above belong to words unchanged', ['caf\xe9 CAF\xc9 \x80\xff\x80 na\xefve Na\xefve'], 5],
    ['words of 8 and 9 bytes', ['abcdefgh abcdefghi bcdefghi abcdefgh zabcdefgh ABCDEFGH'], 7],
    ['neighbours of the letters are separators', ['a@Z[a`z{A'], 4],
    ['ties in byte order', ['b a c \xe9 B A C'], 3],
  ])('%s', async (_, texts, chunkBytes) => {
    const given = texts.map(bytes);
    expectCount(await count(given, chunkBytes), given, chunkBytes);
  });

  it.each(
    ['manual', 'counted', 'epoch'].flatMap((reuse) =>
      ['static', 'free-list', 'buddy', 'general', '{ general: 1 MiB }'].map((storage) => ({ reuse, storage })),
    ),
  )('the same with reuse: $reuse and storage: $storage', async ({ reuse, storage }) => {
    const given = [bytes('the quick brown fox '.repeat(200)), bytes('jumps over the lazy dog '.repeat(150))];
    const lines = `\n  reuse: ${reuse}\n  storage: ${storage}`;
    expectCount(await count(given, 64, 2, lines), given, 64);
  });

  it(
    'random texts in tiny chunks, on one to three mappers',
    async () => {
      const text = fc
        .array(
          fc.oneof(
            { weight: 6, arbitrary: fc.constantFrom(...'aAbBzZ') },
            { weight: 1, arbitrary: fc.constantFrom(...' .@[`{\0') },
            { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) },
          ),
          { maxLength: 400, size: 'max' },
        )
        .map((characters) => bytes(characters.join('')));
      await fc.assert(
        fc.asyncProperty(
          fc.array(text, { maxLength: 5 }),
          fc.integer({ min: 1, max: 40 }),
          fc.integer({ min: 1, max: 3 }),
          async (texts, chunkBytes, workers) => {
            expectCount(await count(texts, chunkBytes, workers), texts, chunkBytes);
          },
        ),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 3_000,
  );

  it('long words whose hashes are all the same', async () => {
    using folder = new JobFolder();
    cpSync(JOBS, folder.path, { recursive: true });
    const table = join(folder.path, 'word-frequency', 'word-table.pasm');
    const weak = readFileSync(table, 'utf8').replace('const HASH_PRIME = 0x100000001b3', 'const HASH_PRIME = 0');
    expect(weak).toContain('HASH_PRIME = 0\n');
    writeFileSync(table, weak);
    const words = [
      'abcdefghi',
      'abcdefghj',
      'abcdefghij',
      'bbcdefghi',
      'abcdefgh',
      'ABCDEFGHI',
      'abcdefghijklmnopq',
      'abcdefghijklmnopr',
    ];
    const given = [bytes(words.flatMap((word, index) => Array(index + 1).fill(word)).join(' '))];
    const input = [folder.write('text', given[0] ?? '')];
    const job = await prepareJob(join(folder.path, 'word-frequency.yaml'), { input, workers: 2 });
    expectCount(read(await runJob(job, { startThread })), given, 65_536);
  });

  it('a vocabulary that makes tables and memory grow, and takes many segments', async () => {
    const words = Array.from({ length: 30_000 }, (_, index) =>
      (index * 2_654_435_761).toString(36).replace(/\d/g, (digit) => 'klmnopqrst'[Number(digit)] ?? ''),
    );
    const given = [bytes(words.join(' ')), bytes(words.slice(0, 10_000).reverse().join('\n'))];
    expectCount(await count(given, 4_096), given, 4_096);
  });

  it('the default input', async () => {
    const job = await prepareJob(MAIN_JOB);
    const texts = job.files.map(({ path }) => readFileSync(path));
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeGreaterThan(2 * 2 ** 20);
    expectCount(read(await runJob(job, { startThread })), texts, 65_536);
  });
});
