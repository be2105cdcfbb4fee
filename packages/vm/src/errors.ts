/** What loading and linking a program throw. A trap is none of these: it is an ordinary outcome of a run. */
import { PoolError } from '@pool/core';
import { visible } from './visible.ts';

/** These bytes are not a program of this version, or not a whole one. */
export class FormatError extends PoolError {
  override readonly name = 'FormatError';
  /** Where in the bytes. */
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(`${visible(message)} (at byte ${offset})`);
    this.offset = offset;
  }
}

/** What the program asks for and what the host grants do not fit. */
export class LinkError extends PoolError {
  override readonly name = 'LinkError';
  /** A message is one line, whatever the names in it. */
  constructor(message: string, options?: ErrorOptions) {
    super(visible(message), options);
  }
}
