#!/usr/bin/env node
/** Imports nothing before it knows that this Node can: an older one would end in a syntax error that says nothing. */
const NEEDED = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(`pool: this needs Node.js ${NEEDED.join('.')} or newer, and runs on ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const { main } = await import('./command.ts');
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
}

export {};
