/** A finished job as data for other programs. Numbers above 2^53 are strings. */
import type { Job } from '../job/prepare.ts';
import type { Result } from '../run/collect.ts';
import type { JobResult } from '../run/run-job.ts';
import { printable } from './escape.ts';

/** The job as JSON; `top` overrides how many records the manifest wants given. */
export function resultJson(job: Job, result: JobResult, top: number | undefined): string {
  const files = job.files.map(({ name }, index) => ({ name, bytes: result.input.fileBytes[index] }));
  return JSON.stringify(
    {
      job: result.job,
      seconds: result.seconds,
      input: { files, bytes: result.input.bytes, chunks: result.input.chunks },
      programs: result.programs,
      results: result.results.map((one) => shape(one, top)),
    },
    (_, value: unknown) => (typeof value === 'bigint' ? number(value) : value),
    2,
  );
}

function shape(result: Result, top: number | undefined): object {
  if (result.kind === 'counters')
    return {
      title: result.title,
      counters: Object.fromEntries(result.counters.map(({ name, value }) => [name, value])),
    };
  const { title, columns, records } = result;
  const shown = records.slice(0, top ?? result.top);
  return {
    title,
    total: records.length,
    records: shown.map(({ text, value }) => ({ [columns[0]]: printable(text), [columns[1]]: value })),
  };
}

function number(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}
