/** Bugs in channels, in records, and in what is published to many. */
import { type Mutation, modelled, testsOf } from './mutation.ts';

const CHANNELS = 'packages/sync/src/channels';
const HEADERS = `${CHANNELS}/record-headers.ts`;
const WRITER = `${CHANNELS}/record-writer.ts`;
const SLOTS = 'packages/sync/src/internal/published-slots.ts';

const tested = testsOf('sync');

export const OF_CHANNELS: readonly Mutation[] = [
  {
    name: 'a flush that finds room for a part says that all of it is in the ring',
    bug: 'full unreported',
    file: `${CHANNELS}/buffered-records.ts`,
    replace: "return this.#gathered.done ? 'ok' : 'full';",
    by: "return 'ok';",
    test: tested('records-ring-buffered.test.ts', 'a sender that gathers > loses nothing and keeps the order'),
  },
  {
    name: 'what a dead producer had claimed is not skipped when the ring is full',
    bug: 'dead producer',
    file: HEADERS,
    replace: 'end = following(position, this.capacity); ahead(end, position) > 0;',
    by: 'end = following(position, this.capacity - 1); ahead(end, position) > 1;',
    test: tested('records-ring.test.ts', 'a ring of records that is full beside a dead writer'),
  },
  {
    name: 'a record that was claimed, with the tail not moved yet, is not seen by recovery',
    bug: 'dead producer',
    file: HEADERS,
    replace: 'end = following(position, this.capacity); ahead(end, position) > 0;',
    by: 'end = this.tail; ahead(end, position) > 0 && position !== end;',
    test: tested('records-ring.test.ts', 'a ring of records that is full beside a dead writer'),
  },
  {
    name: 'a receiver is not told that a dead producer was unblocked',
    bug: 'dead producer',
    file: `${CHANNELS}/records-ring.ts`,
    replace: '    this.#items.ringForTheDead();\n',
    by: '',
    test: tested('records-ring.test.ts', 'is given by recovery: to the receiver'),
  },
  {
    name: 'a claim takes one unit more than there is, while the head has not moved',
    bug: 'full unreported',
    file: HEADERS,
    replace: 'if (ahead(tail, this.#seenHead) + padding + most >= this.capacity) {',
    by: 'if (ahead(tail, this.#seenHead) + padding + most > this.capacity) {',
    test: tested('records-ring.test.ts', 'a ring of records > is a queue of bytes with room for its capacity'),
  },
  {
    name: 'the unit that stays free is given away',
    bug: 'full unreported',
    file: HEADERS,
    replace: 'return fill + units < this.capacity ? 1 : NO_ROOM;',
    by: 'return fill + units <= this.capacity ? 1 : NO_ROOM;',
    test: tested('records-ring.test.ts', 'a ring of records'),
  },
  {
    name: 'positions of messages grow above 2^48',
    bug: 'wrap-around',
    file: 'packages/sync/src/internal/sequence.ts',
    replace: 'return next < SEQUENCES ? next : next - SEQUENCES;',
    by: 'return next;',
    test: tested('counters.test.ts', 'broadcast'),
  },
  {
    name: 'positions of messages are compared as if they never wrapped',
    bug: 'wrap-around',
    file: 'packages/sync/src/internal/sequence.ts',
    replace: 'return distance < 0 ? distance + SEQUENCES : distance;',
    by: 'return Math.max(0, distance);',
    test: tested('counters.test.ts', 'broadcast'),
  },
  {
    name: 'a message is published before its words are written',
    bug: 'early publish',
    file: SLOTS,
    replace: `    for (let index = 0; index < this.width; index++) words.store((slot + index) as Address, message[index] as bigint);
    // Compare-exchange, not store: close() may have come between. Pairs with load(published) in copy(): publishes the message.
    if (!moveWord(words, this.#at.published, published, following(sequence, 1) * STEP + ANY)) return this.#overtaken();
`,
    by: `    if (!moveWord(words, this.#at.published, published, following(sequence, 1) * STEP + ANY)) return this.#overtaken();
    for (let index = 0; index < this.width; index++) words.store((slot + index) as Address, message[index] as bigint);
`,
    test: tested('mailbox.test.ts', 'publishes the words before their number'),
  },
  {
    name: 'a block of records is published before the headers of all but its first record are filled',
    bug: 'early publish',
    file: WRITER,
    replace: `      if (!this.#headers.fill(position, batch, this.#owner)) throw skipped();
      this.#publish(position, units, batch.bytesOf(0));
`,
    by: `      this.#publish(position, units, batch.bytesOf(0));
      if (!this.#headers.fill(position, batch, this.#owner)) throw skipped();
`,
    test: modelled('records-ring.model.ts', 'passes on a block of records whole (sc)'),
  },
  {
    name: 'the headers of a block are filled by stores, which a writer that was taken for dead does in a later lap',
    bug: 'aba',
    file: HEADERS,
    replace: 'if (!moveWord(this.#words, at, free, header)) return false;',
    by: 'this.#words.storeNumber(at, header);',
    test: tested(
      'records-ring-block.test.ts',
      'leaves later laps alone when its writer was taken for dead, and is not',
    ),
  },
  {
    name: 'a one-shot is full before its word is there',
    bug: 'early publish',
    file: `${CHANNELS}/one-shot.ts`,
    replace: `    this.#words.store(this.#at.value, value);
    // Compare-exchange, not store: the receiver may have closed meanwhile. Pairs with load(state) in tryReceive(): publishes the value.
    if (!this.#move(this.#held, FULL)) return 'closed';
`,
    by: `    if (!this.#move(this.#held, FULL)) return 'closed';
    this.#words.store(this.#at.value, value);
`,
    test: tested('one-shot.test.ts', 'publishes the value before the state'),
  },
  {
    name: 'a channel can be attached to before it is laid',
    bug: 'early publish',
    file: `${CHANNELS}/channel.ts`,
    replace: `    channel.clones.sender.init();
    channel.clones.receiver.init();
    words.store(at.magic, CHANNEL_MAGIC);`,
    by: `    words.store(at.magic, CHANNEL_MAGIC);
    channel.clones.sender.init();
    channel.clones.receiver.init();`,
    test: tested('laying.test.ts', 'a channel > is laid whole'),
  },
  {
    name: 'a copy that the writer has caught up with counts as whole',
    bug: 'torn word',
    file: SLOTS,
    replace: 'return ahead(this.sequence, sequence) <= this.lasting;',
    by: 'return ahead(this.sequence, sequence) <= this.lasting + 1;',
    test: tested('mailbox.test.ts', 'is never torn'),
  },
  {
    name: 'a copy is checked before it is made',
    bug: 'torn word',
    file: SLOTS,
    replace: `    for (let index = 0; index < this.width; index++) target[index] = this.#words.load((slot + index) as Address);
    return ahead(this.sequence, sequence) <= this.lasting;`,
    by: `    const whole = ahead(this.sequence, sequence) <= this.lasting;
    for (let index = 0; index < this.width; index++) target[index] = this.#words.load((slot + index) as Address);
    return whole;`,
    test: tested('mailbox.test.ts', 'is never torn'),
  },
  {
    name: 'a reader waits for the very next message, though later ones may have come',
    bug: 'equal index',
    file: `${CHANNELS}/mailbox.ts`,
    replace: "this.#slots.sequence === this.#seen ? 'empty' : this.peek(into);",
    by: "this.#slots.sequence === following(Math.max(0, this.#seen), 1) ? this.peek(into) : 'empty';",
    test: tested('mailbox.test.ts', 'gives what was written last, once to each reader'),
  },
  {
    name: 'whoever waits for a message that has come meanwhile looks before it counts as waiting',
    bug: 'lost wake-up',
    file: `${CHANNELS}/records-ring.ts`,
    replace: 'park: () => this.#items.park(() => this.#receiving().hasMore())',
    by: 'park: () => (this.#receiving().hasMore() ? undefined : this.#items.park(() => false))',
    test: tested('records-ring.test.ts', 'loses no wake-up, wherever a record or room comes'),
  },
  {
    name: 'a dead sender leaves its channel open for ever',
    bug: 'hang on death',
    file: `${CHANNELS}/channel.ts`,
    replace: '      this.#closeIfLast(side); // even if none',
    by: '      // even if none',
    test: tested('channel.test.ts', 'die with their threads, and so may the channel'),
    hangs: true,
  },
  {
    name: 'a dead sender leaves those who wait for its word asleep',
    bug: 'hang on death',
    file: `${CHANNELS}/one-shot.ts`,
    replace:
      '    const given = this.#move(this.#held, DISCONNECTED) || this.#move(OPEN, DISCONNECTED);\n    if (given) this.#events.signalAll();',
    by: '    const given = this.#move(this.#held, DISCONNECTED) || this.#move(OPEN, DISCONNECTED);',
    test: tested('one-shot.test.ts', 'tells whoever waits that the sender gave up, or died'),
  },
  {
    name: 'an end of a channel that is gone is told to nobody who waits at the other',
    bug: 'peer gone',
    file: `${CHANNELS}/channel.ts`,
    replace: '    if (this.clones[side].drop(clone)) this.#closeIfLast(side);',
    by: '    this.clones[side].drop(clone);',
    test: tested('channel.test.ts', 'no sender is left parked when the receiver goes'),
  },
  {
    name: "a place for a clone that is used again is the same clone's",
    bug: 'cleanup and reopening',
    file: `${CHANNELS}/clone-table.ts`,
    replace: 'const turn = turnOf(clone.ticket) + TURN;',
    by: 'const turn = turnOf(clone.ticket);',
    test: tested('channel.test.ts', 'is not to be had by the handle of one that has gone'),
  },
  {
    name: 'nothing orders two clones that are given up at once and look for each other',
    bug: 'cleanup and reopening',
    file: `${CHANNELS}/clone-table.ts`,
    replace: "    this.#words.fence(); // between the caller's own leaving and the look at the others\n",
    by: '',
    test: modelled('channel.model.ts', 'ends when the last of its senders leaves, whichever that is (rc11)'),
  },
  {
    name: 'a broadcast is closed after its dead sender has given up its place',
    bug: 'cleanup and reopening',
    file: SLOTS,
    replace: `    if (writes) then();
    const found = writes && moveWord(this.#words, this.#at.writer, dead, 0);
`,
    by: `    const found = writes && moveWord(this.#words, this.#at.writer, dead, 0);
    if (writes) then();
`,
    test: tested('broadcast.test.ts', 'ends with a dead sender before anybody else can be the sender'),
  },
  {
    name: 'the writer of a mailbox and its messages are counted on one line',
    bug: 'false sharing',
    file: `${CHANNELS}/mailbox.ts`,
    replace: '  latest: ownLine,\n  event: ownLine,\n',
    by: '  latest: word,\n  event: word,\n',
    test: tested('mailbox.test.ts', 'keeps what different threads write on different lines'),
  },
  {
    name: 'head and tail of a ring of records stand on one line',
    bug: 'false sharing',
    file: `${CHANNELS}/records-layout.ts`,
    replace: '  tail: ownLine,\n  head: ownLine,\n',
    by: '  tail: word,\n  head: word,\n',
    test: tested('records-ring.test.ts', 'keeps what different threads write on different lines'),
  },
  {
    name: 'a tick comes so long after the last one was taken',
    bug: 'tick drift',
    file: `${CHANNELS}/timers.ts`,
    replace: 'due + (missed + 1) * this.#every',
    by: 'now + this.#every',
    test: tested('select.test.ts', 'tick does not drift when it is taken late'),
  },
  {
    name: 'ticks that were missed come one after the other',
    bug: 'tick drift',
    file: `${CHANNELS}/timers.ts`,
    replace: 'due + (missed + 1) * this.#every',
    by: 'due + this.#every',
    test: tested('select.test.ts', 'tick does not drift when it is taken late'),
  },
  {
    name: 'a message counts as published though its compare-exchange failed',
    bug: 'inverted exchange',
    file: SLOTS,
    replace:
      'if (!moveWord(words, this.#at.published, published, following(sequence, 1) * STEP + ANY)) return this.#overtaken();',
    by: 'moveWord(words, this.#at.published, published, following(sequence, 1) * STEP + ANY);',
    test: tested('mailbox.test.ts', 'has a message before it is closed, or not at all'),
  },
  {
    name: 'a reader that comes first may have any message of the last four',
    bug: 'inverted exchange',
    file: `${CHANNELS}/mailbox.ts`,
    replace: 'if (!this.#slots.copy(following(end, SEQUENCES - 1), into)) continue;',
    by: 'this.#slots.copy(following(end, SEQUENCES - 1), into);',
    test: tested('mailbox.test.ts', 'is never torn'),
  },
];
