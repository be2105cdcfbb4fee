/**
 * How every package of the workspace is bundled: ES modules only, shared chunks between entries (so that a class imported
 * through two entries stays one class), source maps, and no declarations, which `tsc` emits.
 */
import { defineConfig } from 'tsup';

interface Library {
  /** `neutral` for packages that run unchanged in Node, browsers, Deno and Bun; `node` for those that use `node:` modules. */
  readonly platform: 'neutral' | 'node';
  /** Output name (without extension) to source file. */
  readonly entry: Readonly<Record<string, string>>;
}

export function library({ platform, entry }: Library): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: { ...entry },
    format: 'esm',
    platform,
    target: 'es2023', // `using` is a syntax error on Node 22: it is lowered
    splitting: true,
    sourcemap: true,
    treeshake: false,
    dts: false,
    clean: false, // another package's tests may be running on this output; `pack:all` starts from an empty folder
    silent: true,
  });
}
