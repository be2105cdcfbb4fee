import { Pool } from '/core/index.js';

globalThis.onmessage = ({ data: { handle, counter, finished, additions } }) => {
  const pool = Pool.attach(handle);
  for (let i = 0; i < additions; i += 1) pool.fetchAddNumber(counter, 1);
  postMessage({ engine: pool.engine });
  pool.fetchAddNumber(finished, 1);
  pool.notify(finished);
  pool.detach();
};
