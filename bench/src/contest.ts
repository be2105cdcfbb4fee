/**
 * A contest measures one thing against one rival, in one process of its own (so that no other contest has shaped the
 * compiler's view of the code), in rounds that take turns (so that a machine that slows down slows both). Every run's work is
 * checked: a contestant that did not do the work has no time. If it is ours that is the end; a rival is asked again, which the
 * result tells, unless it goes wrong more often than there are rounds.
 */

import { setTimeout as delay } from 'node:timers/promises';

/** Between two sides: what the one left to do in the background (garbage, mostly) is not done on the other's time. */
const SETTLE_MILLISECONDS = 10;

export interface Contestants {
  /** Does so many operations and answers a checksum of the work. */
  ours(operations: number): number | Promise<number>;
  /** The same work, the rival's best way. Absent: there is no rival, and the figure is only reported. */
  rival?(operations: number): number | Promise<number>;
  /** Called, untimed, before so many operations are run for the first time. */
  prepare?(operations: number): Promise<void>;
  /** The checksum that so many operations must give. */
  expected(operations: number): number;
  /** Versions that the result names beside the engine's. */
  readonly versions?: Record<string, string>;
  /** What else was seen, asked for after the last round. */
  notes?(): Record<string, string>;
  close(): void | Promise<void>;
}

export interface Contest {
  readonly id: string;
  readonly title: string;
  readonly rival?: string;
  /** The least ratio that the project sets itself; absent: reported only. */
  readonly bar?: number;
  /** How much an operation does of what is counted by the second, such as 0.065536 and MB/s. Absent: figures are ns/op. */
  readonly rate?: { readonly amount: number; readonly unit: string };
  /** How many times as long a round is as usual: for crowds of threads, which take a while to get going. Default: 1. */
  readonly longer?: number;
  /**
   * Both sides keep to one core. Two threads that take turns in sleeping are woken on one core or on two, as the scheduler has it, and
   * on two most of the time goes by until the other core is awake.
   */
  readonly oneCore?: boolean;
  /** Without a rival: the least figure that the project sets itself. */
  readonly floor?: number;
  /** Packages whose versions belong to the result. */
  readonly packages?: readonly string[];
  /** Why the contest cannot take place on this machine; absent or `undefined`: it can. */
  missing?(): string | undefined;
  open(): Contestants | Promise<Contestants>;
}

/** Several contests that are judged by the geometric mean of their ratios: those whose ids begin with the group's and a slash. */
export interface Group {
  readonly id: string;
  readonly bar: number;
}

export interface Result {
  readonly id: string;
  readonly ours: number;
  /** `null` without a rival; the ratio and its spread then compare with nothing. */
  readonly rival: number | null;
  /** How many times faster than the rival: above 1 is ahead. The median of the rounds' ratios. */
  readonly ratio: number | null;
  /** Interquartile range of the rounds' ratios (without a rival: of their times), as a share of the median. */
  readonly spread: number;
  readonly unit: string;
  readonly versions: Record<string, string>;
  readonly notes?: Record<string, string>;
}

export interface Effort {
  readonly rounds: number;
  readonly roundMilliseconds: number;
}

export const FULL: Effort = { rounds: 21, roundMilliseconds: 100 };
export const QUICK: Effort = { rounds: 9, roundMilliseconds: 40 };

export async function measure(contest: Contest, usual: Effort, versions: Record<string, string>): Promise<Result> {
  const effort = { ...usual, roundMilliseconds: usual.roundMilliseconds * (contest.longer ?? 1) };
  const contestants = await contest.open();
  let wrong = 0;
  const time = async (side: Side, operations: number): Promise<number> => {
    const { name, run } = side;
    await contestants.prepare?.(operations);
    const begin = performance.now();
    const pending = run(operations);
    const sum = typeof pending === 'number' ? pending : await pending;
    const milliseconds = performance.now() - begin;
    const expected = contestants.expected(operations);
    if (sum === expected) return milliseconds;
    if (side === rivalSide && ++wrong <= effort.rounds) return time(side, operations);
    throw new Error(
      `${contest.id}, ${name}: ${operations} operations gave ${sum}, not ${expected}: the work was not done`,
    );
  };
  const sides: Side[] = [{ name: 'ours', run: contestants.ours.bind(contestants), operations: 1, times: [] }];
  if (contestants.rival)
    sides.push({ name: 'the rival', run: contestants.rival.bind(contestants), operations: 1, times: [] });
  const rivalSide = sides[1];
  for (const side of sides) side.operations = await calibrate((operations) => time(side, operations), effort);
  for (let round = 0; round < effort.rounds; round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      await delay(SETTLE_MILLISECONDS);
      side.times.push((await time(side, side.operations)) / side.operations);
    }
  const notes = {
    ...contestants.notes?.(),
    ...(wrong > 0 && { 'runs of the rival that gave a wrong answer, and were repeated:': String(wrong) }),
  };
  await contestants.close();

  const [ours, rival] = sides.map(({ times }) => times) as [number[], number[] | undefined];
  const ratios = rival && ours.map((mine, round) => (rival[round] as number) / mine);
  const { amount, unit } = contest.rate ?? { amount: 0, unit: 'ns/op' };
  const figure = (milliseconds: number): number => (contest.rate ? amount / (milliseconds / 1e3) : milliseconds * 1e6);
  const compared = ratios ?? ours;
  return {
    id: contest.id,
    ours: figure(quantile(ours, 0.5)),
    rival: rival ? figure(quantile(rival, 0.5)) : null,
    ratio: ratios ? quantile(ratios, 0.5) : null,
    spread: (quantile(compared, 0.75) - quantile(compared, 0.25)) / quantile(compared, 0.5),
    unit,
    versions: { ...versions, ...contestants.versions },
    ...(Object.keys(notes).length > 0 && { notes }),
  };
}

type Run = (operations: number) => number | Promise<number>;

interface Side {
  readonly name: string;
  readonly run: Run;
  operations: number;
  readonly times: number[];
}

/** How many operations fill about a round; the calls warm the code up as well. */
async function calibrate(time: (operations: number) => Promise<number>, effort: Effort): Promise<number> {
  let operations = 1;
  for (let warm = 0; warm < 3; ) {
    const took = await time(operations);
    if (took >= effort.roundMilliseconds / 2) warm += 1;
    else
      operations = Math.max(
        operations + 1,
        Math.ceil(operations * Math.min(8, effort.roundMilliseconds / Math.max(took, 0.05))),
      );
  }
  return operations;
}

export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = (sorted.length - 1) * at;
  const low = sorted[Math.floor(index)] as number;
  const high = sorted[Math.ceil(index)] as number;
  return low + (high - low) * (index - Math.floor(index));
}
