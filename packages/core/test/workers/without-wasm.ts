/**
 * Runs the built package in a context that forbids compiling WebAssembly, as a page's content security policy without
 * 'wasm-unsafe-eval' does, and prints what came of it. Needs `--experimental-vm-modules`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext, SourceTextModule } from 'node:vm';

const context = createContext({}, { codeGeneration: { wasm: false, strings: true } });
const modules = new Map<string, SourceTextModule>();

function load(url: string): SourceTextModule {
  let module = modules.get(url);
  if (module === undefined) {
    module = new SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), { context, identifier: url });
    modules.set(url, module);
  }
  return module;
}

const main = load(import.meta.resolve('@pool/core'));
await main.link((specifier, { identifier }) => load(new URL(specifier, identifier).href));
await main.evaluate();
const { Pool } = main.namespace as typeof import('@pool/core');

let forbidden = '';
try {
  runInContext('new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))', context);
} catch (error) {
  forbidden = (error as Error).name;
}
const pool = Pool.create({ words: 64, owners: 1, segments: 0, maxWords: 3 * 8192 });
const at = pool.reserve(8192);
pool.storeNumber(at, 40);
pool.fetchAddNumber(at, 2);
console.log(JSON.stringify({ forbidden, engine: pool.engine, word: pool.loadNumber(at), size: pool.size }));
