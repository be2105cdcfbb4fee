/**
 * The pool: one contiguous array of atomic 64-bit words in one shared WebAssembly memory. It is the `Words` of real memory.
 *
 * Threads get at it by `Pool.attach` with a plain, cloneable handle. The memory can grow from any thread; each thread keeps
 * views and a size of its own, which lag behind until an address is not inside them: only then is the memory asked again.
 * So growth costs nothing on the common path, and an address that another thread handed over is always found.
 *
 *   0        header          see header.ts
 *            owner table     a line a thread, see owner-table.ts
 *            segment table   a line an entry, see ../segments/table.ts
 *            words           for whoever reserves them
 */
import { type Address, MAX_POOL_WORDS, WORD_BYTES } from '../brands.ts';
import { AttachError, ExhaustedError, ValueError } from '../errors.ts';
import { registerMapping } from '../internal/mapped.ts';
import { LINE_WORDS, roundUp } from '../layout.ts';
import type { Owner } from '../owner.ts';
import { initSegmentTable, segmentTableSize } from '../segments/table.ts';
import type { Words } from '../words.ts';
import { checkHeader, HEADER, HEADER_AT, LAYOUT_VERSION, MAGIC, MAX_OWNERS, MAX_SEGMENTS } from './header.ts';
import { type MemoryControl, openOver } from './memory-words.ts';
import { OwnerTable } from './owner-table.ts';

const PAGE_WORDS = 65536 / WORD_BYTES;

/** Which twin of the number forms a pool uses: the best there is, or `Atomics` on purpose. */
export type Engine = 'auto' | 'plain';

export interface PoolOptions {
  /** Words to reserve from, beside the pool's own tables. Rounded up to whole pages of 8,192 words. */
  readonly words: number;
  /** How many words the memory may grow to in all, tables included. Default: the size at the start, so no growth. At most 2^29. */
  readonly maxWords?: number;
  /** How many threads can be attached at once. Default: 64. */
  readonly owners?: number;
  /** How many segments there can be at once, at most 2^24 - 1. Default: 256. */
  readonly segments?: number;
  /** Checked mode, for every thread that attaches: segments carry a checksum that is compared when a reader is done. Default: false. */
  readonly checked?: boolean;
  readonly engine?: Engine;
}

export interface AttachOptions {
  readonly engine?: Engine;
}

/** What other threads attach with: plain data that survives `postMessage`. */
export interface PoolHandle {
  readonly kind: 'shared-memory-pool';
  readonly memory: WebAssembly.Memory;
}

/** One of the tables that a pool keeps about itself. */
export interface PoolTable {
  readonly name: 'header' | 'owner table' | 'segment table';
  readonly at: Address;
  readonly words: number;
  /** Threads that can be attached, or segments that there can be; 0 for the header. */
  readonly rows: number;
}

/** Gives `Pool` the type of the words that memory-words.ts puts in. */
const WordsOfMemory: abstract new () => Words = class {} as unknown as abstract new () => Words;

export abstract class Pool extends WordsOfMemory {
  /** The memory itself, for WebAssembly that imports it. Access through anything but `Words` is outside every guarantee. */
  readonly memory: WebAssembly.Memory;
  /** The threads attached. */
  readonly owners: OwnerTable;
  /** This thread's row in the owner table: what it signs locks, drafts and reservations with. */
  readonly owner: Owner;
  /** Which twin serves the number forms here. */
  readonly engine: 'accelerated' | 'plain';
  /** Whether checked mode is on, for all threads. */
  readonly checked: boolean;

  readonly #control: MemoryControl;
  #attached = true;

  /** Use `Pool.create` or `Pool.attach`. */
  constructor(control: MemoryControl, begin: (pool: Pool) => void) {
    super();
    this.memory = control.memory;
    this.engine = control.engine;
    this.#control = control;
    begin(this);
    registerMapping(this, control.map);
    this.owners = new OwnerTable(
      this,
      this.loadNumber(HEADER_AT.owners) as Address,
      this.loadNumber(HEADER_AT.ownerRows),
    );
    this.checked = this.load(HEADER_AT.checked) === 1n;
    this.owner = this.owners.claim();
  }

  /**
   * Makes a pool and attaches this thread to it.
   * @throws {ValueError} for sizes that are no positive integers or too large
   * @throws {ExhaustedError} when the machine has no such memory to give
   */
  static create(options: PoolOptions): Pool {
    const { words, owners = 64, segments = 256, checked = false, engine = 'auto' } = options;
    const whole = (name: string, value: number, low: number, high: number): void => {
      if (!(Number.isInteger(value) && value >= low && value <= high))
        throw new ValueError(value, `\`${name}\` is an integer of ${low}..${high}`);
    };
    if (engine !== 'auto' && engine !== 'plain') throw new ValueError(engine, '`engine` is auto or plain');
    if (typeof checked !== 'boolean') throw new ValueError(checked, '`checked` is true or false');
    whole('words', words, 1, MAX_POOL_WORDS);
    whole('owners', owners, 1, MAX_OWNERS);
    whole('segments', segments, 0, MAX_SEGMENTS);
    const ownersAt = HEADER.size();
    const segmentsAt = ownersAt + owners * LINE_WORDS;
    const top = segmentsAt + segmentTableSize(segments);
    const initial = roundUp(top + words, PAGE_WORDS);
    whole('words', initial, 1, MAX_POOL_WORDS);
    const { maxWords = initial } = options;
    whole('maxWords', maxWords, initial, MAX_POOL_WORDS);
    const maximum = roundUp(maxWords, PAGE_WORDS) / PAGE_WORDS;
    // Browsers give it to pages that are cross-origin isolated only.
    if (typeof SharedArrayBuffer === 'undefined')
      throw new ExhaustedError(
        'there is no shared memory here: serve the page with COOP and COEP headers, so that it is cross-origin isolated',
      );
    let memory: WebAssembly.Memory;
    try {
      memory = new WebAssembly.Memory({ initial: initial / PAGE_WORDS, maximum, shared: true });
    } catch (cause) {
      throw new ExhaustedError(
        `no shared memory of ${initial} words (maximum ${maximum * PAGE_WORDS}) is to be had here`,
        { cause },
      );
    }
    return openOver(Pool, memory, engine, (pool) => {
      pool.storeNumber(HEADER_AT.maxWords, maximum * PAGE_WORDS);
      pool.storeNumber(HEADER_AT.checked, checked ? 1 : 0);
      pool.storeNumber(HEADER_AT.owners, ownersAt);
      pool.storeNumber(HEADER_AT.ownerRows, owners);
      pool.storeNumber(HEADER_AT.segments, segmentsAt);
      pool.storeNumber(HEADER_AT.segmentEntries, segments);
      pool.storeNumber(HEADER_AT.top, top);
      initSegmentTable(pool, segmentsAt as Address, segments);
      pool.store(HEADER_AT.version, LAYOUT_VERSION);
      pool.store(HEADER_AT.magic, MAGIC); // pairs with load(magic) in checkHeader(): publishes the header and the tables
    });
  }

  /**
   * Attaches this thread to a pool that another one created.
   * @throws {AttachError} if it is not a pool, or one of another layout version
   * @throws {ExhaustedError} when every owner row is taken
   */
  static attach(handle: PoolHandle, options: AttachOptions = {}): Pool {
    const memory = (handle as Partial<PoolHandle> | null | undefined)?.memory;
    if (!(memory instanceof WebAssembly.Memory))
      throw new AttachError('this is no pool handle: it carries no WebAssembly.Memory (pass what `pool.handle` gives)');
    if (!(memory.buffer instanceof SharedArrayBuffer))
      throw new AttachError('this memory is not shared between threads');
    return openOver(Pool, memory, options.engine ?? 'auto', checkHeader);
  }

  /** What another thread attaches with. */
  get handle(): PoolHandle {
    return { kind: 'shared-memory-pool', memory: this.memory };
  }

  /** How far the memory can grow, in words. */
  get maxWords(): number {
    return this.loadNumber(HEADER_AT.maxWords);
  }

  /** How many words nobody has reserved, growth included. */
  get unreserved(): number {
    return this.maxWords - this.loadNumber(HEADER_AT.top);
  }

  /** The pool's own tables, in the order of addresses; what is reserved comes after them. */
  get tables(): readonly PoolTable[] {
    const [owners, rows] = [HEADER_AT.owners, HEADER_AT.ownerRows].map((at) => this.loadNumber(at)) as [
      Address,
      number,
    ];
    const [segments, entries] = [HEADER_AT.segments, HEADER_AT.segmentEntries].map((at) => this.loadNumber(at)) as [
      Address,
      number,
    ];
    return [
      { name: 'header', at: 0 as Address, words: HEADER.size(), rows: 0 },
      { name: 'owner table', at: owners, words: rows * LINE_WORDS, rows },
      { name: 'segment table', at: segments, words: segmentTableSize(entries), rows: entries },
    ];
  }

  /** Grows the memory by at least `words` words, rounded up to pages; returns whether there was room. Any thread may. */
  tryGrow(words: number): boolean {
    this.#control.refresh();
    if (!(Number.isInteger(words) && words >= 0)) throw new ValueError(words, 'a number of words to grow by');
    try {
      this.memory.grow(Math.ceil(words / PAGE_WORDS));
    } catch {
      return false;
    }
    this.#control.refresh();
    return true;
  }

  /**
   * Takes `words` words for good, from the beginning of a line on, growing the memory if need be; they hold zeros. Callable
   * from every thread. This is where allocators get their regions: nothing reserved comes back.
   * @throws {ExhaustedError} when the memory is at its maximum
   */
  reserve(words: number): Address {
    const at = this.tryReserve(words);
    if (at !== undefined) return at;
    throw new ExhaustedError(
      roundUp(words, LINE_WORDS) > this.unreserved
        ? `${words} words asked for, ${this.unreserved} of the pool's ${this.maxWords} are left: create it with a larger \`maxWords\``
        : `the machine gave no more memory at ${this.size} of the pool's ${this.maxWords} words`,
    );
  }

  /** As `reserve`, and `undefined` where that throws for want of memory. */
  tryReserve(words: number): Address | undefined {
    if (!(Number.isInteger(words) && words > 0)) throw new ValueError(words, 'a number of words to reserve');
    const length = roundUp(words, LINE_WORDS);
    const most = this.maxWords;
    for (;;) {
      const top = this.loadNumber(HEADER_AT.top);
      if (top + length > most) return undefined;
      const { size } = this;
      const missing = top + length - size;
      if (missing > 0 && !this.tryGrow(missing)) {
        // Another thread's growth may have left too little room for this one, and enough words.
        if (this.size !== size) continue;
        return undefined;
      }
      // Compare-exchange, not add: a reservation that fails must not move the top past the end.
      if (this.compareExchangeNumber(HEADER_AT.top, top, top + length) === top) return top as Address;
    }
  }

  /**
   * Leaves the pool: frees this thread's owner row. Every later use of this object throws `DetachedError`, and every `waitAsync` of
   * it that is pending rejects with one.
   */
  detach(): void {
    if (!this.#attached) return;
    this.owners.release(this.owner);
    this.#attached = false;
    this.#control.close();
  }

  dispose(): void {
    this.detach();
  }
  [Symbol.dispose](): void {
    this.detach();
  }
}
