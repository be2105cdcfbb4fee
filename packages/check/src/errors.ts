import { PoolError } from '@pool/core';

/** The program cannot be checked as it is: a thread is not deterministic, swallows the checker's signal, or asks for what is not modelled. */
export class ModelError extends PoolError {
  override readonly name = 'ModelError';
}

/** `assert` was given something false. Thrown inside the thread that says so; the report names it. */
export class AssertionError extends PoolError {
  override readonly name = 'AssertionError';
}
