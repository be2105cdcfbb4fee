#!/usr/bin/env node
/** Imports nothing before it knows that this Node can: an older one would end in a syntax error that says nothing. */
const NEEDED = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(`pool: this needs Node.js ${NEEDED.join('.')} or newer, and runs on ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const [{ main }, { EXIT }] = await Promise.all([import('./command.ts'), import('./commands/exit.ts')]);
  const interrupted = new AbortController();
  let terminated = false;
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => {
    terminated = true;
    interrupted.abort();
  });
  // What was asked for did not arrive: on a full disk, or because whoever read it is gone.
  let unwritten = false;
  process.stdout.on('error', (error: Error) => {
    if (!unwritten) process.stderr.write(`pool: standard output cannot be written: ${error.message}\n`);
    unwritten = true;
    process.exitCode = EXIT.failed;
  });
  // Nobody reads the progress, the log or the complaint: the results and the exit code are what they are all the same.
  process.stderr.on('error', () => {});
  const ended = await main(process.argv.slice(2), interrupted.signal);
  const code = ended === EXIT.interrupted && terminated ? EXIT.terminated : ended;
  if (code !== EXIT.done || !unwritten) process.exitCode = code;
  // A job that failed may have left a read of a pipe behind that never ends; a job that is done has not.
  if (code !== 0) process.stderr.write('', () => process.exit(code));
}

export {};
