/**
 * Misuse throws one of these, with the values in the message. What may happen in a correct program (a full queue, no
 * free segment, a timeout) is a result, not an error.
 */

/** The common root: `instanceof PoolError` is true of everything this project throws on purpose. */
export class PoolError extends Error {
  override readonly name: string = 'PoolError';
}

/** An address that is no integer, negative, or past the end of the pool or window. */
export class AddressError extends PoolError {
  override readonly name = 'AddressError';
  readonly address: unknown;
  readonly size: number;
  constructor(address: unknown, size: number, what = 'the pool') {
    super(`address ${show(address)} is not in ${what}${size > 0 ? `, which has the words 0..${size - 1}` : ''}`);
    this.address = address;
    this.size = size;
  }
}

/** A value that no word can hold, or an operand that the `number` form cannot carry exactly. */
export class ValueError extends PoolError {
  override readonly name = 'ValueError';
  readonly value: unknown;
  constructor(value: unknown, why: string) {
    super(`value ${show(value)}: ${why}`);
    this.value = value;
  }
}

/** What was given to `attach` is not a pool, or a pool of another layout version. */
export class AttachError extends PoolError {
  override readonly name = 'AttachError';
}

/** There is no room: the memory is at its maximum, or a table of fixed size is full. */
export class ExhaustedError extends PoolError {
  override readonly name = 'ExhaustedError';
}

/** A blocking wait on a thread that must not block, such as a browser's main thread. */
export class MustNotBlockError extends PoolError {
  override readonly name = 'MustNotBlockError';
  constructor() {
    super('this thread must not block: use waitAsync here, or wait on a worker');
  }
}

/** Why a segment operation was refused. */
export type SegmentFault =
  | 'stale' // the handle's generation is over: the segment was retired, and perhaps reused
  | 'foreign' // the segment belongs to a domain that the caller does not hold
  | 'state' // the segment is not in the state that the operation needs (say, a draft that was published already)
  | 'range' // the bytes asked for are not inside the segment
  | 'released' // a view or a draft that was given back already
  | 'tampered' // checked mode: the bytes changed after publication
  | 'corrupt'; // the segment table itself holds nonsense

/** A segment operation that was refused; `fault` says why, for code that decides by it. */
export class SegmentError extends PoolError {
  override readonly name = 'SegmentError';
  readonly fault: SegmentFault;
  constructor(fault: SegmentFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/**
 * Words that an untrusted party may have written do not hold together; nothing was read through them. Also: a word that
 * was to stay below 2^53, as the `number` forms have it, does not.
 */
export class CorruptError extends PoolError {
  override readonly name = 'CorruptError';
}

/** Pool, thread or owner has detached: the object is no longer usable. */
export class DetachedError extends PoolError {
  override readonly name = 'DetachedError';
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0';
  try {
    return String(value);
  } catch {
    return `of type ${typeof value}`; // it has no `toString`, or one that throws
  }
}
