/**
 * A mutation puts one bug into one source, in a copy of the checkout, so that a test can show that it would have found it.
 * The bugs are those that others shipped: each class of them names the projects and the issues it is known from.
 */

/** The classes: what goes wrong, in words, and where it has gone wrong. */
export const BUG_CLASSES = {
  'stale waiter': { what: 'a stale `waitAsync` waiter eats a `notify(1)`', knownFrom: 'emscripten 27492' },
  'aborted waiter': { what: 'an aborted wait keeps the wake that still reaches it', knownFrom: 'emscripten 27492' },
  'keep alive': { what: 'Node ends while `waitAsync` is pending, or stays after it', knownFrom: 'node 44729, 61941' },
  'reclaim before exit': {
    what: "a thread's things are reclaimed at `terminate()`, before it has ended",
    knownFrom: 'emscripten 18675',
  },
  'equal index': { what: 'a wait for an equal index, which jumps past', knownFrom: 'thread-stream 250' },
  'hang on death': { what: 'a hang when a worker dies', knownFrom: 'synckit before 0.12' },
  'dead producer': { what: 'a full ring that cannot unblock a dead producer', knownFrom: 'agrona 159, 160' },
  'full unreported': { what: 'a claim that fails to report full', knownFrom: 'aeron 2015' },
  'wrap-around': {
    what: 'counters near 2^31, 2^32, 2^53, 2^64, and pops of a part across the end',
    knownFrom: 'ringbuf.js 8',
  },
  'early publish': { what: 'published before it is initialised', knownFrom: 'several' },
  'torn word': { what: 'a word of 64 bits, or a message, that is read half old and half new', knownFrom: 'several' },
  'lost wake-up': { what: 'a wake-up that is lost between check and park', knownFrom: 'disruptor 138, 246' },
  'block edge': { what: 'the hand-over at the edge of a block', knownFrom: 'crossbeam 972, 1187' },
  aba: { what: 'ABA, where there is no tag or it wraps', knownFrom: 'several' },
  'death at every step': { what: 'an owner dies holding a lock, at any step', knownFrom: 'several' },
  'cleanup and reopening': { what: 'a cleanup that races with a reopening', knownFrom: 'iceoryx2 601, 1578' },
  'peer gone': { what: 'the peer is gone while one is blocked on back-pressure', knownFrom: 'iceoryx2 314' },
  'starved writer': { what: 'readers that starve a writer', knownFrom: 'multithreading' },
  'false sharing': { what: 'hot words of different threads on one line', knownFrom: 'several' },
  'tick drift': { what: 'ticks that drift', knownFrom: 'crossbeam 456' },
  'growth race': {
    what: 'the length of what another thread is making longer, asked for twice and taken for one',
    knownFrom: 'this pool',
  },
  'inverted exchange': {
    what: 'a triple buffer whose compare-exchange loop is inverted loses what was published',
    knownFrom: 'copied around in web projects',
  },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly knownFrom: string }>>;

export type BugClass = keyof typeof BUG_CLASSES;

export interface MutationTest {
  /** The vitest project, such as `sync`. */
  readonly project: string;
  /** From the root of the checkout. */
  readonly file: string;
  /** Only tests whose full name, `group > test`, has this in it. Default: all of the file. */
  readonly name?: string;
}

/** Names tests of one package. */
export function testsOf(project: string): (file: string, name?: string) => MutationTest {
  return (file, name) => ({ project, file: `packages/${project}/test/${file}`, ...(name !== undefined && { name }) });
}

/** A model that the checker explores. */
export function modelled(file: string, name: string): MutationTest {
  return testsOf('check')(`models/${file}`, name);
}

export interface Mutation {
  /** What the bug does, for the table. */
  readonly name: string;
  readonly bug: BugClass;
  /** The source, from the root of the checkout. */
  readonly file: string;
  /** What stands there exactly once. */
  readonly replace: string;
  /** What puts the bug in. */
  readonly by: string;
  /** What must fail then: a deterministic one, since a test that sees a bug now and then shows nothing here. */
  readonly test: MutationTest;
  /** The mutant may run for ever without giving control back, so that only the campaign's clock ends it. */
  readonly hangs?: true;
}

/** @throws {Error} unless `replace` stands there exactly once */
export function mutated(source: string, { name, file, replace, by }: Mutation): string {
  const count = source.split(replace).length - 1;
  if (count !== 1) throw new Error(`mutation "${name}": its text stands ${count} times in ${file}, not once`);
  return source.replace(replace, () => by);
}
