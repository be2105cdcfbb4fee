/** The report of a whole exploration from the reports of its parts: see `CheckOptions.share`. */
import type { CheckReport } from './check.ts';
import type { Finding, Witness } from './findings/finding.ts';

/** Adds up what the parts saw; of each finding and witness, the shortest execution. The time is that of the part that took longest. */
export function mergeReports(parts: readonly [CheckReport, ...CheckReport[]]): CheckReport {
  const sum = (figure: (part: CheckReport) => number): number => parts.reduce((total, part) => total + figure(part), 0);
  const union = <Name>(names: (part: CheckReport) => readonly Name[]): Name[] => [...new Set(parts.flatMap(names))];
  const outcomes = new Map<string, number>();
  for (const part of parts)
    for (const [outcome, count] of part.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  return {
    model: parts[0].model,
    executions: sum(({ executions }) => executions),
    blocked: sum(({ blocked }) => blocked),
    milliseconds: Math.max(...parts.map(({ milliseconds }) => milliseconds)),
    outcomes,
    findings: shortest(parts.flatMap(({ findings }) => findings)),
    witnesses: shortest(parts.flatMap(({ witnesses }) => witnesses)),
    stoppedBy: parts.find(({ stoppedBy }) => stoppedBy !== undefined)?.stoppedBy,
    cutThreads: union(({ cutThreads }) => cutThreads),
    cutBy: union(({ cutBy }) => cutBy),
    spunThreads: union(({ spunThreads }) => spunThreads),
    exhausted: parts.every(({ exhausted }) => exhausted),
  };
}

/** Of each kind and message, the first of those with the fewest events. */
function shortest<Found extends Finding | Witness>(all: readonly Found[]): Found[] {
  const found = new Map<string, Found>();
  for (const one of all) {
    const key = `${one.kind}: ${one.message}`;
    const known = found.get(key);
    if (known === undefined || one.execution.events.length < known.execution.events.length) found.set(key, one);
  }
  return [...found.values()];
}
