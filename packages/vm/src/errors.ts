/** What loading and linking a program throw. A trap is none of these: it is an ordinary outcome of a run. */
import { PoolError } from '@pool/core';

/** These bytes are not a program of this version, or not a whole one. */
export class FormatError extends PoolError {
  override readonly name = 'FormatError';
  /** Where in the bytes. */
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}

/** What the program asks for and what the host grants do not fit. */
export class LinkError extends PoolError {
  override readonly name = 'LinkError';
}
