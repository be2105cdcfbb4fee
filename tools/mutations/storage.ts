/** Bugs in segments and in where words come from and go to. */
import { type Mutation, type MutationTest, testsOf } from './mutation.ts';

const TABLE = 'packages/core/src/segments/table.ts';
const STACK = 'packages/alloc/src/internal/owned-stack.ts';
const HEAD = 'packages/alloc/src/internal/owned-head.ts';
const COUNTED = 'packages/alloc/src/reuse/counted.ts';

const tested = (project: 'alloc' | 'core', file: string, name?: string): MutationTest => testsOf(project)(file, name);

export const OF_STORAGE: readonly Mutation[] = [
  {
    name: 'the generation of a segment wraps to that of no handle',
    bug: 'wrap-around',
    file: TABLE,
    replace: 'return generation + 1 < GENERATIONS ? generation + 1 : FIRST_GENERATION;',
    by: 'return (generation + 1) % GENERATIONS;',
    test: tested('core', 'segments-reuse.test.ts', "an entry's generation goes from its largest to 1"),
  },
  {
    name: 'a segment that is written again is of the same generation',
    bug: 'aba',
    file: TABLE,
    replace: 'return generation + 1 < GENERATIONS ? generation + 1 : FIRST_GENERATION;',
    by: 'return generation;',
    test: tested('core', 'segments.test.ts'),
  },
  {
    name: 'an entry can be found before it is free',
    bug: 'early publish',
    file: TABLE,
    replace: `    this.words.storeNumber(this.meta(index), packMeta(generation, FREE)); // pairs with the compare-exchange in claim()
    this.free.add(index);`,
    by: `    this.free.add(index);
    this.words.storeNumber(this.meta(index), packMeta(generation, FREE));`,
    test: tested('core', 'segments-order.test.ts', 'the whole entry stands before the draft does'),
  },
  {
    name: 'the head of a list of free blocks has no tag',
    bug: 'aba',
    file: HEAD,
    replace: 'return ((head * this.#perTag + 1) & this.#tagMask) * this.#tagUnit + taker * this.#takerUnit + top;',
    by: 'return ((head * this.#perTag) & this.#tagMask) * this.#tagUnit + taker * this.#takerUnit + top;',
    test: tested('alloc', 'free-list-aba.test.ts', 'does no harm if the tag has'),
  },
  {
    name: 'the tag of a head goes on above 2^53',
    bug: 'wrap-around',
    file: HEAD,
    replace: 'return wrapped < 0 ? head + difference : wrapped;',
    by: 'return head + difference;',
    test: tested('alloc', 'free-list-aba.test.ts', 'a head whose tag wraps'),
  },
  {
    name: 'what the dead were giving back is lost',
    bug: 'death at every step',
    file: STACK,
    replace: 'const lost = index + 1 !== top && this.#rows.isGiving(dead, seen);',
    by: 'const lost = false;',
    test: tested('alloc', 'deaths.test.ts'),
  },
  {
    name: 'what the dead were giving back is given back, though it is on the stack already',
    bug: 'death at every step',
    file: STACK,
    replace: 'const lost = index + 1 !== top && this.#rows.isGiving(dead, seen);',
    by: 'const lost = this.#rows.isGiving(dead, seen);',
    test: tested('alloc', 'deaths.test.ts'),
  },
  {
    name: 'what was given back is on the stack before it says what is below',
    bug: 'early publish',
    file: STACK,
    replace: `      words.storeNumber(next, top);
      // pairs with load(head) in take() and #moveOn(): publishes \`next\`
      if (words.compareExchangeNumber(this.#head, before, this.#parts.after(before, 0, index + 1)) === before) return;
`,
    by: `      const after = this.#parts.after(before, 0, index + 1);
      if (words.compareExchangeNumber(this.#head, before, after) !== before) continue;
      words.storeNumber(next, top);
      return;
`,
    test: tested('alloc', 'deaths.test.ts'),
  },
  {
    name: 'a reader of a segment that was retired meanwhile counts as in time',
    bug: 'cleanup and reopening',
    file: COUNTED,
    replace: '    if (inUse(words.loadNumber(policyWord), segment)) return true;\n',
    by: '    if (word > 0) return true;\n',
    test: tested('alloc', 'reuse.test.ts', 'an acquisition at any step of a retirement is refused or kept'),
  },
];
