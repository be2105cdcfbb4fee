/** Generates and builds every package in the order of its dependencies; quiet unless something fails. */
import { run } from './command.ts';

const quiet = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', TURBO_PRINT_VERSION_DISABLED: '1' };
const args = ['run', 'build', '--output-logs=errors-only', '--ui=stream', ...process.argv.slice(2)];
process.exitCode = run('turbo', args, quiet) ? 0 : 1;
