/**
 * A program becomes runnable only here: `VerifiedProgram` has no other constructor that code outside can reach, and engines
 * take nothing else.
 */
import { PoolError } from '@pool/core';
import { decode } from '../program/binary.ts';
import { type Program, sourcePosition } from '../program/program.ts';
import { snapshot } from '../program/snapshot.ts';
import { formatLocation, type Location } from '../traps.ts';
import { visible } from '../visible.ts';
import { Flow } from './flow.ts';
import { FunctionReader } from './function-reader.ts';
import { checkInstructions } from './instruction-rules.ts';
import { checkDeclarations } from './program-rules.ts';
import { Report, type Rule, type Violation } from './rules.ts';

/** The program breaks rules of the verifier; `violations` has them all. */
export class VerificationError extends PoolError {
  override readonly name = 'VerificationError';
  readonly violations: readonly Violation[];
  constructor(program: Program, violations: readonly Violation[]) {
    super(
      visible(
        `program ${program.name} was rejected: ${violations
          .slice(0, 8)
          .map((violation) => describe(program, violation))
          .join('; ')}${violations.length > 8 ? `; and ${violations.length - 8} more` : ''}`,
      ),
    );
    this.violations = violations;
  }
}

/** What the verifier knows of a function. */
export interface VerifiedFunction {
  readonly reader: FunctionReader;
  /** Its basic blocks, and which registers are written on every path to each. */
  readonly flow: Flow;
}

/** What the verifier found: violations, or else what engines build on. */
export interface CheckResult {
  readonly violations: readonly Violation[];
  readonly functions: readonly VerifiedFunction[];
}

const seal: unique symbol = Symbol('verified');

let programIn: (verified: VerifiedProgram) => Program;

/** A program that obeys every rule, and goes on to: nothing outside the package can reach the bytes that run. @see verify */
export class VerifiedProgram {
  static {
    programIn = (verified) => verified.#program;
  }
  readonly #program: Program;
  readonly #functions: readonly VerifiedFunction[];
  #shown: Program | undefined;
  /** Only `verify` has the seal, and gives a program that nobody else holds. */
  constructor(key: typeof seal, program: Program, functions: readonly VerifiedFunction[]) {
    if (key !== seal) throw new TypeError('programs are verified by verify()');
    this.#program = program;
    this.#functions = Object.freeze(functions);
    // Only now: frozen arrays are read more slowly, and the rules read every row.
    for (const { reader } of functions) Object.freeze(reader.rows);
    Object.freeze(this);
  }
  get name(): string {
    return this.#program.name;
  }
  /** What the program must be granted at least. */
  get windows(): Program['windows'] {
    return this.#program.windows;
  }
  /** What was verified, as a copy made at the first look: writing to its bytes changes nothing that runs. */
  get program(): Program {
    this.#shown ??= snapshot(this.#program);
    return this.#shown;
  }
  /** By the index of the function: its instructions, its blocks and what is written before each. */
  get functions(): readonly VerifiedFunction[] {
    return this.#functions;
  }
}

/** The very program that was verified, for engines: not to be handed out. */
export function verifiedProgram(verified: VerifiedProgram): Program {
  return programIn(verified);
}

/** Applies every rule, in time linear in the size of the program. `without` leaves rules out, for tests of the tests. */
export function check(program: Program, without: readonly Rule[] = []): CheckResult {
  const report = new Report(without);
  checkDeclarations(program, report);
  const readers = program.functions.map((body) => new FunctionReader(body));
  for (const reader of readers) checkInstructions(program, reader, report);
  if (report.violations.length > 0) return { violations: report.violations, functions: [] };
  const functions = readers.map((reader): VerifiedFunction => {
    const flow = new Flow(program, reader);
    flow.check(report);
    return { reader, flow };
  });
  return { violations: report.violations, functions };
}

/**
 * Verifies a copy of a program: what is done to `program` later, or to the buffers that it lies in, is not done to what runs.
 * @throws {VerificationError} if it breaks a rule; it then lists all that were found
 */
export function verify(program: Program): VerifiedProgram {
  const own = snapshot(program);
  const { violations, functions } = check(own);
  if (violations.length > 0) throw new VerificationError(own, violations);
  return new VerifiedProgram(seal, own, functions);
}

/** Reads and verifies a binary program. @throws {FormatError | VerificationError} */
export function load(bytes: Uint8Array): VerifiedProgram {
  return verify(decode(bytes));
}

/** Where a violation is, as far as it is at one instruction, and the program carries lines. */
export function locateViolation(program: Program, violation: Violation): Location | undefined {
  const body = program.functions.find(({ name }) => name === violation.function);
  if (body === undefined) return undefined;
  const instruction = violation.instruction ?? 0;
  return { function: body.name, instruction, ...sourcePosition(program, body, instruction) };
}

function describe(program: Program, violation: Violation): string {
  const at = locateViolation(program, violation);
  return at === undefined ? violation.message : `${at.function} (${formatLocation(at)}): ${violation.message}`;
}
