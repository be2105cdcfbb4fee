/**
 * Three kinds of failure stay apart, because they ask different things of whoever reads them. A `SetupError` is about what was
 * given: the manifest, a file, a program's source; nothing has been started. A `JobError` is about a job that ran: a program
 * trapped, ran out of fuel or time, or its thread died. Anything else that is thrown is a bug of this package.
 */

/** One thing that is wrong, and where. */
export interface Problem {
  /** `file:line:column`, or the file alone. */
  readonly at?: string;
  readonly message: string;
  /** What to do about it, where that can be guessed. */
  readonly hint?: string;
}

/** What was given cannot be run. Thrown before anything is started. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join('\n'), options);
    this.problems = problems;
  }
}

/** A program that was given is at fault: it does not assemble, breaks a rule, or trapped. The message is whole, line by line. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** Why a job ended before it was done. */
export type JobFault =
  | 'trap' // a program did what it must not, or said itself that it cannot go on
  | 'out of fuel' // a program used up its fuel
  | 'out of time' // the whole job took longer than its limit
  | 'death' // a worker thread ended without a word
  | 'input' // an input file could not be read to its end, or programs left some of it unread
  | 'result' // what a program handed over as a result is not what the manifest says
  | 'cancelled'; // the caller's signal

/** A job that was started and failed. Its pool is gone; what it had printed as results: nothing. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly fault: JobFault;
  /** `program#instance`, where one is to blame. */
  readonly instance: string | undefined;

  constructor(fault: JobFault, message: string, instance?: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
    this.instance = instance;
  }
}

function formatProblem({ at, message, hint }: Problem): string {
  return `${at === undefined ? '' : `${at}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
