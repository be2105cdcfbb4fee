/**
 * Is there an order of the operations in which each takes place at one moment between its call and its return, and each
 * answers what a sequential object would? The search tries, among the operations that may come next, one after the other,
 * and remembers every configuration that led nowhere.
 *
 * Wing and Gong, "Testing and Verifying Concurrent Objects", JPDC 1993; the memory of configurations is Lowe's, "Testing for
 * Linearizability", 2017. Each thread's operations follow each other, so a configuration is how far each thread is, and the
 * object's state.
 */

/** One completed operation, with the moments at which it was called and returned on a clock that all threads share. */
export interface Completed {
  readonly thread: number;
  readonly name: string;
  /** What it was given, and what it answered. */
  readonly argument?: number;
  readonly result?: number | string | boolean;
  readonly called: number;
  readonly returned: number;
}

/** What the object would be if there were one thread. States are values: text or numbers. */
export interface SequentialModel<State extends string | number> {
  readonly initial: State;
  /** The state afterwards; `undefined` if the operation could not have answered what it did. */
  apply(state: State, operation: Completed): State | undefined;
}

export interface Verdict {
  readonly linearizable: boolean;
  /** The order found, or the longest one that could be found. */
  readonly order: readonly Completed[];
  /** Of a bad history: what could not come next, one operation a thread. */
  readonly stuck: readonly Completed[];
}

interface Step<State> {
  readonly state: State;
  readonly progress: readonly number[];
  /** The operation that led here, and from where. */
  readonly operation?: Completed;
  readonly before?: Step<State>;
}

export function checkLinearizable<State extends string | number>(
  history: readonly Completed[],
  model: SequentialModel<State>,
): Verdict {
  const threads = byThread(history);
  const seen = new Set<string>();
  let furthest: Step<State> = { state: model.initial, progress: threads.map(() => 0) };
  const open = [furthest];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (length(step) > length(furthest)) furthest = step;
    if (length(step) === history.length) return { linearizable: true, order: orderOf(step), stuck: [] };
    const { state, progress } = step;
    const next = nextOf(threads, progress);
    // Nothing that was called after another had returned can come before it.
    const firstReturn = Math.min(...next.map(({ returned }) => returned));
    for (const operation of next) {
      if (operation.called > firstReturn) continue;
      const after = model.apply(state, operation);
      if (after === undefined) continue;
      const further = progress.map((count, thread) =>
        threads[thread]?.[0]?.thread === operation.thread ? count + 1 : count,
      );
      const key = `${further.join()} ${after}`;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push({ state: after, progress: further, operation, before: step });
    }
  }
  return { linearizable: false, order: orderOf(furthest), stuck: nextOf(threads, furthest.progress) };
}

/** Throws with the end of the longest order and what could not follow it. */
export function assertLinearizable<State extends string | number>(
  history: readonly Completed[],
  model: SequentialModel<State>,
): void {
  const { linearizable, order, stuck } = checkLinearizable(history, model);
  if (linearizable) return;
  const show = ({ thread, name, argument, result, called, returned }: Completed): string =>
    `  thread ${thread}: ${name}(${argument ?? ''}) = ${result ?? ''} [${called}..${returned}]`;
  throw new Error(
    [
      `no order of these ${history.length} operations is that of one thread; after ${order.length} of them`,
      ...order.slice(-8).map(show),
      'none of these can be next',
      ...stuck.map(show),
    ].join('\n'),
  );
}

function byThread(history: readonly Completed[]): Completed[][] {
  const threads = new Map<number, Completed[]>();
  for (const operation of history.toSorted((a, b) => a.called - b.called)) {
    const earlier = threads.get(operation.thread);
    const last = earlier?.at(-1);
    if (operation.returned < operation.called || (last !== undefined && last.returned > operation.called))
      throw new Error(`thread ${operation.thread} does two things at once at ${operation.called}: give each its own`);
    if (earlier) earlier.push(operation);
    else threads.set(operation.thread, [operation]);
  }
  return [...threads.values()];
}

function nextOf(threads: readonly Completed[][], progress: readonly number[]): Completed[] {
  return threads.flatMap((operations, thread) => operations[progress[thread] as number] ?? []);
}

function length<State>({ progress }: Step<State>): number {
  return progress.reduce((sum, count) => sum + count, 0);
}

function orderOf<State>(last: Step<State>): Completed[] {
  const order: Completed[] = [];
  for (let step: Step<State> | undefined = last; step?.operation !== undefined; step = step.before)
    order.push(step.operation);
  return order.reverse();
}
