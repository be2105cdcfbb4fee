/** The checker's own executions of a straight-line program, in the oracles' terms. */
import { Explorer } from '../../src/explore/explorer.ts';
import { DOOMED, REDUNDANT, TIMED, WAITING } from '../../src/explore/level.ts';
import { INITIAL, READ } from '../../src/graph/event-storage.ts';
import { Places } from '../../src/graph/places.ts';
import type { ModelName } from '../../src/index.ts';
import { createModel } from '../../src/models/model.ts';
import { ModelThread } from '../../src/threads/model-thread.ts';
import { ThreadRun } from '../../src/threads/thread-run.ts';
import { endOf } from './interleave-all.ts';
import { perform, type StraightLine } from './straight-line.ts';

const LIMITS = { spinAssume: false, spinRounds: 1000, unroll: Number.POSITIVE_INFINITY, events: 1000 };

export interface Explored {
  /** One for each execution, in the order in which they were found. */
  readonly executions: string[];
  readonly ends: Set<string>;
}

export function exploreAll(program: StraightLine, model: ModelName): Explored {
  const explorer = new Explorer(program.length, new Places(() => 0n), createModel(model));
  const results: string[][] = program.map(() => []);
  const runs = program.map((operations, thread) => {
    const run = new ThreadRun(`t${thread}`, thread, explorer, LIMITS);
    const given = new ModelThread(run, 16);
    run.body = () => {
      const own: string[] = [];
      results[thread] = own;
      for (const operation of operations) {
        const result = perform(given, operation);
        if (result !== undefined) own.push(String(result));
      }
      given.observe('results', own.join(','));
    };
    return run;
  });
  const executions: string[] = [];
  const ends = new Set<string>();
  do {
    if (!explorer.forward((thread) => void runs[thread]?.run())) continue;
    const { graph, status } = explorer.level;
    if (status.includes(REDUNDANT) || status.includes(TIMED) || status.includes(DOOMED)) continue;
    executions.push(keyOf(explorer));
    // Threads that stand are not run again; what they did is run once more to know their results.
    const parked = [...status.keys()].filter((thread) => status[thread] === WAITING);
    for (const run of runs) run.run();
    ends.add(endOf(results, (at) => explorer.finalValue(graph, explorer.places.of(at)), parked));
  } while (explorer.backtrack());
  return { executions, ends };
}

function keyOf({ level: { graph }, places }: Explorer): string {
  const name = (event: number): string => (event === INITIAL ? 'init' : `${graph.thread[event]}.${graph.index[event]}`);
  const rf: string[] = [];
  for (let event = 0; event < graph.size; event++)
    if (graph.kind[event] === READ) rf.push(`${name(event)}<${name(graph.source[event] as number)}`);
  const co: string[] = [];
  for (let place = 0; place < places.count; place++)
    if (graph.writesAt(place) > 0)
      co.push(`${places.addresses[place]}:${(graph.coherence[place] ?? []).map(name).join('>')}`);
  return `${rf.sort().join(' ')} | ${co.sort().join(' ')}`;
}
