/** The host's side of `node:worker_threads`. */
import { Worker } from 'node:worker_threads';
import type { Report, StartThread } from '../run/protocol.ts';

export interface NodeThreadsOptions {
  /** The script that the threads run, if it is not the one beside this module: a bundler may have moved it. */
  readonly script?: URL;
  /** Node's own options for the threads. Default: those of this process. */
  readonly execArgv?: readonly string[];
}

/** Starts Node's worker threads. */
export function nodeThreads(options: NodeThreadsOptions = {}): StartThread {
  return (name) => {
    const settings = options.execArgv ? { name, execArgv: [...options.execArgv] } : { name };
    const worker = options.script
      ? new Worker(options.script, settings)
      : new Worker(new URL('./worker.js', import.meta.url), settings);
    let failure: Error | undefined;
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    return {
      post: (message) => worker.postMessage(message),
      onMessage: (receive) => worker.on('message', (message: Report) => receive(message)),
      onExit: (exited) => worker.on('exit', () => exited(failure)),
      terminate: () => {
        void worker.terminate();
      },
    };
  };
}
