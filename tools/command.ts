/** Commands run in the workspace's root, with their output passed through. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '..');

/** The environment of every command: those of the root's development dependencies are found first. */
export const ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

/** Whether the command ended with 0. */
export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...ENVIRONMENT, ...env },
  });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** As `run`, but the output is shown only if the command fails. */
export function runQuietly(command: string, args: readonly string[]): boolean {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENVIRONMENT,
  });
  if (status === 0) return true;
  console.error(error ? `${command}: ${error.message}` : `${stdout}${stderr}`.trimEnd());
  return false;
}
