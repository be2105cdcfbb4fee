/**
 * A suite is a list of cases that belongs to no test runner: whoever has a strategy of their own registers each case with the
 * runner at hand, and a case fails by throwing.
 */
export interface Case {
  /** A sentence, to be read after the strategy's name. */
  readonly name: string;
  run(): void | Promise<void>;
}

/** What a case that fails throws. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export function check(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new ConformanceError(message());
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  check(Object.is(actual, expected), () => `${what}: ${String(actual)}, and ${String(expected)} was expected`);
}

/** That `operation` throws an error of this kind whose message holds `naming`. */
export function refused(
  operation: () => unknown,
  kind: abstract new (...args: never[]) => Error,
  naming: string,
  what: string,
): void {
  let outcome: unknown;
  try {
    outcome = operation();
  } catch (error) {
    if (!(error instanceof kind)) throw new ConformanceError(`${what}: not the right kind of error`, { cause: error });
    check(error.message.includes(naming), () => `${what}: \`${error.message}\` does not name ${naming}`);
    return;
  }
  throw new ConformanceError(`${what}: it answered ${String(outcome)}, and ${kind.name} was expected`);
}
