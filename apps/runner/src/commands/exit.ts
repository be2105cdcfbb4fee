/** What the command's exit codes mean. */
export const EXIT = { done: 0, failed: 1, usage: 2, internal: 70, interrupted: 130, terminated: 143 } as const;

/** As the help of a command says it; 70, 130 and 143 mean the same everywhere. */
export function exitCodes(done: string, failed: string, usage: string): string {
  return `
Exit codes:
  0    ${done}
  1    ${failed}
  2    ${usage}
  70   a bug of this command
  130  interrupted, 143 by SIGTERM`;
}

/** For commands that take a program's file. */
export const WRONG_FILE = 'wrong usage, or a file that is not there';
