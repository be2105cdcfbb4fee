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
  // Lines that were typed while a command runs, and wait for their turn.
  const waiting: string[] = [];
  let arrived = (): void => {};
  lines.on('line', (line) => {
    waiting.push(line);
    arrived();
  });
  lines.on('SIGINT', () => {
    // As a shell does it: what was typed until here is not meant any more, whether or not it was sent.
    waiting.length = 0;
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
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
    arrived();
  });
  const nextLine = async (): Promise<string | undefined> => {
    while (waiting.length === 0 && !closed)
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    return waiting.shift();
  };
  let failed = 0;
  let last = '';
  print(session.greeting());
  if (interactive) lines.prompt();
  for (let line = await nextLine(); line !== undefined; line = await nextLine()) {
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
