/** What the debugger prints: places, registers, bytes, words. */
import { type Frame, formatLocation, type Location, type Register, type Stop, type TraceFrame } from '@pool/vm';
import { columns, counted, wordText } from '../report/text.ts';
import { trapText } from '../report/trap-text.ts';
import type { SourceLines } from './source-lines.ts';

const BYTES_IN_ROW = 16;

/** Where a command ended, and the line that runs next. */
export function stopText(stop: Stop, sources: SourceLines): string {
  switch (stop.kind) {
    case 'done':
      return `done${stop.value === undefined ? '' : `: ${wordText(stop.value)}`}`;
    case 'trap':
      return trapText(stop.trap);
    case 'exhausted':
      return `out of fuel\n${placeText(stop.at, sources)}`;
    case 'interrupted':
      return `interrupted\n${placeText(stop.at, sources)}`;
    case 'paused': {
      const why = [
        ...stop.changes.map(({ watch, name, before, after }) => `watch ${watch}: ${name} was ${before}, is ${after}`),
        ...stop.breakpoints.map((number) => `breakpoint ${number}`),
        ...(stop.why === 'limit' ? ['interrupted'] : []),
      ];
      return [...why, placeText(stop.at, sources)].join('\n');
    }
    default:
      return stop satisfies never;
  }
}

export function placeText(at: Location, sources: SourceLines): string {
  const text = sources.text(at.file, at.line);
  return `${at.function} at ${formatLocation(at)}${text === undefined ? '' : `\n${String(at.line).padStart(5)}   ${text}`}`;
}

export function registersText({ registers }: Frame): string {
  const rows = registers
    .filter(({ name }) => name !== '_')
    .map(({ name, unsigned, signed, double, written }: Register) =>
      written
        ? [name, `0x${unsigned.toString(16).padStart(16, '0')}`, `${unsigned}`, `${signed}`, `${double}`]
        : [name, 'not written yet'],
    );
  if (rows.length === 0) return 'no registers';
  return columns(
    [['register', 'bits', 'unsigned', 'signed', 'double'], ...rows],
    ['left', 'left', 'right', 'right', 'right'],
  );
}

/** Bytes by 16, in hexadecimal and as text. */
export function memoryText(memory: Uint8Array, from: number, length: number): string {
  const rows: string[] = [];
  for (let at = from; at < from + length; at += BYTES_IN_ROW) {
    const bytes = memory.subarray(at, Math.min(at + BYTES_IN_ROW, from + length));
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(3 * BYTES_IN_ROW - 1)}  ${text}`);
  }
  return rows.length > 0 ? rows.join('\n') : 'no bytes';
}

/** The calls that have not returned, each with the number that `registers` takes. */
export function traceText(trace: readonly TraceFrame[]): string {
  let level = 0;
  return trace
    .map((at) => {
      const line = `#${level}  ${at.function} (${formatLocation(at)})`;
      level += 1 + (at.omitted ?? 0);
      return at.omitted === undefined ? line : `${line}\n... ${at.omitted} more`;
    })
    .join('\n');
}

/** Lines around one, which has an arrow; `undefined` if the source is not there. */
export function listText(sources: SourceLines, file: string, line: number, current: number): string | undefined {
  const all = sources.all(file);
  if (all.length === 0) return undefined;
  const first = Math.max(1, Math.min(line - 5, all.length - 10));
  return all
    .slice(first - 1, first + 10)
    .map((text, index) =>
      `${String(first + index).padStart(5)} ${first + index === current ? '>' : ' '} ${text}`.trimEnd(),
    )
    .join('\n');
}

export function windowText(names: readonly { readonly name: string; readonly length: number }[]): string {
  if (names.length === 0) return 'the program declares no windows';
  return columns(
    names.map(({ name, length }) => [name, counted(length, 'word')]),
    ['left', 'right'],
  );
}
