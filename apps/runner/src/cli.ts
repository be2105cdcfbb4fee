#!/usr/bin/env node
import { main } from './command.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // whoever reads the output has seen enough
});
const code = await main(process.argv.slice(2), interrupted.signal);
process.exitCode = code;
// A job that failed may have left a read of a pipe behind that never ends; a job that is done has not.
if (code !== 0) process.stderr.write('', () => process.exit(code));
