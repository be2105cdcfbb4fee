/** One session of the terminal debugger: commands in, text out. How lines come and go is terminal.ts's. */
import { setImmediate } from 'node:timers/promises';
import { type Debugger, formatLocation, LinkError, type Stop, type VerifiedProgram } from '@pool/vm';
import { parseInteger } from '../commands/arguments.ts';
import { didYouMean, oneOf } from '../manifest/nearest.ts';
import { columns, counted, wordText } from '../report/text.ts';
import { listText, memoryText, placeText, registersText, stopText, traceText, windowText } from './show.ts';
import { Slices } from './slices.ts';
import { SourceLines } from './source-lines.ts';

/** A command that cannot be done as it stands; the session goes on. */
class CommandError extends Error {}

interface DebugCommand {
  readonly names: readonly string[];
  /** The name, and the words that may follow it: as many as stand there, `...` for any number. */
  readonly usage: string;
  readonly doc: string;
  readonly run: (words: readonly string[]) => string | Promise<string>;
  /** What the first word can be. */
  readonly complete?: () => readonly string[];
}

/** Steps between two looks at what the terminal has to say. */
const STEPS_BETWEEN_LOOKS = 4096;
const MEMORY_BYTES = 64;
const MOST_BYTES = 65_536;
const MOST_SHOWN_WORDS = 1024;
/** Where only a place was named. */
const MOST_UNASKED_WORDS = 64;

export class DebugSession {
  readonly #debugger: Debugger;
  readonly #program: VerifiedProgram['program'];
  readonly #sources = new SourceLines();
  readonly #commands: readonly DebugCommand[];
  #running = false;
  #interrupted = false;
  #quit = false;
  #last: Stop | undefined;
  /** The line that the next `list` without a place shows, where one follows another. */
  #listed: number | undefined;

  constructor(program: VerifiedProgram, session: Debugger) {
    this.#program = program.program;
    this.#debugger = session;
    this.#commands = this.#table();
  }

  get hasQuit(): boolean {
    return this.#quit;
  }
  /** Where the last command that ran the program ended. */
  get lastStop(): Stop | undefined {
    return this.#last;
  }

  /** Where the program stands at first. */
  greeting(): string {
    return `${this.#program.name}, before its first instruction; help lists the commands\n${placeText(this.#debugger.at, this.#sources)}`;
  }

  /** Does what a line says; `ok`: whether it could be done. */
  async execute(line: string): Promise<{ readonly text: string; readonly ok: boolean }> {
    const [name, ...words] = line.trim().split(/\s+/);
    if (name === undefined || name === '' || name.startsWith('#')) return { text: '', ok: true };
    try {
      const command = this.#find(name);
      const surplus = surplusWord(command.usage, words);
      if (surplus !== undefined)
        throw new CommandError(`${command.names[0]} takes no ${surplus} (usage: ${command.usage})`);
      if (!command.names.includes('list')) this.#listed = undefined;
      return { text: await command.run(words), ok: true };
    } catch (error) {
      if (error instanceof CommandError || error instanceof LinkError) return { text: error.message, ok: false };
      throw error;
    }
  }

  /** Stops the program soon; whether it runs. */
  interrupt(): boolean {
    this.#interrupted = true;
    return this.#running;
  }

  /** For readline: what the last word of a line could go on to, and that word. */
  complete(line: string): [string[], string] {
    const words = line.trimStart().split(/\s+/);
    const word = words.at(-1) ?? '';
    const candidates =
      words.length <= 1
        ? this.#commands.map(({ names }) => `${names[0]} `)
        : (this.#commands.find(({ names }) => names.includes(words[0] as string))?.complete?.() ?? []);
    return [candidates.filter((candidate) => candidate.startsWith(word)), word];
  }

  #find(name: string): DebugCommand {
    const exact = this.#commands.find(({ names }) => names.includes(name));
    const begun = this.#commands.filter(({ names }) => names[0]?.startsWith(name));
    const found = exact ?? (begun.length === 1 ? begun[0] : undefined);
    if (found !== undefined) return found;
    const all = this.#commands.map(({ names }) => names[0] as string);
    const hint =
      begun.length > 1 ? `it could be ${begun.map(({ names }) => names[0]).join(', ')}` : didYouMean(name, all);
    throw new CommandError(`there is no command ${name} (${hint ?? 'help lists them'})`);
  }

  #table(): readonly DebugCommand[] {
    const session = this.#debugger;
    const functions = (): string[] => this.#program.functions.map(({ name }) => name);
    const places = (): string[] => session.names.map(({ name }) => name);
    const registers = (): string[] => session.frames()[0]?.registers.map(({ name }) => name) ?? [];
    return [
      {
        names: ['break', 'b'],
        usage: 'break [FUNCTION | LINE | FILE:LINE]',
        doc: 'stop there; without a place, list breakpoints and watches',
        run: (words) => this.#break(words),
        complete: functions,
      },
      {
        names: ['watch', 'w'],
        usage: 'watch PLACE[INDEX]',
        doc: 'stop when the word has changed; without an index, when any word of the place or window has',
        run: (words) => this.#watch(words),
        complete: places,
      },
      {
        names: ['delete', 'd'],
        usage: 'delete NUMBER...',
        doc: 'remove breakpoints or watches',
        run: (words) => this.#delete(words),
      },
      {
        names: ['step', 's'],
        usage: 'step [COUNT]',
        doc: 'run one instruction, into calls',
        run: (words) => this.#repeat(words, () => session.step()),
      },
      {
        names: ['next', 'n'],
        usage: 'next [COUNT]',
        doc: 'run one instruction, over calls',
        run: (words) => this.#repeat(words, (most) => session.next(most)),
      },
      {
        names: ['finish', 'f'],
        usage: 'finish',
        doc: 'run until this function has returned',
        run: () => this.#repeat([], (most) => session.finish(most)),
      },
      {
        names: ['continue', 'c'],
        usage: 'continue',
        doc: 'run until something stops it',
        run: () => this.#repeat([], (most) => session.continue(most)),
      },
      {
        names: ['registers', 'r'],
        usage: 'registers [FRAME]',
        doc: 'the registers of this function, or of a caller',
        run: (words) => this.#registers(words),
      },
      {
        names: ['memory', 'm'],
        usage: 'memory ADDRESS [LENGTH]',
        doc: 'bytes of private memory; the address may be a register',
        run: (words) => this.#memory(words),
        complete: registers,
      },
      {
        names: ['words', 'p'],
        usage: 'words [PLACE[INDEX] [COUNT]]',
        doc: 'words of the pool; without an index, those of the place; without a place, what there is',
        run: (words) => this.#words(words),
        complete: places,
      },
      {
        names: ['trace', 'bt', 'where'],
        usage: 'trace',
        doc: 'the calls that have not returned',
        run: () => traceText(session.backTrace()),
      },
      {
        names: ['list', 'l'],
        usage: 'list [LINE | FUNCTION]',
        doc: 'the source around here, around a place, or further on',
        run: (words) => this.#list(words),
        complete: functions,
      },
      {
        names: ['fuel'],
        usage: 'fuel [UNITS]',
        doc: 'the fuel that is left; or add some',
        run: (words) => this.#fuel(words),
      },
      { names: ['help', 'h', '?'], usage: 'help', doc: 'this list', run: () => this.#help() },
      { names: ['quit', 'q', 'exit'], usage: 'quit', doc: 'leave', run: () => this.#leave() },
    ];
  }

  #break(words: readonly string[]): string {
    const [place] = words;
    if (place === undefined) {
      const rows = [
        ...this.#debugger.breakpoints.flatMap(({ number, at }) =>
          at.map((one) => [`${number}`, `${one.function} at ${formatLocation(one)}`]),
        ),
        ...this.#debugger.watches.map(({ number, name }) => [`${number}`, `watch ${name}`]),
      ];
      return rows.length === 0 ? 'no breakpoints' : columns(rows, ['right', 'left']);
    }
    const line = /^(?:(.+):)?(\d+)$/.exec(place);
    const { functions } = this.#program;
    if (line === null && functions.every(({ name }) => name !== place))
      throw new CommandError(noPlace(place, functions));
    const breakpoint = this.#debugger.addBreakpoint(
      line === null ? { function: place } : { line: Number(line[2]), file: line[1] ?? this.#debugger.at.file },
    );
    const at = breakpoint.at.map((one) => placeText(one, this.#sources)).join('\n');
    return `breakpoint ${breakpoint.number}: ${at}`;
  }

  #watch(words: readonly string[]): string {
    const { name, index } = wordPlace(words[0] ?? missing('watch PLACE[INDEX]'));
    const { number, name: watched, last } = this.#debugger.addWatch(name, index);
    const [value] = last;
    const what =
      last.length === 1 && value !== undefined ? ` is ${wordText(value)}` : `, ${counted(last.length, 'word')}`;
    return `watch ${number}: ${watched}${what}`;
  }

  #delete(words: readonly string[]): string {
    if (words.length === 0) missing('delete NUMBER...');
    return words
      .map((word) => {
        if (!this.#debugger.remove(count(word))) throw new CommandError(`there is no breakpoint or watch ${word}`);
        return `${word} is gone`;
      })
      .join('\n');
  }

  async #repeat(words: readonly string[], run: (most: number) => Stop): Promise<string> {
    const times = words[0] === undefined ? 1 : count(words[0]);
    if (times === 0) throw new CommandError('0 is no number of times: 1 is the least');
    this.#interrupted = false;
    this.#running = true;
    const slices = new Slices();
    let stop: Stop | undefined;
    try {
      for (let done = 0; done < times; done++) {
        stop = run(slices.next());
        while (stop.kind === 'paused' && stop.why === 'limit') {
          slices.end();
          await setImmediate();
          if (this.#interrupted) break;
          stop = this.#debugger.continue(slices.next());
        }
        this.#last = stop;
        if (stop.kind !== 'paused' || stop.why !== 'step') break;
        if (done % STEPS_BETWEEN_LOOKS !== 0) continue;
        await setImmediate();
        if (this.#interrupted) break;
      }
    } finally {
      this.#running = false;
    }
    return stop === undefined ? '' : stopText(stop, this.#sources);
  }

  #registers(words: readonly string[]): string {
    const level = words[0] === undefined ? 0 : count(words[0]);
    const frames = this.#debugger.frames();
    const frame = frames[level];
    if (frame === undefined)
      throw new CommandError(`there is no frame ${level}; the outermost is ${frames.length - 1}`);
    return registersText(frame);
  }

  #memory(words: readonly string[]): string {
    const [from = missing('memory ADDRESS [LENGTH]'), length] = words;
    const register = this.#debugger.frames()[0]?.registers.find(({ name }) => name === from);
    const address = register?.unsigned ?? parseInteger(from);
    if (address === undefined) throw new CommandError(`${from} is neither a number nor a register`);
    const { memory } = this.#debugger;
    if (address < 0n || address >= BigInt(memory.length))
      throw new CommandError(`private memory has ${memory.length} bytes, and none at ${address}`);
    const wanted = length === undefined ? MEMORY_BYTES : count(length);
    return memoryText(memory, Number(address), Math.min(wanted, MOST_BYTES, memory.length - Number(address)));
  }

  #words(words: readonly string[]): string {
    const [place, wanted] = words;
    if (place === undefined) return windowText(this.#debugger.names);
    const { name, index } = wordPlace(place);
    const there = this.#debugger.names.find((one) => one.name === name)?.length ?? 0;
    const asked = wanted === undefined ? (index === undefined ? MOST_UNASKED_WORDS : 1) : count(wanted);
    if (asked === 0) throw new CommandError('0 is no number of words: 1 is the least');
    const first = index ?? 0;
    // At least one, which complains where there is no such word.
    const shown = Math.min(asked, MOST_SHOWN_WORDS, Math.max(1, there - first));
    const rows = Array.from({ length: shown }, (_, offset) => {
      const at = first + offset;
      return [there === 1 ? name : `${name}[${at}]`, wordText(this.#debugger.word(name, at))];
    });
    const text = columns(rows, ['left', 'right']);
    const cut = wanted === undefined && index === undefined && shown < there;
    return cut ? `${text}\n(${shown} of ${counted(there, 'word')})` : text;
  }

  #list(words: readonly string[]): string {
    const { file, line } = this.#debugger.at;
    const [place] = words;
    let around = this.#listed ?? line;
    if (place !== undefined) {
      const { functions } = this.#program;
      const body = functions.find(({ name }) => name === place);
      if (body === undefined && !/^\d/.test(place)) throw new CommandError(noPlace(place, functions));
      around = body === undefined ? count(place) : (body.positions[0] ?? 0);
    }
    const { length } = this.#sources.all(file);
    if (length > 0 && around > length) {
      this.#listed = undefined;
      throw new CommandError(`${file} ends at line ${length}`);
    }
    this.#listed = around + 11;
    const text = listText(this.#sources, file, around, line);
    if (text === undefined)
      throw new CommandError(file === '' ? 'the program carries no lines' : `the source ${file} is not here`);
    return text;
  }

  #fuel(words: readonly string[]): string {
    if (words[0] !== undefined) this.#debugger.addFuel(count(words[0]));
    const { fuelLeft } = this.#debugger;
    return fuelLeft === Number.POSITIVE_INFINITY ? 'no limit' : `${fuelLeft} left`;
  }

  #help(): string {
    const rows = this.#commands.map(({ usage, names, doc }) => [usage, names.slice(1).join(' '), doc]);
    const notes =
      'A beginning of a name is enough. An empty line repeats the last step, next, finish, continue or list.';
    return `${columns(rows, ['left', 'left', 'left'])}\n${notes}`;
  }

  #leave(): string {
    this.#quit = true;
    return '';
  }
}

/** `name`, or `name[index]`. */
function wordPlace(text: string): { name: string; index: number | undefined } {
  const [, name, index] = /^([^[]*)(?:\[(.*)\])?$/.exec(text) ?? [];
  return { name: name ?? text, index: index === undefined ? undefined : count(index) };
}

/** The first word past those that a usage has. */
function surplusWord(usage: string, words: readonly string[]): string | undefined {
  if (usage.endsWith('...')) return undefined;
  const [, ...taken] = usage.replaceAll('[INDEX]', '').replaceAll(' | ', '|').split(' ');
  return words[taken.length];
}

function count(text: string): number {
  const value = parseInteger(text);
  if (value === undefined || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CommandError(`${text} is not a whole number of at least 0`);
  return Number(value);
}

function noPlace(place: string, functions: readonly { readonly name: string }[]): string {
  const hint = oneOf(
    place,
    functions.map(({ name }) => name),
  );
  return `there is no function ${place}, and it is no line${hint === undefined ? '' : ` (${hint})`}`;
}

function missing(usage: string): never {
  throw new CommandError(`usage: ${usage}`);
}
