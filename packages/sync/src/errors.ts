import { PoolError } from '@pool/core';

/** A thread would wait for itself. */
export class DeadlockError extends PoolError {
  override readonly name = 'DeadlockError';
}

/** A lock, a permit or a membership was given back by somebody who does not hold it. */
export class NotHeldError extends PoolError {
  override readonly name = 'NotHeldError';
}
