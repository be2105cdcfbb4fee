/** The script that every worker thread runs on Node; all it does is in serve.ts. */
import { parentPort } from 'node:worker_threads';
import type { Assignment } from './run/protocol.ts';
import { serve } from './run/serve.ts';

const port = parentPort;
if (port === null) throw new Error('this script runs on worker threads: use the `pool` command, or runJob');
serve(
  {
    post: (report) => port.postMessage(report),
    onMessage: (receive) => port.once('message', (assignment: Assignment) => receive(assignment)),
  },
  process.hrtime.bigint,
);
