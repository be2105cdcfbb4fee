/** The report of a whole exploration from the reports of its parts: see `CheckOptions.share`. */
import type { CheckReport } from './check.ts';
import type { Finding } from './findings/finding.ts';

/** Adds up what the parts saw; of each finding, the shortest execution. The time is that of the part that took longest. */
export function mergeReports(parts: readonly [CheckReport, ...CheckReport[]]): CheckReport {
  const sum = (figure: (part: CheckReport) => number): number => parts.reduce((total, part) => total + figure(part), 0);
  const outcomes = new Map<string, number>();
  const findings = new Map<string, Finding>();
  for (const part of parts) {
    for (const [outcome, count] of part.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    for (const finding of part.findings) {
      const key = `${finding.kind}: ${finding.message}`;
      const known = findings.get(key);
      if (known === undefined || finding.execution.events.length < known.execution.events.length)
        findings.set(key, finding);
    }
  }
  return {
    model: parts[0].model,
    executions: sum(({ executions }) => executions),
    blocked: sum(({ blocked }) => blocked),
    milliseconds: Math.max(...parts.map(({ milliseconds }) => milliseconds)),
    outcomes,
    findings: [...findings.values()],
    stoppedBy: parts.find(({ stoppedBy }) => stoppedBy !== undefined)?.stoppedBy,
    cutThreads: [...new Set(parts.flatMap(({ cutThreads }) => cutThreads))],
    exhausted: parts.every(({ exhausted }) => exhausted),
  };
}
