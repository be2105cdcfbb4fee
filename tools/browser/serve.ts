/** Serves the test page and the built core to a browser on this machine, as a cross-origin isolated site. */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { ROOT } from '../command.ts';

const FOLDERS: Readonly<Record<string, string>> = {
  page: join(import.meta.dirname, 'page'),
  core: join(ROOT, 'packages/core/dist'),
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.map': 'application/json',
};

export interface Site {
  readonly url: string;
  readonly server: Server;
}

/** @param policy the Content-Security-Policy of every response */
export async function serve(policy: string): Promise<Site> {
  const server = createServer((request, response) => {
    const [, folder = '', ...rest] = normalize(request.url ?? '/').split('/');
    const base = FOLDERS[folder];
    const path = base === undefined ? undefined : join(base, ...rest);
    if (path === undefined || !existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/page/index.html`, server };
}
