/**
 * The second oracle, for sequential consistency: takes steps of threads in every order on one memory, and notes what each read
 * read and in which order writes happened. It has waiting and notifying as ECMAScript describes them: a list of waiters a word.
 * The events of a list are named as the checker's, a queue at the address -1 - word.
 */
import type { Operation, StraightLine } from './straight-line.ts';

interface State {
  readonly next: number[];
  /** Events of each thread so far: an update that writes is two. */
  readonly count: number[];
  /** Writes of each place in order, by name. */
  readonly writes: Map<number, { readonly name: string; readonly value: bigint }[]>;
  readonly rf: string[];
  readonly results: string[][];
  readonly waiters: Map<number, number[]>;
  readonly parked: Set<number>;
  readonly timed: Set<number>;
}

/** What can happen: executions as `enumerate` writes them, and what each ends with, parked threads included. */
export interface Interleaved {
  readonly executions: Set<string>;
  readonly ends: Set<string>;
}

export function interleaveAll(program: StraightLine): Interleaved {
  const executions = new Set<string>();
  const ends = new Set<string>();
  const go = (state: State): void => {
    let ended = true;
    program.forEach((operations, thread) => {
      if (state.parked.has(thread)) {
        if (!state.timed.has(thread)) return;
        const later = copy(state);
        for (const waiters of later.waiters.values())
          if (waiters.includes(thread)) waiters.splice(waiters.indexOf(thread), 1);
        later.parked.delete(thread);
        (later.results[thread] as string[]).push('timed-out');
        const waited = operations[(later.next[thread] as number) - 1] as Operation & { readonly at: number };
        update(later, thread, -1 - waited.at);
        ended = false;
        go(later);
        return;
      }
      const operation = operations[state.next[thread] as number];
      if (operation === undefined) return;
      ended = false;
      const later = copy(state);
      step(later, thread, operation);
      go(later);
    });
    if (!ended) return;
    const co = [...state.writes]
      .filter(([, writes]) => writes.length > 0)
      .map(([at, writes]) => `${at}:${writes.map(({ name }) => name).join('>')}`)
      .sort();
    executions.add(`${[...state.rf].sort().join(' ')} | ${co.join(' ')}`);
    ends.add(endOf(state.results, (at) => lastOf(state, at), [...state.parked]));
  };
  const writes = new Map<number, { name: string; value: bigint }[]>();
  for (const one of program.flat()) {
    if (!('at' in one)) continue;
    writes.set(one.at, []);
    writes.set(-1 - one.at, []);
  }
  go({
    next: program.map(() => 0),
    count: program.map(() => 0),
    writes,
    rf: [],
    results: program.map(() => []),
    waiters: new Map(),
    parked: new Set(),
    timed: new Set(),
  });
  return { executions, ends };
}

/** One end as a text. */
export function endOf(results: readonly (readonly string[])[], word: (at: number) => bigint, parked: number[]): string {
  const threads = results.map((one, thread) => `${thread}: ${one.join(',')}`);
  return `${threads.join('; ')}; ${word(0)} ${word(1)}; parked ${parked.sort().join(',')}`;
}

function copy(state: State): State {
  return {
    next: [...state.next],
    count: [...state.count],
    writes: new Map([...state.writes].map(([at, writes]) => [at, [...writes]])),
    rf: [...state.rf],
    results: state.results.map((one) => [...one]),
    waiters: new Map([...state.waiters].map(([at, waiters]) => [at, [...waiters]])),
    parked: new Set(state.parked),
    timed: new Set(state.timed),
  };
}

/** The name of a thread's next event. */
function event(state: State, thread: number): string {
  const index = state.count[thread] as number;
  state.count[thread] = index + 1;
  return `${thread}.${index}`;
}

function lastOf(state: State, at: number): bigint {
  return state.writes.get(at)?.at(-1)?.value ?? 0n;
}

function read(state: State, thread: number, at: number): bigint {
  state.rf.push(`${event(state, thread)}<${state.writes.get(at)?.at(-1)?.name ?? 'init'}`);
  return lastOf(state, at);
}

function write(state: State, thread: number, at: number, value: bigint): void {
  state.writes.get(at)?.push({ name: event(state, thread), value });
}

/** Of a queue, whose value stands elsewhere. */
function update(state: State, thread: number, queue: number): void {
  read(state, thread, queue);
  write(state, thread, queue, 0n);
}

function step(state: State, thread: number, operation: Operation): void {
  const results = state.results[thread] as string[];
  state.next[thread] = (state.next[thread] as number) + 1;
  switch (operation.kind) {
    case 'load':
      results.push(String(read(state, thread, operation.at)));
      break;
    case 'store':
      write(state, thread, operation.at, BigInt(operation.value));
      break;
    case 'add': {
      const old = read(state, thread, operation.at);
      results.push(String(old));
      write(state, thread, operation.at, old + BigInt(operation.value));
      break;
    }
    case 'exchange': {
      const old = read(state, thread, operation.at);
      results.push(String(old));
      if (old === BigInt(operation.expected)) write(state, thread, operation.at, BigInt(operation.value));
      break;
    }
    case 'fence':
      event(state, thread);
      break;
    case 'wait':
      read(state, thread, -1 - operation.at);
      if (read(state, thread, operation.at) !== BigInt(operation.expected)) {
        results.push('not-equal');
        break;
      }
      write(state, thread, -1 - operation.at, 0n);
      if (operation.timed) event(state, thread);
      state.waiters.set(operation.at, [...(state.waiters.get(operation.at) ?? []), thread]);
      state.parked.add(thread);
      if (operation.timed) state.timed.add(thread);
      else state.timed.delete(thread);
      break;
    case 'notify': {
      const woken = (state.waiters.get(operation.at) ?? []).splice(0, operation.count);
      for (const waiter of woken) {
        state.parked.delete(waiter);
        (state.results[waiter] as string[]).push('ok');
        event(state, waiter);
      }
      update(state, thread, -1 - operation.at);
      results.push(String(woken.length));
      break;
    }
    default:
      operation satisfies never;
  }
}
