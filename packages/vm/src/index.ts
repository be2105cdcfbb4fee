export { type AssembleOptions, type AssembleResult, assemble } from './assembler/assemble.ts';
export { type AssemblyError, type AssemblyNote, formatErrors, type Source } from './assembler/diagnostics.ts';
export type { BreakpointPlace } from './debugger/breakpoints.ts';
export type { Breakpoint, Debugger, Pause, Stop } from './debugger/debugger.ts';
export type { Frame, Register } from './debugger/inspect.ts';
export type { FunctionProfile, LineProfile, Profile, Profiler } from './debugger/profile.ts';
export type { NamedWords, Watch, WordChange } from './debugger/words.ts';
export { disassemble } from './disassembler/disassemble.ts';
export { FormatError, LinkError } from './errors.ts';
export type { HostFunction, HostImports, PricedHostFunction } from './interpreter/host-call.ts';
export { Instance, type InstanceOptions, instantiate, type Limits, type Outcome } from './interpreter/instance.ts';
export type { MachineState, SharedSteps } from './interpreter/shared-steps.ts';
export type { MemoryOrder } from './opcodes/row.ts';
export { GROUPS, type GroupName, INSTRUCTIONS, type Instruction, type OpcodeName } from './opcodes/table.ts';
export { decode, encode, FORMAT_VERSION } from './program/binary.ts';
export type {
  DataSegment,
  FunctionBody,
  FunctionTable,
  HostImport,
  Place,
  Program,
  WindowDeclaration,
} from './program/program.ts';
export { instructionReference } from './reference/instruction-reference.ts';
export {
  formatLocation,
  formatTrap,
  type Location,
  TRAP_REASONS,
  type TraceFrame,
  type Trap,
  type TrapReason,
} from './traps.ts';
export { RULES, type Rule, type Violation } from './verifier/rules.ts';
export { load, locateViolation, VerificationError, VerifiedProgram, verify } from './verifier/verify.ts';
