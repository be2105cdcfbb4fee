/**
 * A worker thread's whole life: take one assignment, verify the program, link it to what it is granted, run it to its end in
 * slices of fuel, and report. Between slices the thread says that it lives; a slice is long enough to cost nothing.
 */
import { Pool } from '@pool/core';
import { formatLocation, instantiate, load, type Outcome } from '@pool/vm';
import { type OpenSegments, openSegments } from '../job/segment-strategy.ts';
import { trapText } from '../report/trap-text.ts';
import { type HostServices, hostImports } from './host-functions.ts';
import type { Assignment, Ending, Port, Report } from './protocol.ts';

const SLICE_FUEL = 20_000_000;
/** Which engine runs programs here. */
export const ENGINE = 'interpreter';

/** Of the calls of `log` of one instance so many are reported, so that a loop of them does not fill the host's memory. */
export const MOST_LOGGED = 1_000;

/** Serves the one assignment that comes through `port`; `clock` is what a program's `clock` gives. */
export function serve(port: Port<Report, Assignment>, clock: HostServices['clock']): void {
  port.onMessage((assignment) => {
    try {
      port.post(run(assignment, port, clock));
    } catch (error) {
      port.post({
        kind: 'failed',
        message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
    }
  });
}

function run(assignment: Assignment, port: Port<Report, Assignment>, clock: HostServices['clock']): Report {
  const pool = Pool.attach(assignment.pool);
  let logged = 0;
  const log = (value: bigint): void => {
    if (logged < MOST_LOGGED) port.post({ kind: 'logged', value });
    logged += 1;
  };
  let opened: OpenSegments | undefined;
  try {
    if (assignment.segments) opened = openSegments(pool, assignment.segments);
    const segments = opened?.segments;
    const limit = assignment.fuel ?? Number.POSITIVE_INFINITY;
    let granted = Math.min(SLICE_FUEL, limit);
    const instance = instantiate(load(assignment.program), {
      name: assignment.name,
      words: pool,
      windows: assignment.windows,
      imports: hostImports(assignment.imports, { log, clock }),
      ...(segments === undefined ? {} : { segments: segments.access({ domains: new Set(assignment.domains) }) }),
      limits: { fuel: granted, memoryBytes: assignment.memoryBytes },
    });
    let outcome = instance.run(assignment.entry, [...assignment.arguments]);
    while (outcome.kind === 'exhausted' && granted < limit) {
      pool.owners.beat(pool.owner);
      port.post({ kind: 'running', fuelUsed: granted });
      const more = Math.min(SLICE_FUEL, limit - granted);
      granted += more;
      outcome = instance.resume(more);
    }
    if (logged > MOST_LOGGED) port.post({ kind: 'unlogged', count: logged - MOST_LOGGED });
    return {
      kind: 'ended',
      ending: endingOf(outcome, assignment),
      fuelUsed: granted - instance.fuelLeft,
      engine: ENGINE,
    };
  } finally {
    opened?.close();
    pool.detach();
  }
}

function endingOf(outcome: Outcome, { name, fuel }: Assignment): Ending {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'done', value: outcome.value };
    case 'trap':
      return { kind: 'trap', text: trapText(outcome.trap) };
    case 'exhausted':
      return { kind: 'out of fuel', text: `${name} used up its fuel of ${fuel} ${formatLocation(outcome.at)}` };
    case 'interrupted':
      throw new TypeError(`${name} was interrupted, and nothing here interrupts`);
  }
}
