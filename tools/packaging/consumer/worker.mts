import { workerData } from 'node:worker_threads';
import { type Address, Pool, type PoolHandle } from '@pool/core';

const { handle, counter, additions }: { handle: PoolHandle; counter: Address; additions: number } = workerData;
const pool = Pool.attach(handle);
for (let i = 0; i < additions; i += 1) pool.fetchAddNumber(counter, 1);
pool.detach();
