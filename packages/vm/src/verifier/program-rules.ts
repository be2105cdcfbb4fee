/** The rules that look at declarations: memory, data, names, the shapes of functions, and places inside their windows. */
import { MAX_PAGES, MAX_PARAMETERS, MAX_REGISTERS, PAGE_BYTES, type Program, REST } from '../program/program.ts';
import type { Report } from './rules.ts';

export function checkDeclarations(program: Program, report: Report): void {
  const { initialPages, maximumPages, windows, places, functions, data } = program;
  report.require(
    'memory',
    initialPages <= maximumPages && maximumPages <= MAX_PAGES,
    () => `memory of ${initialPages} to ${maximumPages} pages; the limit is ${MAX_PAGES}`,
  );
  for (const { address, bytes } of data)
    report.require(
      'data',
      address + bytes.length <= initialPages * PAGE_BYTES,
      () => `data at ${address}..${address + bytes.length}, and memory begins with ${initialPages * PAGE_BYTES} bytes`,
    );
  requireDistinct('function', functions, report);
  requireDistinct('window', windows, report);
  for (const body of functions) {
    const shaped =
      body.parameters <= MAX_PARAMETERS &&
      body.parameters <= body.registers &&
      body.registers <= MAX_REGISTERS &&
      body.code.length > 0;
    report.require(
      'function-shape',
      shaped,
      () =>
        `function ${body.name} has ${body.parameters} parameters, ${body.registers} registers and ${body.code.length / 8} instructions`,
      { function: body.name },
    );
  }
  for (const place of places) {
    const window = windows[place.window];
    if (
      !report.require(
        'place-window',
        window !== undefined,
        () => `place ${place.name} is in window ${place.window} of ${windows.length}`,
      ) ||
      window === undefined
    )
      continue;
    const inside =
      place.length === REST
        ? place.address <= window[place.kind]
        : place.length > 0 && place.address + place.length <= window[place.kind];
    report.require('place-bounds', inside, () => {
      const length = place.length === REST ? 'the rest' : `${place.length} ${place.kind}`;
      return `place ${place.name} has ${length} from ${place.address} on, and window ${window.name} is declared with ${window[place.kind]}`;
    });
  }
}

function requireDistinct(what: string, named: readonly { readonly name: string }[], report: Report): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    report.require('names', !seen.has(name), () => `two ${what}s are named ${name}`);
    seen.add(name);
  }
}
