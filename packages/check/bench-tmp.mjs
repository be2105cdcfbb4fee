import { readFileSync } from 'node:fs';
import { assemble, formatErrors, load } from '@pool/vm';
import { check, programThreads } from './dist/index.js';

const [file, n, plain] = process.argv.slice(2);
const r = assemble({ name: file, text: readFileSync(file, 'utf8') });
if (!r.ok) throw new Error(formatErrors(r.errors));
let p = programThreads(load(r.bytes));
if (plain === 'replay')
  p = {
    ...p,
    threads: Object.fromEntries(
      Object.entries(p.threads).map(([n, b]) => [
        n,
        b.resumable
          ? Object.assign((t) => b(t), {
              resumable: (t) => {
                const x = b.resumable(t);
                return {
                  restart: () => x.restart(),
                  step: () => x.step(),
                  get work() {
                    return 0;
                  },
                  get price() {
                    return { work: 1, bytes: 1 };
                  },
                };
              },
            })
          : b,
      ]),
    ),
  };
if (plain === 'anew')
  p = { ...p, threads: Object.fromEntries(Object.entries(p.threads).map(([n, b]) => [n, (t) => b(t)])) };
const c = process.cpuUsage();
const rep = check(p, { executions: Number(n), spinAssume: true });
const u = process.cpuUsage(c);
console.log(
  plain ?? 'kept',
  file.split('/').pop(),
  rep.executions,
  rep.blocked,
  rep.exhausted,
  'cpu ms',
  Math.round((u.user + u.system) / 1000),
  'per s',
  Math.round((rep.executions + rep.blocked) / ((u.user + u.system) / 1e6)),
  'rss',
  Math.round(process.memoryUsage().rss / 2 ** 20),
);
