/** What `pool check` says of an exploration: as text, and as JSON. */
import {
  type CheckReport,
  type Equivalence,
  type Finding,
  formatFinding,
  interleave,
  type Quantifier,
  type Witness,
} from '@pool/check';
import { columns, counted, grouped } from './text.ts';

/** What was checked, and what came of it. */
export interface Told {
  readonly file: string;
  readonly equivalence: Equivalence;
  readonly report: CheckReport;
  /** Of a litmus test: what it claims of its end states, and whether that is so. */
  readonly claim?: {
    readonly quantifier: Quantifier;
    readonly positive: number;
    readonly negative: number;
    readonly holds: boolean;
  };
  /** What has ended the exploration from outside. */
  readonly endedBy?: 'interrupted' | 'memory';
}

/** Outcomes that are printed; the JSON has all. */
const MOST_OUTCOMES = 100;

export function checkText(told: Told): string {
  const { file, report, claim } = told;
  const { executions, blocked, milliseconds } = report;
  const rate = Math.round(((executions + blocked) / Math.max(milliseconds, 1e-3)) * 1000);
  const lines = [
    `${file}: ${report.model}`,
    `${counted(executions, 'execution')}, ${grouped(blocked)} blocked, in ${milliseconds.toFixed(1)} ms (${grouped(rate)} a second)`,
  ];
  if (!report.exhausted) lines.push(`not exhausted: ${why(told)}`);
  if (report.spunThreads.length > 0)
    lines.push(`taken to spin for ever, as --spin-rounds turns were alike: ${report.spunThreads.join(', ')}`);
  const outcomes = [...report.outcomes].sort(([one], [other]) => (one < other ? -1 : 1));
  if (outcomes.some(([outcome]) => outcome !== '')) {
    const rows = outcomes.slice(0, MOST_OUTCOMES).map(([outcome, count]) => [`  ${grouped(count)}`, outcome]);
    lines.push(outcomesTitle(told), columns(rows, ['right', 'left']));
    if (outcomes.length > rows.length) lines.push(`  and ${counted(outcomes.length - rows.length, 'more outcome')}`);
  }
  if (claim !== undefined) {
    const { quantifier, positive, negative, holds } = claim;
    const answer = quantifier === 'exists' ? (holds ? 'yes' : 'no') : holds ? 'holds' : 'does not hold';
    const soFar = isCertain(report, claim) ? '' : ' in what was seen';
    lines.push(`${quantifier}: ${answer}${soFar} (${grouped(positive)} as it says, ${grouped(negative)} not)`);
  }
  for (const shown of [...report.findings, ...report.witnesses]) lines.push('', formatFinding(shown));
  return lines.join('\n');
}

/** What a litmus test ends with depends on the order of writes, and so is not counted by reads-from. */
function outcomesBy({ equivalence, claim }: Told): Equivalence {
  return claim === undefined ? equivalence : 'rf-co';
}

function outcomesTitle(told: Told): string {
  if (told.equivalence === 'rf-co') return 'outcomes';
  return outcomesBy(told) === 'rf' ? 'outcomes, by rf' : 'outcomes, by rf-co, since a word ends with its last write';
}

/** One execution decides that there is one; that there is none, only all of them. */
function isCertain({ exhausted }: CheckReport, { quantifier, holds }: NonNullable<Told['claim']>): boolean {
  return exhausted || (quantifier === 'exists') === holds;
}

/** Every bound that has ended the exploration, or cut something of it. */
function why({ report: { stoppedBy, cutThreads, cutBy }, endedBy }: Told): string {
  const reasons: string[] = [];
  if (stoppedBy === 'executions')
    reasons.push('the bound on executions (--executions, blocked ones count) was reached');
  if (stoppedBy === 'milliseconds') reasons.push('the bound on time (--time) was reached');
  if (endedBy === 'memory') reasons.push('the bound on memory (--memory) was reached');
  if (endedBy === 'interrupted') reasons.push('it was interrupted');
  if (cutThreads.length > 0) {
    const bounds = cutBy.map((bound) => (bound === 'unroll' ? '--unroll' : 'the bound on the events of a thread'));
    const have = bounds.length === 1 ? 'has' : 'have';
    reasons.push(`${bounds.join(' and ')} ${have} cut ${cutThreads.join(' and ')} (--spin-assume prunes spin loops)`);
  }
  return reasons.length === 0 ? 'it was ended before' : reasons.join('; ');
}

export function checkJson(told: Told): string {
  const { file, equivalence, report, claim, endedBy } = told;
  const { model, executions, blocked, milliseconds, exhausted, stoppedBy, cutThreads, cutBy, spunThreads, outcomes } =
    report;
  return JSON.stringify(
    {
      file,
      model,
      equivalence,
      executions,
      blocked,
      milliseconds,
      exhausted,
      stoppedBy: stoppedBy ?? endedBy ?? null,
      cutThreads,
      cutBy,
      spunThreads,
      outcomesBy: outcomesBy(told),
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
      findings: report.findings.map(shownJson),
      witnesses: report.witnesses.map(shownJson),
    },
    undefined,
    2,
  );
}

function shownJson({ kind, message, outcome, execution }: Finding | Witness): object {
  return { kind, message, ...(outcome ? { outcome } : {}), ...interleave(execution) };
}
