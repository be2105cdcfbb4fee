/**
 * A contest measures one thing against one rival, in one process of its own (so that no other contest has shaped the
 * compiler's view of the code), in rounds that take turns (so that a machine that slows down slows both). Every round's work is
 * checked: a contestant that did not do the work has no time.
 */

export interface Contestants {
  /** Does so many operations and answers a checksum of the work. */
  ours(operations: number): number | Promise<number>;
  /** The same work, the rival's best way. */
  rival(operations: number): number | Promise<number>;
  /** The checksum that so many operations must give. */
  expected(operations: number): number;
  close(): void | Promise<void>;
}

export interface Contest {
  readonly id: string;
  readonly title: string;
  readonly rival: string;
  /** The least ratio that the project sets itself; absent: reported only. */
  readonly bar?: number;
  /** Bytes an operation moves: figures are then MB/s instead of ns. */
  readonly bytes?: number;
  /** Packages whose versions belong to the result. */
  readonly packages?: readonly string[];
  open(): Contestants | Promise<Contestants>;
}

export interface Result {
  readonly id: string;
  readonly ours: number;
  readonly rival: number;
  /** How many times faster than the rival: above 1 is ahead. The median of the rounds' ratios. */
  readonly ratio: number;
  /** Interquartile range of the rounds' ratios, as a share of their median. */
  readonly spread: number;
  readonly unit: string;
  readonly versions: Record<string, string>;
}

export interface Effort {
  readonly rounds: number;
  readonly roundMilliseconds: number;
}

export const FULL: Effort = { rounds: 21, roundMilliseconds: 100 };
export const QUICK: Effort = { rounds: 9, roundMilliseconds: 40 };

export async function measure(contest: Contest, effort: Effort, versions: Record<string, string>): Promise<Result> {
  const contestants = await contest.open();
  const { ours, rival, expected } = contestants;
  const time = async (run: (operations: number) => number | Promise<number>, operations: number): Promise<number> => {
    const begin = performance.now();
    const pending = run(operations);
    const sum = typeof pending === 'number' ? pending : await pending;
    const milliseconds = performance.now() - begin;
    if (sum !== expected(operations))
      throw new Error(
        `${contest.id}: ${operations} operations gave ${sum}, not ${expected(operations)}: the work was not done`,
      );
    return milliseconds;
  };
  const calibrate = async (run: (operations: number) => number | Promise<number>): Promise<number> => {
    let operations = 1;
    for (let warm = 0; warm < 3; ) {
      const took = await time(run, operations);
      if (took >= effort.roundMilliseconds / 2) warm += 1;
      else
        operations = Math.max(
          operations + 1,
          Math.ceil(operations * Math.min(8, effort.roundMilliseconds / Math.max(took, 0.05))),
        );
    }
    return operations;
  };
  const oursOperations = await calibrate((operations) => ours.call(contestants, operations));
  const rivalOperations = await calibrate((operations) => rival.call(contestants, operations));
  const oursTimes: number[] = [];
  const rivalTimes: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const one = async (): Promise<unknown> =>
      oursTimes.push((await time((n) => ours.call(contestants, n), oursOperations)) / oursOperations);
    const other = async (): Promise<unknown> =>
      rivalTimes.push((await time((n) => rival.call(contestants, n), rivalOperations)) / rivalOperations);
    for (const turn of round % 2 === 0 ? [one, other] : [other, one]) await turn();
  }
  await contestants.close();
  const ratios = oursTimes.map((mine, round) => (rivalTimes[round] as number) / mine);
  const figure = (milliseconds: number): number =>
    contest.bytes === undefined ? milliseconds * 1e6 : contest.bytes / 1e6 / (milliseconds / 1e3);
  return {
    id: contest.id,
    ours: figure(quantile(oursTimes, 0.5)),
    rival: figure(quantile(rivalTimes, 0.5)),
    ratio: quantile(ratios, 0.5),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / quantile(ratios, 0.5),
    unit: contest.bytes === undefined ? 'ns/op' : 'MB/s',
    versions,
  };
}

export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = (sorted.length - 1) * at;
  const low = sorted[Math.floor(index)] as number;
  const high = sorted[Math.ceil(index)] as number;
  return low + (high - low) * (index - Math.floor(index));
}
