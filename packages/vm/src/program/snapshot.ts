import type { Program } from './program.ts';

/**
 * A copy of a program that shares nothing with it that can change: lists and entries are frozen, and the bytes of code and data,
 * the constants and the lines lie in buffers of the copy's own, whatever the original's lie in (a pooled `Buffer`, shared memory).
 */
export function snapshot(program: Program): Program {
  return Object.freeze({
    name: program.name,
    initialPages: program.initialPages,
    maximumPages: program.maximumPages,
    windows: entries(program.windows, (window) => ({ ...window })),
    places: entries(program.places, (place) => ({ ...place })),
    functions: entries(program.functions, (body) => ({
      ...body,
      code: new Uint8Array(body.code),
      registerNames: Object.freeze([...body.registerNames]),
      positions: new Uint32Array(body.positions),
    })),
    tables: entries(program.tables, (table) => ({ ...table, functions: Object.freeze([...table.functions]) })),
    imports: entries(program.imports, (each) => ({ ...each })),
    constants: new BigUint64Array(program.constants),
    data: entries(program.data, ({ address, bytes }) => ({ address, bytes: new Uint8Array(bytes) })),
    messages: Object.freeze([...program.messages]),
    files: Object.freeze([...program.files]),
  });
}

function entries<Entry extends object>(list: readonly Entry[], copy: (entry: Entry) => Entry): readonly Entry[] {
  return Object.freeze(list.map((entry) => Object.freeze(copy(entry))));
}
