/**
 * Puts opcode numbers into the interpreter's case labels as the package is built. V8 makes a jump table of a switch only if its
 * labels are literals, and the table in src/opcodes is the one place where the numbers stand.
 */
import { readFile } from 'node:fs/promises';
import { OP, type OpcodeName } from '../src/opcodes/table.ts';

/** What tsup wants of an esbuild plugin. */
interface Build {
  onLoad(
    options: { readonly filter: RegExp },
    load: (args: { readonly path: string }) => Promise<{ readonly contents: string; readonly loader: 'ts' }>,
  ): void;
}

/** Every `OP.name` and `OP['name']` as its number. @throws {TypeError} for a name that is not in the table */
export function withLiteralOpcodes(source: string): string {
  return source.replace(
    /\bOP(?:\.(\w+)|\['([^']+)'\])/g,
    (_, plain: string | undefined, quoted: string | undefined) => {
      const code = OP[(plain ?? quoted) as OpcodeName];
      if (code === undefined) throw new TypeError(`no opcode is named ${plain ?? quoted}`);
      return String(code);
    },
  );
}

export const literalOpcodes: { readonly name: string; setup(build: Build): void } = {
  name: 'literal opcodes',
  setup(build) {
    build.onLoad({ filter: /[/\\]src[/\\]interpreter[/\\][\w-]+\.ts$/ }, async ({ path }) => ({
      contents: withLiteralOpcodes(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};
