/** What cannot be checked is no violation. */
import { LitmusError, ModelError } from '@pool/check';
import { type Problem, ProgramError, SetupError } from '../errors.ts';

/** What is wrong with what was given, or `undefined` if that is not why this was thrown. */
export function problemsOf(cause: unknown, file: string): readonly Problem[] | undefined {
  if (cause instanceof SetupError) return cause.problems;
  if (cause instanceof LitmusError || cause instanceof ProgramError) return [{ message: cause.message }];
  return cause instanceof ModelError ? [{ at: file, message: cause.message }] : undefined;
}
