/** Generates and builds every package in the order of its dependencies; quiet unless something fails. */
import { spawnSync } from 'node:child_process';

const { status, error } = spawnSync(
  'turbo',
  ['run', 'build', '--output-logs=errors-only', '--ui=stream', ...process.argv.slice(2)],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  },
);
if (error) throw error;
process.exitCode = status ?? 1;
