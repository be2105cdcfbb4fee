/** The main job from file to result, against one thread of plain JavaScript on the same file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareJob, runJob } from '@pool/runner';
import type { Contest } from '../contest.ts';
import { type Counted, countWords } from '../word-count.ts';

const TEXT_BYTES = 2 * 2 ** 20;

/** English-like: a vocabulary of 20,000 made-up words, drawn by Zipf's law, in lines. The same at every run. */
function makeText(): Uint8Array {
  let state = 0x2545f491;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const vocabulary = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 2 + Math.floor(random() * 9) }, () =>
      String.fromCharCode(97 + Math.floor(random() * 26)),
    ).join(''),
  );
  const parts: string[] = [];
  for (let bytes = 0; bytes < TEXT_BYTES; ) {
    const word = vocabulary[Math.floor(20_000 ** random()) - 1] ?? 'the';
    const part = `${random() < 0.1 ? word.toUpperCase() : word}${random() < 0.1 ? '.\n' : ' '}`;
    parts.push(part);
    bytes += part.length;
  }
  return new TextEncoder().encode(parts.join('').slice(0, TEXT_BYTES));
}

/** One number for a whole result: totals, and the twenty largest counts. */
function fingerprint({ words, distinct, counts }: Counted): number {
  return counts.slice(0, 20).reduce((sum, count, rank) => sum + count * (rank + 1), words * 31 + distinct * 17);
}

const wordfreq: Contest = {
  id: 'runner/wordfreq',
  title: 'the main job on 2 MiB, threads started and stopped (interpreter)',
  rival: 'one thread of plain JavaScript, a hash table of bytes on typed arrays',
  rate: { amount: TEXT_BYTES / 1e6, unit: 'MB/s' },
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'wordfreq-'));
    const file = join(folder, 'text');
    writeFileSync(file, makeText());
    const runner = dirname(fileURLToPath(import.meta.resolve('@pool/runner/package.json')));
    const job = await prepareJob(join(runner, 'jobs/word-frequency.yaml'), { input: [file] });
    const expected = fingerprint(countWords(readFileSync(file)));
    return {
      async ours(operations) {
        let sum = 0;
        for (let lap = 0; lap < operations; lap++) {
          const { results } = await runJob(job);
          const table = results.find((result) => result.kind === 'table');
          const totals = results.find((result) => result.kind === 'counters');
          if (table === undefined || totals === undefined) throw new Error('the job has other results');
          const total = (name: string): number =>
            Number(totals.counters.find((counter) => counter.name === name)?.value);
          sum += fingerprint({
            words: total('words'),
            distinct: total('distinct'),
            counts: table.records.map(({ value }) => Number(value)),
          });
        }
        return sum;
      },
      rival(operations) {
        let sum = 0;
        for (let lap = 0; lap < operations; lap++) sum += fingerprint(countWords(readFileSync(file)));
        return sum;
      },
      expected: (operations) => operations * expected,
      close: () => rmSync(folder, { recursive: true }),
    };
  },
};

export const RUNNER: readonly Contest[] = [wordfreq];
