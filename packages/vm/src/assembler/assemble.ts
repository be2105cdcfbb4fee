/** Text to a binary program: reads the includes, collects declarations, emits functions, and verifies what came out. */
import { encode } from '../program/binary.ts';
import { MAX_PAGES, PAGE_BYTES, type Program } from '../program/program.ts';
import { check } from '../verifier/verify.ts';
import { Constants } from './constants.ts';
import { DataLayout } from './data.ts';
import { type AssemblyError, Diagnostics, type Place, type Source } from './diagnostics.ts';
import { FunctionEmitter } from './emitter.ts';
import { FunctionTables } from './function-tables.ts';
import { Imports } from './imports.ts';
import { MAX_COUNTED } from './limits.ts';
import { ListedTables } from './listed-tables.ts';
import { Macros } from './macros.ts';
import { Interned, type ProgramScope } from './scope.ts';
import { SourceReader } from './source-reader.ts';
import type { Declaration, FunctionSyntax, MemoryDeclaration } from './syntax.ts';
import { Windows } from './windows.ts';

export interface AssembleOptions {
  /** Finds what `include "path"` in `from` means; `undefined`: there is none. A source is read once, by its name. */
  readonly include?: (path: string, from: Source) => Source | undefined;
  /** Constants that the host gives, such as offsets of its layouts; integers unless a number has a fraction. */
  readonly constants?: Readonly<Record<string, number | bigint>>;
  /** Whether to keep file, line and column of every instruction. Default: true. */
  readonly lines?: boolean;
}

export type AssembleResult =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer>; readonly program: Program }
  | {
      readonly ok: false;
      /** The first hundred at most. */
      readonly errors: readonly AssemblyError[];
      /** How many more there are. */
      readonly more: number;
    };

/**
 * Assembles a program. Errors in the source are an ordinary result: all of them, each with its place.
 * @throws {TypeError} for what is no source
 */
export function assemble(source: Source, options: AssembleOptions = {}): AssembleResult {
  if (typeof source?.name !== 'string' || typeof source.text !== 'string')
    throw new TypeError('a source is { name, text }, both of them strings');
  const diagnostics = new Diagnostics();
  const declarations = new SourceReader(options.include, diagnostics).read(source);
  const { program, emitters } = build(source, declarations, options, diagnostics);
  if (diagnostics.count === 0) reportViolations(program, emitters, source, diagnostics);
  if (diagnostics.count > 0) return { ok: false, errors: diagnostics.sorted(), more: diagnostics.more };
  return { ok: true, bytes: encode(program), program };
}

function build(
  source: Source,
  declarations: readonly Declaration[],
  options: AssembleOptions,
  diagnostics: Diagnostics,
): { readonly program: Program; readonly emitters: ReadonlyMap<string, FunctionEmitter> } {
  const constants = new Constants(diagnostics);
  for (const [name, value] of Object.entries(options.constants ?? {}))
    constants.define(name, undefined, () => (Number.isInteger(value) ? BigInt(value) : value));
  const data = new DataLayout(constants);
  const functionTables = new FunctionTables(constants);
  const imports = new Imports(diagnostics);
  const tables = new ListedTables(declarations, constants);
  const windows = new Windows(constants, tables.places !== undefined);
  const macros = new Macros(
    diagnostics,
    (name) =>
      constants.has(name) || windows.windowIndex(name) !== undefined || functionTables.index(name) !== undefined,
  );
  const functions = new Map<string, FunctionSyntax & { readonly index: number }>();
  let memory: MemoryDeclaration | undefined;
  for (const declaration of declarations) {
    if (declaration.kind === 'broken') constants.markBroken(declaration.name);
    else if (declaration.kind === 'const')
      constants.define(declaration.name, declaration.at, () => constants.evaluate(declaration.value));
    else if (declaration.kind === 'data') data.declare(declaration);
    else if (declaration.kind === 'import') imports.declare(declaration);
    else if (declaration.kind === 'table') functionTables.declare(declaration);
    else if (declaration.kind === 'macro') macros.declare(declaration);
    else if (declaration.kind === 'memory') {
      if (memory !== undefined)
        diagnostics.report(declaration.at, `memory is declared at line ${memory.at.line} already`);
      memory ??= declaration;
    } else if (declaration.kind === 'func') {
      const earlier = functions.get(declaration.name);
      if (earlier !== undefined)
        diagnostics.report(
          declaration.at,
          `function ${declaration.name} stands at ${earlier.at.source.name}:${earlier.at.line} already`,
        );
      else functions.set(declaration.name, { ...declaration, index: functions.size });
    }
  }
  for (const name of imports.names()) {
    const own = functions.get(name);
    if (own !== undefined) diagnostics.report(own.at, `${name} is an import already`, 'a call could mean either');
  }
  // Windows come after all constants are known by name, since their sizes are needed at once.
  for (const declaration of declarations) if (declaration.kind === 'window') windows.declare(declaration);
  for (const place of tables.places ?? []) windows.declarePlace(place);
  constants.computeAll();
  const surplus = [...functions.values()][MAX_COUNTED];
  if (surplus !== undefined) diagnostics.report(surplus.at, `a program has at most ${MAX_COUNTED} functions`);
  const top: Place = { source, line: 1, column: 1 };
  if (functions.size === 0 && diagnostics.count === 0)
    diagnostics.report(top, 'a program has at least one function', 'func main() { ... }');
  const scope: ProgramScope = {
    constants,
    windows,
    functions,
    imports,
    functionTables,
    macroNames: [...macros.names()],
    constantPool: new Interned(tables.words()),
    messages: new Interned(tables.texts('messages')),
    files: new Interned(tables.texts('files')),
    statesOrigins: tables.has('files'),
  };
  const emitters = new Map<string, FunctionEmitter>();
  const bodies = [...functions.values()].map((syntax) => {
    const emitter = new FunctionEmitter(scope, macros.expand(syntax));
    const body = emitter.emit();
    emitters.set(body.name, emitter);
    return body;
  });
  const layout = data.finish();
  const pages = memoryPages(memory, layout.end, constants);
  const program: Program = {
    name: tables.programName ?? source.name.replace(/^.*[/\\]/, '').replace(/\.pasm$/, ''),
    ...pages,
    windows: windows.declarations,
    places: windows.places,
    functions: options.lines === false ? bodies.map((body) => ({ ...body, positions: new Uint32Array(0) })) : bodies,
    tables: functionTables.resolve(functions),
    imports: imports.declarations,
    constants: BigUint64Array.from(scope.constantPool.values),
    data: layout.segments,
    messages: scope.messages.values,
    files: options.lines === false ? [] : scope.files.values,
  };
  return { program, emitters };
}

/** Without a declaration, memory is as large as the data; without a limit, it does not grow. */
function memoryPages(
  memory: MemoryDeclaration | undefined,
  dataEnd: bigint,
  constants: Constants,
): { initialPages: number; maximumPages: number } {
  const needed = dataEnd > 64n ? (dataEnd + BigInt(PAGE_BYTES) - 1n) / BigInt(PAGE_BYTES) : 0n;
  if (memory === undefined) return { initialPages: Number(needed), maximumPages: Number(needed) };
  const initial = constants.integer(memory.initial, 'the number of pages', 0n, BigInt(MAX_PAGES)) ?? 0n;
  const maximum =
    memory.maximum === undefined
      ? initial
      : (constants.integer(memory.maximum, 'the limit of pages', 0n, BigInt(MAX_PAGES)) ?? initial);
  if (maximum < initial)
    constants.diagnostics.report(memory.at, `the limit of ${maximum} pages is below the ${initial} to begin with`);
  if (needed > initial)
    constants.diagnostics.report(
      memory.at,
      `the data needs ${needed} pages of ${PAGE_BYTES} bytes, and memory has ${initial}`,
      `memory ${needed}`,
    );
  return { initialPages: Number(initial), maximumPages: Number(maximum) };
}

/** What only the verifier finds, such as a register that some path reads before it is written, at its place in the source. */
function reportViolations(
  program: Program,
  emitters: ReadonlyMap<string, FunctionEmitter>,
  source: Source,
  diagnostics: Diagnostics,
): void {
  for (const { function: name = '', instruction = -1, message } of check(program).violations)
    diagnostics.report(emitters.get(name)?.placeOf(instruction) ?? { source, line: 1, column: 1 }, message);
}
