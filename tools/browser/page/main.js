/** Two workers add to one word of a pool; the page, which must not block, waits for them by `waitAsync`. */
import { Pool } from '/core/index.js';

const WORKERS = 2;
const ADDITIONS = 100_000;

async function run() {
  const pool = Pool.create({ words: 64 });
  const counter = pool.reserve(1);
  const finished = pool.reserve(1);
  const engines = [];
  for (let i = 0; i < WORKERS; i += 1) {
    const worker = new Worker('/page/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => engines.push(data.engine);
    worker.postMessage({ handle: pool.handle, counter, finished, additions: ADDITIONS });
  }
  for (let seen = pool.load(finished); seen < WORKERS; seen = pool.load(finished)) await pool.waitAsync(finished, seen);
  while (engines.length < WORKERS) await new Promise((resolve) => requestAnimationFrame(resolve));
  let blocking = 'waited';
  try {
    pool.wait(finished, pool.load(finished));
  } catch (error) {
    blocking = error.name;
  }
  return {
    total: pool.loadNumber(counter),
    engines: [pool.engine, ...engines],
    blocking,
    isolated: crossOriginIsolated,
  };
}

globalThis.result = run();
