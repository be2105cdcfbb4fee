/** Shows that long work goes on: a line that changes on a terminal, a line now and then elsewhere. Always on standard error. */
import ora from 'ora';
import type { Progress } from '../run/run-job.ts';
import { visible } from './escape.ts';
import { mebibytes } from './text.ts';

/** Elsewhere than on a terminal: a line is worth printing after so long. */
const LINE_EVERY_MS = 2_000;

export interface ProgressDisplay {
  show(progress: Progress): void;
  /** A line that stays. */
  note(line: string): void;
  /** Takes the line away. */
  end(): void;
}

export function progressDisplay(
  job: string,
  stream: NodeJS.WriteStream,
  interactive: boolean = stream.isTTY && stream.columns > 0,
): ProgressDisplay {
  const name = visible(job);
  if (!interactive) return plainLines(name, stream);
  const spinner = ora({ text: name, stream, discardStdin: false }).start();
  return {
    show: (progress) => {
      spinner.text = describe(name, progress);
    },
    note: (line) => {
      spinner.clear();
      stream.write(`${line}\n`);
      spinner.render();
    },
    end: () => {
      spinner.stop();
    },
  };
}

function plainLines(job: string, stream: NodeJS.WritableStream): ProgressDisplay {
  let last = performance.now();
  return {
    show: (progress) => {
      const now = performance.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      stream.write(`${describe(job, progress)}\n`);
    },
    note: (line) => {
      stream.write(`${line}\n`);
    },
    end: () => {},
  };
}

function describe(job: string, { bytes, totalBytes }: Progress): string {
  // A pipe has no size that could be known before it ends.
  const whole = bytes <= totalBytes ? ` of ${mebibytes(totalBytes)} MiB` : ' MiB';
  const percent = bytes <= totalBytes ? `, ${Math.floor((100 * bytes) / totalBytes)} %` : '';
  return `${job}: ${mebibytes(bytes)}${whole} handed out${percent}`;
}
