/** Lines between a person, or a script, and a session. Readline edits them, keeps a history and completes names. */
import { createInterface } from 'node:readline/promises';
import { visibleLines } from '../report/escape.ts';
import type { DebugSession } from './session.ts';

export interface TerminalOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Whether a person sits there: prompts, line editing, an empty line repeats the last command that ran something. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
}

const PROMPT = '(pool) ';
const REPEATED: readonly string[] = ['step', 's', 'next', 'n', 'continue', 'c', 'finish', 'f', 'list', 'l'];

/** Reads commands until `quit` or the end of the input; gives how many could not be done. */
export async function converse(session: DebugSession, options: TerminalOptions): Promise<number> {
  const { input, output, interactive, signal } = options;
  const lines = createInterface({
    input,
    ...(interactive ? { output, prompt: PROMPT, removeHistoryDuplicates: true } : {}),
    terminal: interactive,
    completer: (line: string) => session.complete(line),
    signal,
  });
  lines.on('SIGINT', () => {
    if (session.interrupt()) return;
    output.write('\n(quit leaves)\n');
    lines.prompt();
  });
  signal.addEventListener('abort', () => session.interrupt(), { once: true });
  const print = (text: string): void => {
    if (text !== '') output.write(`${visibleLines(text)}\n`);
  };
  let closed = false; // the end of the input can come while a command runs, with lines still to be taken
  lines.once('close', () => {
    closed = true;
  });
  let failed = 0;
  let last = '';
  print(session.greeting());
  if (interactive) lines.prompt();
  for await (const line of lines) {
    const typed = line.trim();
    const asked = typed === '' && interactive ? last : typed;
    const { text, ok } = await session.execute(asked);
    if (!ok) failed += 1;
    last = REPEATED.includes(asked.split(/\s/, 1)[0] ?? '') ? asked : '';
    print(text);
    if (session.hasQuit) break;
    if (interactive && !closed) lines.prompt();
  }
  lines.close();
  return failed;
}
