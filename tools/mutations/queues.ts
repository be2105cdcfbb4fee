/** Bugs in the queues: rings of words, rings of cells, lists of rings, and the stack. */
import { type Mutation, modelled, testsOf } from './mutation.ts';

const SENDER = 'packages/sync/src/queues/spsc-sender.ts';
const RECEIVER = 'packages/sync/src/queues/spsc-receiver.ts';
const RING = 'packages/sync/src/queues/cell-ring.ts';
const CELL_SENDER = 'packages/sync/src/queues/cell-sender.ts';
const SEGMENTED = 'packages/sync/src/queues/segmented-cells.ts';
const LIST = 'packages/sync/src/queues/segment-list.ts';
const POINTERS = 'packages/sync/src/queues/segment-pointers.ts';
const DIRECTORY = 'packages/sync/src/queues/segment-directory.ts';
const STACK = 'packages/sync/src/queues/treiber-stack.ts';
const STEPS = 'packages/core/src/cell-steps.ts';

const tested = testsOf('sync');

export const OF_QUEUES: readonly Mutation[] = [
  {
    name: 'the positions of a ring are compared as if they never wrapped',
    bug: 'wrap-around',
    file: 'packages/sync/src/queues/spsc-layout.ts',
    replace: 'tail >= head ? tail - head : tail - head + POSITIONS',
    by: 'Math.max(0, tail - head)',
    test: tested('counters.test.ts', 'spsc ring, positions'),
  },
  {
    name: 'a ring counts in 32 bits',
    bug: 'wrap-around',
    file: SENDER,
    replace: 'return this.#write(this.#position * POSITION_UNIT);',
    by: 'return this.#write((this.#position << 2) >>> 0);',
    test: tested('counters.test.ts', 'spsc ring, positions'),
  },
  {
    name: 'a pop of several stops at the end of the ring, and counts all',
    bug: 'wrap-around',
    file: RECEIVER,
    replace: '    if (first < count) this.#words.copyOut(this.#slots, target.subarray(first, count));\n',
    by: '',
    test: tested('spsc-ring.test.ts'),
  },
  {
    name: 'a pop of more than there is takes what is not there',
    bug: 'wrap-around',
    file: RECEIVER,
    replace: 'const count = Math.min(this.#there, length);',
    by: 'const count = length;',
    test: tested('spsc-ring.test.ts'),
  },
  {
    name: 'the laps of a cell grow above 2^53',
    bug: 'wrap-around',
    file: 'packages/sync/src/queues/cell.ts',
    replace: '(lap < LAPS * LAP ? lap : 0)',
    by: 'lap',
    test: modelled('array-queue.model.ts', 'an array queue without lanes > keeps the order in which one sends (sc)'),
  },
  {
    name: 'a full ring is not told from one with room',
    bug: 'full unreported',
    file: SENDER,
    replace: 'return this.#room > 0;',
    by: 'return this.#room >= 0;',
    test: tested('spsc-ring.test.ts'),
  },
  {
    name: 'a full queue of cells says that it has ended',
    bug: 'full unreported',
    file: CELL_SENDER,
    replace: 'if (stateOf(seen) !== FREE) return NONE_FREE;',
    by: 'if (stateOf(seen) !== FREE) return ENDED_HERE;',
    test: tested('array-queue.test.ts', 'behaves as an array'),
  },
  {
    name: 'the tail of a ring says so before the slots are written',
    bug: 'early publish',
    file: SENDER,
    replace: `    this.#words.storePlain((this.#slots + (this.#position & this.#mask)) as Address, value);
    return this.#publish(1);
`,
    by: `    const slot = (this.#slots + (this.#position & this.#mask)) as Address;
    const sent = this.#publish(1);
    this.#words.storePlain(slot, value);
    return sent;
`,
    test: tested('spsc-ring.test.ts', 'publishes a slot after it was written'),
  },
  {
    name: 'a cell is full before its word is written',
    bug: 'early publish',
    file: STEPS,
    replace: `    words.store((cell + column) as Address, value);
    return this.#publish(cell, lap * STAMP_LAP + claim, lap * STAMP_LAP + full);
`,
    by: `    const filled = this.#publish(cell, lap * STAMP_LAP + claim, lap * STAMP_LAP + full);
    words.store((cell + column) as Address, value);
    return filled;
`,
    test: modelled('array-queue.model.ts', 'an array queue without lanes > publishes what is sent (sc)'),
  },
  {
    name: 'a cell is full before the word in the lane is written',
    bug: 'early publish',
    file: STEPS,
    replace: `    this.#words.store((cell + column) as Address, value);
    return this.#take(cell, free, lap * STAMP_LAP + full) ? FILLED : NOT_FREE;
`,
    by: `    const filled = this.#take(cell, free, lap * STAMP_LAP + full) ? FILLED : NOT_FREE;
    this.#words.store((cell + column) as Address, value);
    return filled;
`,
    test: modelled('array-queue.model.ts', 'an array queue with lanes > publishes what is sent (sc)'),
  },
  {
    name: 'a receiver whose mark went with a claim sleeps on if the cell was marked again',
    bug: 'lost wake-up',
    file: CELL_SENDER,
    replace: 'if (answered !== NOT_FREE) return this.#wake(); // the claim',
    by: 'if (answered === CHANGED) return SENT;\n    if (answered !== NOT_FREE) return this.#wake(); // the claim',
    test: modelled(
      'array-queue.model.ts',
      'an array queue without lanes > wakes a receiver that sleeps though the queue ends while it is answered (sc)',
    ),
  },
  {
    name: 'two senders have one lane',
    bug: 'early publish',
    file: 'packages/sync/src/queues/lanes.ts',
    replace: 'if (moveWord(this.#words, this.#of(lane), NOBODY, this.#owner)) return lane;',
    by: 'return lane;',
    test: tested('array-queue.test.ts', 'has lanes for the first senders'),
  },
  {
    name: 'a node is on the stack before its value is written',
    bug: 'early publish',
    file: STACK,
    replace: `    this.#words.storePlain(this.#value(node), value);
    this.#put(this.#at.top, node);
`,
    by: `    this.#put(this.#at.top, node);
    this.#words.storePlain(this.#value(node), value);
`,
    test: modelled('treiber-stack.model.ts', 'a stack > publishes what is pushed (sc)'),
  },
  {
    name: 'a segment is on the list before its cells are free',
    bug: 'early publish',
    file: LIST,
    replace: 'if (ring.restart()) return { reference, ring };',
    by: 'return { reference, ring };',
    test: tested('segmented-queue.test.ts'),
  },
  {
    name: 'a value that another receiver has taken meanwhile is received',
    bug: 'torn word',
    file: STEPS,
    replace: 'return words.compareExchangeNumber(cell, seen, nextOf(lap)) === seen ? value : undefined;',
    by: 'words.compareExchangeNumber(cell, seen, nextOf(lap));\n    return value;',
    test: tested('array-queue.test.ts', 'from being received twice'),
  },
  {
    name: 'a receiver parks on whatever the tail holds once it is marked',
    bug: 'lost wake-up',
    file: RECEIVER,
    replace: `    const expected = (tail & COUNTER_WAITING) === 0 ? tail + COUNTER_WAITING : tail;
    // pairs with exchange(tail) in the sender: either it sees the mark, or this fails and there is a word
    if (expected !== tail && words.compareExchangeNumber(at.tail, tail, expected) !== tail) return undefined;
`,
    by: `    const marked = words.fetchOrNumber(at.tail, COUNTER_WAITING);
    const expected = marked - (marked & COUNTER_WAITING) + COUNTER_WAITING;
`,
    test: tested('spsc-ring.test.ts', 'between any two steps > no receiver is left parked'),
  },
  {
    name: 'a sender parks on whatever the head holds once it is marked',
    bug: 'lost wake-up',
    file: SENDER,
    replace: `    const expected = (head & COUNTER_WAITING) === 0 ? head + COUNTER_WAITING : head;
    // pairs with exchange(head) in the receiver: either it sees the mark, or this fails and there is room
    if (expected !== head && words.compareExchangeNumber(at.head, head, expected) !== head) return undefined;
`,
    by: `    const marked = words.fetchOrNumber(at.head, COUNTER_WAITING);
    const expected = marked - (marked & COUNTER_WAITING) + COUNTER_WAITING;
`,
    test: tested('spsc-ring.test.ts', 'between any two steps > no sender is left parked'),
  },
  {
    name: 'a sender that has marked the list does not look once more',
    bug: 'lost wake-up',
    file: SEGMENTED,
    replace: 'if (!hasRoom && this.#directory.next(reference) === NOT_YET) return spot;',
    by: 'return spot;',
    test: modelled('segmented-queue.model.ts', 'wakes a sender that waits for a segment (sc)'),
  },
  {
    name: 'nothing orders the mark of a sender and its look',
    bug: 'lost wake-up',
    file: POINTERS,
    replace: '    this.#words.fence(); // between the mark and the look; pairs with the one in wakeSenders()\n',
    by: '',
    test: modelled(
      'segmented-queue.model.ts',
      'wakes a sender that waits while another brings the last segment (rc11)',
    ),
  },
  {
    name: 'a sender that does not park after all leaves its mark on the list',
    bug: 'lost wake-up',
    file: SEGMENTED,
    replace: '    this.#pointers.wakeSenders();\n    return undefined;\n  }\n\n  parkReceiver',
    by: '    return undefined;\n  }\n\n  parkReceiver',
    test: tested('segmented-queue.test.ts', 'is woken though another has marked the list again'),
  },
  {
    name: "a sender's mark that goes when the cell is published wakes nobody",
    bug: 'lost wake-up',
    file: 'packages/sync/src/queues/cell-changes.ts',
    replace: '    this.#onUnmarked();\n',
    by: '    if (stateOf(next) === 0) this.#onUnmarked();\n',
    test: tested('segmented-queue.test.ts', 'is woken though its mark goes when the cell is published'),
  },
  {
    name: 'a receiver parks in a segment that has left the list meanwhile',
    bug: 'block edge',
    file: SEGMENTED,
    replace: 'return this.#pointers.first === reference ? spot : undefined;',
    by: 'return spot;',
    test: tested('segmented-queue.test.ts', 'is not parked in a segment that has left the list'),
  },
  {
    name: 'who looks for the oldest word goes past it, behind a claim that was skipped out of turn',
    bug: 'death at every step',
    file: 'packages/sync/src/queues/cell-search.ts',
    replace: 'Math.max(0, ahead - 1));',
    by: 'ahead);',
    test: tested('array-queue.test.ts', 'a round further on, hides nothing from who comes late'),
  },
  {
    name: 'a receiver leaves a ring before it has ended',
    bug: 'block edge',
    file: SEGMENTED,
    replace: '    if (why === NO_CELL) return NO_CELL;\n',
    by: '',
    test: tested('segmented-queue.test.ts', 'no word of a slow sender is lost'),
  },
  {
    name: 'a ring that was ended, with none after it yet, counts as the end of the stream',
    bug: 'block edge',
    file: SEGMENTED,
    replace: 'if (next === NOT_YET) return NO_CELL; // a sender',
    by: 'if (next === NOT_YET) return STREAM_ENDED; // a sender',
    test: tested('segmented-queue.test.ts', 'no word of a slow sender is lost'),
  },
  {
    name: "senders' pointer stays at a ring that receivers have given up",
    bug: 'block edge',
    file: SEGMENTED,
    replace: '    if (this.#pointers.last === reference) this.#pointers.moveLast(reference, next);\n',
    by: '',
    test: tested('segmented-queue.test.ts', 'leaves no pointer to a segment that others use again'),
  },
  {
    name: 'who comes second with a new ring keeps it for ever',
    bug: 'block edge',
    file: LIST,
    replace: '      this.directory.unclaim(segment.reference, this.#name);\n    }\n    this.pointers',
    by: '    }\n    this.pointers',
    test: tested('segmented-queue.test.ts', 'no word of a slow sender is lost'),
  },
  {
    name: 'a ring is given up only once its claimer has said that it is linked',
    bug: 'block edge',
    file: DIRECTORY,
    replace: 'if (generationOf(meta) !== generation || stateOf(meta) === SPARE) return;',
    by: 'if (generationOf(meta) !== generation || stateOf(meta) !== LINKED) return;',
    test: tested('segmented-queue.test.ts', 'is to be had again'),
  },
  {
    name: 'a stack without tags',
    bug: 'aba',
    file: STACK,
    replace: '((Math.floor(head / NODES) + 1) & (this.#tags - 1)) * NODES',
    by: 'Math.floor(head / NODES) * NODES',
    test: tested('treiber-stack.test.ts', 'is not fooled when the node it saw is first again'),
  },
  {
    name: 'a segment that is used again is of the same generation',
    bug: 'aba',
    file: DIRECTORY,
    replace: '(generationOf(seen) + 1) % GENERATIONS',
    by: 'generationOf(seen)',
    test: tested('segmented-queue.test.ts'),
  },
  {
    name: 'a ring that is used again begins in laps that a late thread knows',
    bug: 'aba',
    file: RING,
    replace: '(first + furthest + 2 + LAPS) % LAPS',
    by: 'first % LAPS',
    test: modelled('segmented-queue.model.ts', 'gives a late receiver nothing of what was there'),
  },
  {
    name: 'what a dead sender had claimed is received as if it had been sent',
    bug: 'death at every step',
    file: RING,
    replace: 'if (this.#changes.finish(cell, standing, true)) {',
    by: 'if (this.#changes.finish(cell, standing)) {',
    test: tested('array-queue.test.ts', 'after a death at any step > of a sender'),
  },
  {
    name: 'those whose wake died with who was to give it sleep on',
    bug: 'death at every step',
    file: RING,
    replace: '      this.#words.notify(cell); // whoever took',
    by: '      // whoever took',
    test: tested('array-queue.test.ts', 'of who was about to wake others'),
  },
  {
    name: 'a receiver that died in closing leaves its sender without an answer',
    bug: 'peer gone',
    file: 'packages/sync/src/queues/spsc-ring.ts',
    replace: '      else if (isEndClosedBy(this.#words.loadNumber(this.#at[end]), dead)) {',
    by: '      else if (end === undefined) {',
    test: tested('spsc-ring.test.ts', 'wherever it died in doing so'),
  },
  {
    name: 'a receiver that closes tells no sender that waits for room',
    bug: 'peer gone',
    file: RECEIVER,
    replace: '    this.#write(COUNTER_CLOSED);\n',
    by: '    this.#write(0);\n',
    test: tested('spsc-ring.test.ts', 'between any two steps > no sender is left parked'),
  },
  {
    name: 'a push is done with its first try, which another may have foiled',
    bug: 'inverted exchange',
    file: STACK,
    replace: 'if (moveWord(this.#words, head, seen, this.#following(seen) + node)) return;',
    by: 'moveWord(this.#words, head, seen, this.#following(seen) + node);\n      return;',
    test: modelled('treiber-stack.model.ts', 'keeps what two push (sc)'),
  },
];
