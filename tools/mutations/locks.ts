/** Bugs in locks and in what threads wait with. */
import { type Mutation, modelled, testsOf } from './mutation.ts';

const LOCKS = 'packages/sync/src/locks';
const WAITING = 'packages/sync/src/waiting';

const tested = testsOf('sync');

export const OF_LOCKS: readonly Mutation[] = [
  {
    name: 'a wake that died with who was to give it is lost to a parker for good',
    bug: 'death at every step',
    file: `${LOCKS}/parker.ts`,
    replace: '  recover(_owner: Owner): undefined {\n    this.#words.notify(this.#state);',
    by: '  recover(_owner: Owner): undefined {',
    test: tested('parker.test.ts', 'wakes its sleeper when it is recovered'),
  },
  {
    name: 'a parker wakes only the first in the queue of its word, which may be an aborted one',
    bug: 'stale waiter',
    file: `${LOCKS}/parker.ts`,
    replace: '=== BigInt(PARKED)) this.#words.notify(this.#state);',
    by: '=== BigInt(PARKED)) this.#words.notify(this.#state, 1);',
    test: tested('parker.test.ts', 'wakes whoever is in the queue of the word'),
  },
  {
    name: 'a waiter parks on whatever an event count holds by then',
    bug: 'lost wake-up',
    file: `${WAITING}/event-count.ts`,
    replace: 'this.#words.wait(this.#event, ticket, deadline.remaining())',
    by: 'this.#words.wait(this.#event, this.#words.load(this.#event), deadline.remaining())',
    test: tested('latch.test.ts', 'loses no wake-up, wherever the last count falls'),
  },
  {
    name: 'nothing orders the count of waiters and the look at the condition',
    bug: 'lost wake-up',
    file: `${WAITING}/event-count.ts`,
    replace: "    this.#words.fence(); // between the write of `waiters` and the attempt's reads\n",
    by: '',
    test: modelled('event-count.model.ts', 'an event count > wakes whom it should (rc11)'),
  },
  {
    name: 'who publishes a record looks at the doorbell without a fence',
    bug: 'lost wake-up',
    file: 'packages/core/src/cell-steps.ts',
    replace: '    this.#words.fence(); // pairs with the fence of whoever writes',
    by: '    // pairs with the fence of whoever writes',
    test: modelled('records-ring.model.ts', 'a records ring > wakes a receiver that sleeps (rc11)'),
  },
  {
    name: 'who has marked a doorbell looks without a fence',
    bug: 'lost wake-up',
    file: `${WAITING}/doorbell.ts`,
    replace: '    this.#words.fence(); // pairs with the fence in ring(), and',
    by: '    // pairs with the fence in ring(), and',
    test: modelled('records-ring.model.ts', 'a records ring > wakes a receiver that sleeps (rc11)'),
  },
  {
    name: 'who has marked a doorbell does not look once more',
    bug: 'lost wake-up',
    file: `${WAITING}/doorbell.ts`,
    replace: 'return isTrue() ? undefined : { at: this.bell, expected };',
    by: 'return { at: this.bell, expected };',
    test: tested('doorbell.test.ts', 'wakes a waiter whenever it is rung between two of its steps'),
  },
  {
    name: 'a waiter parks on whatever a mutex holds by then',
    bug: 'lost wake-up',
    file: `${LOCKS}/mutex-word.ts`,
    replace: '      this.expected = marked;\n',
    by: '      this.expected = this.#word.read();\n',
    test: tested('mutex.test.ts', 'loses no wake-up wherever the unlock falls'),
  },
  {
    name: 'a barrier waits for the next round, though later ones may have passed',
    bug: 'equal index',
    file: `${LOCKS}/barrier.ts`,
    replace: "    if (ago > 8) return 'broken';\n",
    by: '    if (ago !== 1) return undefined;\n',
    test: tested('barrier.test.ts', 'tells those who wait of a reset, even if they look late'),
  },
  {
    name: 'the rounds of a barrier are compared as if they never wrapped',
    bug: 'wrap-around',
    file: `${LOCKS}/barrier.ts`,
    replace: '(roundOf(state) - round + ROUNDS) % ROUNDS',
    by: 'Math.max(0, roundOf(state) - round)',
    test: tested('barrier.test.ts', 'tells those who wait of a reset, even if they look late'),
  },
  {
    name: 'the rings of a doorbell go on above 2^53',
    bug: 'wrap-around',
    file: `${WAITING}/doorbell.ts`,
    replace: 'seen + 1 < LIMIT ? seen + 1 : 0',
    by: 'seen + 1',
    test: tested('doorbell.test.ts', 'goes on past'),
  },
  {
    name: 'tickets are compared as if they never wrapped',
    bug: 'wrap-around',
    file: `${LOCKS}/waiting-line.ts`,
    replace: 'return distance > 0 && distance < TICKETS / 2;',
    by: 'return distance > 0 && ticket < other;',
    test: tested('semaphore.test.ts', 'serves who came first where its tickets wrap'),
  },
  {
    name: 'a lock is named after it was taken, in a step of its own',
    bug: 'death at every step',
    file: `${LOCKS}/mutex-word.ts`,
    replace: "return moveWord(this.words, this.at, FREE, this.#mine) ? 'locked' : undefined;",
    by: `if (!moveWord(this.words, this.at, FREE, RADIX)) return undefined;
    return moveWord(this.words, this.at, RADIX, this.#mine) ? 'locked' : undefined;`,
    test: tested('mutex.test.ts', 'is free again after a death at any operation, and says so'),
  },
  {
    name: 'those who wait for a dead holder are not woken',
    bug: 'hang on death',
    file: `${LOCKS}/mutex-word.ts`,
    replace: '    this.words.notify(this.at);\n    return held;',
    by: '    return held;',
    test: tested('mutex.test.ts', 'when the holder dies'),
  },
  {
    name: 'those who wait for the permits of the dead are not woken',
    bug: 'hang on death',
    file: `${LOCKS}/permit-gate.ts`,
    replace: '    this.#events.signalAll();\n    return held;',
    by: '    return held;',
    test: tested('semaphore.test.ts', 'goes on when the first in line dies'),
  },
  {
    name: 'a barrier waits for a party that is dead',
    bug: 'hang on death',
    file: `${LOCKS}/barrier.ts`,
    replace: 'if (!isBroken(state) && !this.#word.move(state, state + 1)) continue;',
    by: '',
    test: tested('barrier.test.ts', 'the others are never left waiting'),
  },
  {
    name: 'permits are taken before it is written who has them',
    bug: 'death at every step',
    file: `${LOCKS}/permits.ts`,
    replace: `      const tag = this.#intend(held, held + count);
      if (this.#move(at, state, (availableOf(state) - count) * AVAILABLE_UNIT + owner.id * TAGS + tag)) return true;
`,
    by: `      if (!this.#move(at, state, state - count * AVAILABLE_UNIT)) continue;
      const tag = this.#intend(held + count, held + count);
      return tag >= 0;
`,
    test: tested('semaphore.test.ts', 'has all its permits again after a death at any operation'),
  },
  {
    name: 'what a dead owner was about to take is not settled',
    bug: 'death at every step',
    file: `${LOCKS}/permits.ts`,
    replace: '      this.#settle(state);\n      const credit = this.#read(row);\n',
    by: '      const credit = this.#read(row);\n',
    test: tested('semaphore.test.ts', 'has all its permits again after a death at any operation'),
  },
  {
    name: 'what a storage gives back is for nobody who was asked before it',
    bug: 'death at every step',
    file: 'packages/sync/src/recovery.ts',
    replace: '  if (list.length > 1) found.push(...recoverAll());\n',
    by: '',
    test: tested('lost-wakes.test.ts', 'nobody sleeps for a segment that a dead thread had'),
  },
  {
    name: 'a call that its maker died in is never made again',
    bug: 'hang on death',
    file: `${LOCKS}/once.ts`,
    replace: 'this.#word.move(deadOwner(owner) * PHASES + RUNNING, CUT_SHORT)',
    by: 'this.#word.move(deadOwner(owner), CUT_SHORT)',
    test: tested('once.test.ts', 'is made again when its maker dies'),
  },
  {
    name: "a late recovery takes a successor's permits",
    bug: 'cleanup and reopening',
    file: `${LOCKS}/permits.ts`,
    replace: '      if (this.#read(this.#row(owner.id, GENERATION)) !== owner.generation) return 0;\n',
    by: '',
    test: tested('semaphore.test.ts', 'is not touched by a late recovery'),
  },
  {
    name: 'a late recovery looks whose row it is before it looks at the permits',
    bug: 'cleanup and reopening',
    file: `${LOCKS}/permits.ts`,
    replace: `    for (;;) {
      const state = this.#read(at);
      this.#settle(state);
      const credit = this.#read(row);
      // Looked at after \`state\`: once a successor has enrolled, its first operation changes \`state\` before it holds anything.
      if (this.#read(this.#row(owner.id, GENERATION)) !== owner.generation) return 0;
`,
    by: `    if (this.#read(this.#row(owner.id, GENERATION)) !== owner.generation) return 0;
    for (;;) {
      const state = this.#read(at);
      this.#settle(state);
      const credit = this.#read(row);
`,
    test: modelled('permits.model.ts', 'has them once, too, if a successor comes before a late recovery (sc)'),
  },
  {
    name: "a late recovery frees a successor's lock",
    bug: 'cleanup and reopening',
    file: `${LOCKS}/mutex-word.ts`,
    replace: 'holderOf(seen) === packedOwner && !held',
    by: 'holderOf(seen) % 2 ** 16 === packedOwner % 2 ** 16 && !held',
    test: tested('mutex.test.ts', 'a late recovery does not touch a successor with the same row'),
  },
  {
    name: 'a late recovery breaks a barrier that was reset meanwhile',
    bug: 'cleanup and reopening',
    file: `${LOCKS}/barrier.ts`,
    replace: `      const state = this.#word.read();
      const slot = this.#find(dead);
`,
    by: `      const slot = this.#find(dead);
      const state = this.#word.read();
`,
    test: tested('barrier.test.ts', 'a late recovery does not break it again'),
  },
  {
    name: 'a gate lets those pass who come after one that waits',
    bug: 'starved writer',
    file: `${LOCKS}/permit-gate.ts`,
    replace: 'return (!this.fair || this.#line.empty) && this.permits.tryTake(count);',
    by: 'return this.permits.tryTake(count);',
    test: tested('rw-lock.test.ts', 'a writer that waits is not passed by readers'),
  },
  {
    name: 'a read-write lock without a line',
    bug: 'starved writer',
    file: `${LOCKS}/rw-lock.ts`,
    replace: 'total: ALL, fair: true',
    by: 'total: ALL, fair: false',
    test: tested('rw-lock.test.ts', 'a writer that waits is not passed by readers'),
  },
  {
    name: 'two locks on one line',
    bug: 'false sharing',
    file: `${LOCKS}/mutex.ts`,
    replace: 'reserved: several(LINE_WORDS - 2)',
    by: 'reserved: several(LINE_WORDS / 2 - 2)',
    test: tested('lock-layouts.test.ts'),
  },
  {
    name: 'a count of a latch is done though another came between',
    bug: 'inverted exchange',
    file: `${LOCKS}/latch.ts`,
    replace: 'if (!this.#word.move(state, state - count * UNIT)) continue;',
    by: 'this.#word.move(state, state - count * UNIT);',
    test: modelled('signalled.model.ts', 'a latch has every count of two that count at once (sc)'),
  },
];
