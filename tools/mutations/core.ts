/** Bugs in the words themselves, in waiting on them, and in the tables of a pool. */
import { type Mutation, testsOf } from './mutation.ts';

const WAITING = 'packages/core/src/pool/waiting.ts';
const MEMORY = 'packages/core/src/pool/memory-words.ts';
const LAYOUT = 'packages/core/src/layout.ts';
const OWNERS = 'packages/core/src/pool/owner-table.ts';

const tested = testsOf('core');

export const OF_CORE: readonly Mutation[] = [
  {
    name: 'a wait of a pool that was left keeps the wake that reaches it',
    bug: 'stale waiter',
    file: WAITING,
    replace: '      abandoned = true;\n',
    by: '      abandoned = signal?.aborted === true;\n',
    test: tested('waiting.test.ts', 'a wait whose pool is left > passes on a wake that was on its way'),
  },
  {
    name: 'an aborted wait keeps the wake that reaches it',
    bug: 'aborted waiter',
    file: WAITING,
    replace: "if (result === 'ok') Atomics.notify(words, at, 1);",
    by: '',
    test: tested('waiting.test.ts', 'an aborted wait > passes on the one wake that reaches it'),
  },
  {
    name: 'an aborted wait passes on a time that ran out',
    bug: 'aborted waiter',
    file: WAITING,
    replace: "if (result === 'ok') Atomics.notify(words, at, 1);",
    by: 'Atomics.notify(words, at, 1);',
    test: tested('waiting.test.ts', 'an aborted wait > does not pass on a time that ran out'),
  },
  {
    name: 'nothing keeps Node alive',
    bug: 'keep alive',
    file: WAITING,
    replace: 'keepAlive ? setInterval(() => {}, LONGEST_DELAY) : undefined',
    by: 'undefined',
    test: tested('waiting.test.ts', 'Node stays alive > while a wait is pending'),
  },
  {
    name: 'what keeps Node alive is never taken back',
    bug: 'keep alive',
    file: WAITING,
    replace: '      clearInterval(timer);\n',
    by: '',
    test: tested('waiting.test.ts', 'leaves no listener and no timer behind'),
  },
  {
    name: 'the views of an opened memory are of two sizes',
    bug: 'growth race',
    file: MEMORY,
    replace: 'let u8 = new Uint8Array(opened);',
    by: 'let u8 = new Uint8Array(memory.buffer);',
    test: tested('attach.test.ts', 'a memory that another thread grows while this one attaches'),
  },
  {
    name: 'a window asks an array once more how long it is, when it copies',
    bug: 'growth race',
    file: 'packages/core/src/window-words.ts',
    replace: 'source, skip, byteLength);',
    by: 'source, skip);',
    test: testsOf('sync')('growing-arrays.test.ts', 'into a window: none goes where it has no room'),
  },
  {
    name: 'a word is loaded as two halves',
    bug: 'torn word',
    file: MEMORY,
    replace: '      return Atomics.load(u64, at);\n',
    by: `      const halves = new Uint32Array(memory.buffer);
      return BigInt(Atomics.load(halves, 2 * at)) + (BigInt(Atomics.load(halves, 2 * at + 1)) << 32n);
`,
    test: tested('words.test.ts', 'is one operation on one word of 64 bits'),
  },
  {
    name: 'a word is stored as two halves',
    bug: 'torn word',
    file: MEMORY,
    replace: '      Atomics.store(u64, at, unsigned(value));\n',
    by: `      const halves = new Uint32Array(memory.buffer);
      Atomics.store(halves, 2 * at, Number(unsigned(value) & 0xffff_ffffn));
      Atomics.store(halves, 2 * at + 1, Number(value >> 32n));
`,
    test: tested('words.test.ts', 'is one operation on one word of 64 bits'),
  },
  {
    name: 'a number above 2^53 is rounded',
    bug: 'wrap-around',
    file: 'packages/core/src/pool/numbers.ts',
    replace: '    if (result > Number.MAX_SAFE_INTEGER) faults.inexact(result);\n',
    by: '',
    test: tested('words.test.ts', 'refuses to round a word above 2^53-1'),
  },
  {
    name: 'the last of 32 bits counts as negative',
    bug: 'wrap-around',
    file: 'packages/core/src/index-set.ts',
    replace: 'ALL - (bit >>> 0)) & bit) !== 0',
    by: 'ALL - (bit >>> 0)) & bit) > 0',
    test: tested('index-set.test.ts', 'indices gives each once, then none'),
  },
  {
    name: 'the generation of an owner wraps to 0',
    bug: 'wrap-around',
    file: OWNERS,
    replace: '% GENERATIONS || 1;',
    by: '% GENERATIONS;',
    test: tested('owner-table.test.ts', 'the generation goes from its largest to 1'),
  },
  {
    name: 'a late burial frees the row of a successor',
    bug: 'cleanup and reopening',
    file: OWNERS,
    replace: `    const expected = owner.generation * STATUS_RADIX + from;
    // Exclusive: of several threads that bury one owner, one succeeds.
    return this.#words.compareExchangeNumber(state, expected, owner.generation * STATUS_RADIX + to) === expected;
`,
    by: `    const expected = this.#words.loadNumber(state);
    if (expected % STATUS_RADIX !== from) return false;
    return this.#words.compareExchangeNumber(state, expected, expected - from + to) === expected;
`,
    test: tested('owner-table.test.ts', "a successor in a dead thread's row has another name"),
  },
  {
    name: 'a word with its own line shares its end with the next',
    bug: 'false sharing',
    file: LAYOUT,
    replace: '    if (field.ownLine) end = roundUp(end, LINE_WORDS);\n',
    by: '',
    test: tested('layout.test.ts', 'a word with its own line shares it with nothing'),
  },
  {
    name: 'owners stand side by side',
    bug: 'false sharing',
    file: OWNERS,
    replace: 'reserved: several(LINE_WORDS - 2)',
    by: 'reserved: several(LINE_WORDS / 2 - 2)',
    test: tested('layout.test.ts', 'what different threads write in the pool is on different lines'),
  },
  {
    name: 'the magic is written before the tables',
    bug: 'early publish',
    file: 'packages/core/src/pool/pool.ts',
    replace: `      initSegmentTable(pool, segmentsAt as Address, segments);
      pool.store(HEADER_AT.version, LAYOUT_VERSION);
      pool.store(HEADER_AT.magic, MAGIC);`,
    by: `      pool.store(HEADER_AT.version, LAYOUT_VERSION);
      pool.store(HEADER_AT.magic, MAGIC);
      initSegmentTable(pool, segmentsAt as Address, segments);`,
    test: tested('attach.test.ts', 'the magic is written last'),
  },
];
