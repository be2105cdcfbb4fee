/** What `pool check` says of an exploration: as text, and as JSON. */
import { type CheckReport, formatFinding, interleave, type Quantifier } from '@pool/check';
import { columns, counted, grouped } from './text.ts';

/** What was checked, and what came of it. */
export interface Told {
  readonly file: string;
  readonly report: CheckReport;
  /** Of a litmus test: what it claims of its end states, and whether that is so. */
  readonly claim?: {
    readonly quantifier: Quantifier;
    readonly positive: number;
    readonly negative: number;
    readonly holds: boolean;
  };
}

/** Outcomes that are printed; the JSON has all. */
const MOST_OUTCOMES = 100;

export function checkText({ file, report, claim }: Told): string {
  const { executions, blocked, milliseconds } = report;
  const rate = Math.round(((executions + blocked) / Math.max(milliseconds, 1e-3)) * 1000);
  const lines = [
    `${file}: ${report.model}`,
    `${counted(executions, 'execution')}, ${grouped(blocked)} blocked, in ${milliseconds.toFixed(1)} ms (${grouped(rate)} a second)`,
  ];
  if (!report.exhausted) lines.push(`not exhausted: ${why(report)}`);
  const outcomes = [...report.outcomes].sort(([one], [other]) => (one < other ? -1 : 1));
  if (outcomes.some(([outcome]) => outcome !== '')) {
    const rows = outcomes.slice(0, MOST_OUTCOMES).map(([outcome, count]) => [`  ${grouped(count)}`, outcome]);
    lines.push('outcomes', columns(rows, ['right', 'left']));
    if (outcomes.length > rows.length) lines.push(`  and ${counted(outcomes.length - rows.length, 'more outcome')}`);
  }
  if (claim !== undefined) {
    const { quantifier, positive, negative, holds } = claim;
    const answer = quantifier === 'exists' ? (holds ? 'yes' : 'no') : holds ? 'holds' : 'does not hold';
    const soFar = isCertain(report, claim) ? '' : ' in what was seen';
    lines.push(`${quantifier}: ${answer}${soFar} (${grouped(positive)} as it says, ${grouped(negative)} not)`);
  }
  for (const finding of report.findings) lines.push('', formatFinding(finding));
  return lines.join('\n');
}

/** One execution decides that there is one; that there is none, only all of them. */
function isCertain({ exhausted }: CheckReport, { quantifier, holds }: NonNullable<Told['claim']>): boolean {
  return exhausted || (quantifier === 'exists') === holds;
}

function why({ stoppedBy, cutThreads }: CheckReport): string {
  if (stoppedBy === 'executions') return 'the bound on executions was reached';
  if (stoppedBy === 'milliseconds') return 'the bound on time was reached';
  if (cutThreads.length > 0) return `a bound has cut ${cutThreads.join(' and ')} (--spin-assume prunes spin loops)`;
  return 'it was ended before';
}

export function checkJson({ file, report, claim }: Told): string {
  const { model, executions, blocked, milliseconds, exhausted, stoppedBy, cutThreads, outcomes, findings } = report;
  return JSON.stringify(
    {
      file,
      model,
      executions,
      blocked,
      milliseconds,
      exhausted,
      stoppedBy: stoppedBy ?? null,
      cutThreads,
      outcomes: [...outcomes].map(([outcome, count]) => ({ outcome, count })),
      ...(claim === undefined
        ? {}
        : {
            claim: {
              quantifier: claim.quantifier,
              holds: isCertain(report, claim) ? claim.holds : null,
              positive: claim.positive,
              negative: claim.negative,
            },
          }),
      findings: findings.map(({ kind, message, execution }) => ({ kind, message, ...interleave(execution) })),
    },
    undefined,
    2,
  );
}
