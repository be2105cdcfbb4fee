/** The rules that look at declarations: memory, data, names, the shapes of functions, and places inside their windows. */
import {
  INSTRUCTION_BYTES,
  MAX_PAGES,
  MAX_PARAMETERS,
  MAX_REGISTERS,
  PAGE_BYTES,
  type Place,
  type Program,
  REST,
} from '../program/program.ts';
import { FunctionReader } from './function-reader.ts';
import type { Report } from './rules.ts';

export function checkDeclarations(program: Program, report: Report): void {
  const { initialPages, maximumPages, windows, places, functions, tables, imports, data } = program;
  if (initialPages > maximumPages || maximumPages > MAX_PAGES)
    report.violate('memory', `memory of ${initialPages} to ${maximumPages} pages; the limit is ${MAX_PAGES}`);
  const memoryBytes = initialPages * PAGE_BYTES;
  for (const { address, bytes } of data)
    if (address + bytes.length > memoryBytes)
      report.violate(
        'data',
        `data at ${address}..${address + bytes.length}, and memory begins with ${memoryBytes} bytes`,
      );
  requireDistinct('function', functions, report);
  requireDistinct('window', windows, report);
  requireDistinct('table', tables, report);
  requireDistinct('import', imports, report);
  for (const { name, parameters } of imports)
    if (parameters > MAX_PARAMETERS)
      report.violate(
        'import-shape',
        `import ${name} has ${parameters} parameters, and at most ${MAX_PARAMETERS} are possible`,
      );
  for (const body of functions) {
    const { parameters, registers } = body;
    if (parameters > MAX_PARAMETERS || parameters > registers || registers > MAX_REGISTERS || body.code.length === 0) {
      const message = `function ${body.name} has ${parameters} parameters, ${registers} registers and ${body.code.length / 8} instructions`;
      report.violate('function-shape', message, { reader: new FunctionReader(body), instruction: 0 });
    }
  }
  for (const { name, functions: entries } of tables)
    for (const [index, entry] of entries.entries())
      if (entry >= functions.length)
        report.violate('table-entries', `entry ${index} of table ${name} is function ${entry} of ${functions.length}`);
  for (const body of functions) {
    const instructions = body.code.length / INSTRUCTION_BYTES;
    const { length } = body.positions;
    if (body.registerNames.length > body.registers || (length > 0 && length !== 2 * instructions))
      report.violate(
        'debug-shape',
        `function ${body.name} has ${body.registers} registers with ${body.registerNames.length} names, and ${instructions} instructions with ${length / 2} lines`,
      );
  }
  for (const place of places) checkPlace(program, place, report);
}

function checkPlace({ windows }: Program, { name, kind, window: index, address, length }: Place, report: Report): void {
  const window = windows[index];
  if (window === undefined) {
    report.violate('place-window', `place ${name} is in window ${index} of ${windows.length}`);
    return;
  }
  const inside = length === REST ? address <= window[kind] : length > 0 && address + length <= window[kind];
  if (inside) return;
  const shown = length === REST ? 'the rest' : `${length} ${kind}`;
  report.violate(
    'place-bounds',
    `place ${name} has ${shown} from ${address} on, and window ${window.name} is declared with ${window[kind]}`,
  );
}

function requireDistinct(what: string, named: readonly { readonly name: string }[], report: Report): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) report.violate('names', `two ${what}s are named ${name}`);
    seen.add(name);
  }
}
