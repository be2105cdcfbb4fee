#!/usr/bin/env node
import { main } from './command.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // whoever reads the output has seen enough
});
process.exitCode = await main(process.argv.slice(2), interrupted.signal);
