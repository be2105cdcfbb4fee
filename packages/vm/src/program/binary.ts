/**
 * The binary format (docs/binary-format.md): a header with magic, version and total length, then the sections in the order of
 * `SECTIONS`, each once, each with its length. Reading checks form only; meaning is the verifier's.
 */
import { FormatError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  type DataSegment,
  type FunctionBody,
  type FunctionTable,
  type HostImport,
  INSTRUCTION_BYTES,
  type Place,
  type Program,
  type WindowDeclaration,
} from './program.ts';

/** "PVM" and a zero, read as a little-endian number. */
export const MAGIC = 0x004d_5650;
/** Of the format and of the instruction set. */
export const FORMAT_VERSION = 2;
const HEADER_BYTES = 12;

/** Section numbers, in the order in which they must come. */
export const SECTIONS = {
  program: 1,
  windows: 2,
  places: 3,
  functions: 4,
  tables: 5,
  imports: 6,
  constants: 7,
  code: 8,
  data: 9,
  messages: 10,
  names: 11,
  lines: 12,
} as const;

const PLACE_KINDS = ['words', 'slots'] as const;

/** Writes a program. The same program always gives the same bytes. */
export function encode(program: Program): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.u32(MAGIC);
  out.u32(FORMAT_VERSION);
  out.u32(0);
  const section = (id: number, write: () => void): void => {
    out.u32(id);
    const at = out.length;
    out.u32(0);
    write();
    out.patchU32(at, out.length - at - 4);
  };
  const list = <Item>(items: readonly Item[], write: (item: Item) => void): void => {
    out.u32(items.length);
    items.forEach(write);
  };
  section(SECTIONS.program, () => {
    out.text(program.name);
    out.u32(program.initialPages);
    out.u32(program.maximumPages);
  });
  section(SECTIONS.windows, () =>
    list(program.windows, (window) => {
      out.text(window.name);
      out.u32(window.words);
      out.u32(window.slots);
    }),
  );
  section(SECTIONS.places, () =>
    list(program.places, (place) => {
      out.text(place.name);
      out.u16(place.window);
      out.u16(PLACE_KINDS.indexOf(place.kind));
      out.u32(place.address);
      out.u32(place.length);
    }),
  );
  section(SECTIONS.functions, () =>
    list(program.functions, (body) => {
      out.text(body.name);
      out.u16(body.parameters);
      out.u16(body.registers);
      out.u32(body.returnsValue ? 1 : 0);
      out.u32(body.code.length / INSTRUCTION_BYTES);
    }),
  );
  section(SECTIONS.tables, () =>
    list(program.tables, (table) => {
      out.text(table.name);
      list(table.functions, (index) => out.u16(index));
    }),
  );
  section(SECTIONS.imports, () =>
    list(program.imports, (each) => {
      out.text(each.name);
      out.u16(each.parameters);
      out.u16(each.returnsValue ? 1 : 0);
    }),
  );
  section(SECTIONS.constants, () => {
    out.u32(program.constants.length);
    program.constants.forEach((constant) => {
      out.u64(constant);
    });
  });
  section(SECTIONS.code, () => {
    for (const body of program.functions) out.bytes(body.code);
  });
  section(SECTIONS.data, () =>
    list(program.data, (data) => {
      out.u32(data.address);
      out.u32(data.bytes.length);
      out.bytes(data.bytes);
    }),
  );
  section(SECTIONS.messages, () => list(program.messages, (message) => out.text(message)));
  section(SECTIONS.names, () => {
    for (const body of program.functions) list(body.registerNames, (name) => out.text(name));
  });
  section(SECTIONS.lines, () => {
    list(program.files, (file) => out.text(file));
    for (const body of program.functions) {
      out.u32(body.positions.length / 2);
      for (const number of body.positions) out.u32(number);
    }
  });
  out.patchU32(8, out.length);
  return out.finish();
}

/**
 * Reads a program, which keeps nothing of `given`: a host may use the buffer again, and a thread that shares it may write to it.
 * @throws {FormatError} for bytes that are no program, a truncated one, or one of another version
 */
export function decode(given: Uint8Array): Program {
  if (!(given instanceof Uint8Array)) throw new FormatError(0, 'a program is a Uint8Array of bytes');
  // Read once, here: the `slice` of a Buffer is a view, and shared bytes could be others at a second look.
  const bytes = new Uint8Array(given);
  checkHeader(bytes);
  const reader = new ByteReader(bytes, HEADER_BYTES);
  const open: [string, ByteReader][] = [];
  const section = (name: keyof typeof SECTIONS): ByteReader => {
    const at = reader.at;
    const id = reader.u32('section header');
    if (id !== SECTIONS[name])
      throw new FormatError(at, `section ${id} where section ${SECTIONS[name]} (${name}) belongs`);
    const length = reader.u32('section header');
    const start = reader.at;
    if (length > reader.left) throw new FormatError(start, `the program ends inside its section ${name}`);
    const inside = new ByteReader(bytes, start, start + length);
    open.push([name, inside]);
    reader.skip(length, name);
    return inside;
  };
  const header = section('program');
  const name = header.text('name');
  const initialPages = header.u32('memory size');
  const maximumPages = header.u32('memory limit');
  const windows = readList(section('windows'), 'windows', 12, readWindow);
  const places = readList(section('places'), 'places', 16, readPlace);
  const shapes = readList(section('functions'), 'functions', 16, readShape);
  const tables = readList(section('tables'), 'tables', 8, readTable);
  const imports = readList(section('imports'), 'imports', 8, readImport);
  const numbers = section('constants');
  const constants = new BigUint64Array(numbers.count('constants', 8));
  for (let index = 0; index < constants.length; index++) constants[index] = numbers.u64('constants');
  const code = section('code');
  const codes = shapes.map((shape) => code.bytes(shape.instructions * INSTRUCTION_BYTES, 'code'));
  const data = readList(section('data'), 'data segments', 8, readData);
  const messages = readList(section('messages'), 'messages', 4, (from) => from.text('message'));
  const names = section('names');
  const registerNames = shapes.map(() => readList(names, 'register names', 4, (from) => from.text('register name')));
  const lines = section('lines');
  const files = readList(lines, 'files', 4, (from) => from.text('file name'));
  const positions = shapes.map(() => readPositions(lines));
  for (const [what, rest] of open)
    if (rest.left > 0) throw new FormatError(rest.at, `${rest.left} bytes too many in section ${what}`);
  if (reader.left > 0) throw new FormatError(reader.at, `${reader.left} bytes follow the last section`);
  const functions = shapes.map(
    ({ instructions: _, ...shape }, index): FunctionBody => ({
      ...shape,
      code: codes[index] as Uint8Array,
      registerNames: registerNames[index] as string[],
      positions: positions[index] as Uint32Array,
    }),
  );
  return {
    name,
    initialPages,
    maximumPages,
    windows,
    places,
    functions,
    tables,
    imports,
    constants,
    data,
    messages,
    files,
  };
}

function checkHeader(bytes: Uint8Array): void {
  const header = new ByteReader(bytes);
  if (bytes.length < 4 || header.u32('magic') !== MAGIC)
    throw new FormatError(0, 'this is not a program: it does not begin with "PVM" and a zero byte');
  const version = header.u32('version');
  if (version !== FORMAT_VERSION)
    throw new FormatError(
      4,
      `this program has format version ${version}, and this package reads version ${FORMAT_VERSION}: assemble it again`,
    );
  const length = header.u32('length');
  if (length > bytes.length)
    throw new FormatError(
      bytes.length,
      `the program is truncated: it says that it has ${length} bytes, and ${bytes.length} are here`,
    );
  if (length < bytes.length)
    throw new FormatError(length, `${bytes.length - length} bytes follow the end of the program`);
}

function readList<Item>(
  reader: ByteReader,
  what: string,
  bytesEach: number,
  read: (reader: ByteReader) => Item,
): Item[] {
  return Array.from({ length: reader.count(what, bytesEach) }, () => read(reader));
}

function readWindow(reader: ByteReader): WindowDeclaration {
  return { name: reader.text('window name'), words: reader.u32('window'), slots: reader.u32('window') };
}

function readPlace(reader: ByteReader): Place {
  const name = reader.text('place name');
  const window = reader.u16('place');
  const at = reader.at;
  const kind = PLACE_KINDS[reader.u16('place')];
  if (kind === undefined) throw new FormatError(at, 'a place is of words (0) or slots (1)');
  return { name, window, kind, address: reader.u32('place'), length: reader.u32('place') };
}

function readShape(
  reader: ByteReader,
): Omit<FunctionBody, 'code' | 'registerNames' | 'positions'> & { readonly instructions: number } {
  const name = reader.text('function name');
  const parameters = reader.u16('function');
  const registers = reader.u16('function');
  const at = reader.at;
  const returns = reader.u32('function');
  if (returns > 1) throw new FormatError(at, 'a function returns a value (1) or none (0)');
  return { name, parameters, registers, returnsValue: returns === 1, instructions: reader.u32('function') };
}

function readTable(reader: ByteReader): FunctionTable {
  const name = reader.text('table name');
  return { name, functions: readList(reader, 'table entries', 2, (from) => from.u16('table entry')) };
}

function readImport(reader: ByteReader): HostImport {
  const name = reader.text('import name');
  const parameters = reader.u16('import');
  const at = reader.at;
  const returns = reader.u16('import');
  if (returns > 1) throw new FormatError(at, 'an import returns a value (1) or none (0)');
  return { name, parameters, returnsValue: returns === 1 };
}

function readData(reader: ByteReader): DataSegment {
  const address = reader.u32('data segment');
  return { address, bytes: reader.bytes(reader.u32('data segment'), 'data segment') };
}

function readPositions(reader: ByteReader): Uint32Array {
  const positions = new Uint32Array(2 * reader.count('line table', 8));
  for (let index = 0; index < positions.length; index++) positions[index] = reader.u32('line table');
  return positions;
}
