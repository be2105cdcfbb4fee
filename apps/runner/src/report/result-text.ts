/** What a finished job prints: its results, and the summary. */
import type { Job } from '../job/prepare.ts';
import type { Result } from '../run/collect.ts';
import type { LogLine } from '../run/instance.ts';
import type { JobResult } from '../run/run-job.ts';
import { printableKey } from './cut.ts';
import { visible } from './escape.ts';
import { columns, counted, grouped, mebibytes, wordText } from './text.ts';

/** One result; `top` overrides how many records the manifest wants printed. */
export function resultText(result: Result, top: number | undefined): string {
  if (result.kind === 'counters')
    return `${visible(result.title)}\n${indented(
      columns(
        result.counters.map(({ name, value }) => [name, grouped(value)]),
        ['left', 'right'],
      ),
    )}`;
  const shown = result.records.slice(0, top ?? result.top);
  const rows = shown.map(({ text, value }, index) => [`${index + 1}`, printableKey(text), grouped(value)]);
  const rest =
    shown.length < result.records.length ? ` (${grouped(shown.length)} of ${grouped(result.records.length)})` : '';
  return `${visible(result.title)}${rest}\n${indented(columns([['#', ...result.columns.map(visible)], ...rows], ['right', 'left', 'right']))}`;
}

/** What was read, how long it took, and what each program used. */
export function summaryText(job: Job, { seconds, input, programs }: JobResult): string {
  const rows = programs.map(({ name, instances, engine, fuelUsed }) => [
    name,
    counted(instances, 'instance'),
    engine,
    `${grouped(fuelUsed)} fuel`,
  ]);
  const read = job.files.length === 0 ? '' : `${readText(job, input.bytes)} in ${counted(input.chunks, 'chunk')}, `;
  const speed = input.bytes === 0 ? '' : `, ${(input.bytes / 1e6 / seconds).toFixed(1)} MB/s`;
  return `${read}${seconds.toFixed(2)} s${speed}\n${indented(columns(rows, ['left', 'right', 'left', 'right']))}`;
}

/** What a program said with `log`. */
export function logText(line: LogLine): string {
  const said = 'value' in line ? wordText(line.value) : `${grouped(line.leftOut)} more left out`;
  return `${visible(line.instance)}: ${said}`;
}

/** Which files a job has read, short enough for one line. */
function readText({ files }: Job, bytes: number): string {
  const [first, last] = [files[0]?.name ?? '', files.at(-1)?.name ?? ''];
  const names = files.length === 1 ? first : `${counted(files.length, 'file')}, ${first} to ${last}`;
  return `${visible(names)}: ${mebibytes(bytes)} MiB`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
