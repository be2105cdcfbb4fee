/** Compiles src/accelerator.wat and embeds the bytes in src/generated/accelerator.ts, so that no file is fetched at run time. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = new URL('../src/accelerator.wat', import.meta.url);
const target = new URL('../src/generated/accelerator.ts', import.meta.url);
const { parseWat } = await wabt();
const module = parseWat('accelerator.wat', readFileSync(source, 'utf8'), { threads: true });
const { buffer } = module.toBinary({});
if (!WebAssembly.validate(new Uint8Array(buffer))) throw new Error(`${source.pathname} is no valid WebAssembly`);
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(
  target,
  `/** ${buffer.length} bytes of WebAssembly, compiled from accelerator.wat. */\nexport const ACCELERATOR: Uint8Array<ArrayBuffer> = new Uint8Array([${buffer.join(',')}]);\n`,
);
console.log(`accelerator: ${buffer.length} bytes`);
