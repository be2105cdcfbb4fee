/** Lua 5.4 as a process that stays: it is told a kernel and a number of operations, and answers a checksum. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const COMMAND = 'lua5.4';

/** Whether Lua is on this machine; `bench/setup.sh` installs it. */
export function hasLua(): boolean {
  return spawnSync(COMMAND, ['-v']).status === 0;
}

export class Lua {
  readonly #process;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string) {
    this.#process = spawn(COMMAND, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** What it calls itself. */
  async version(): Promise<string> {
    return this.#line();
  }

  async run(kernel: string, operations: number): Promise<number> {
    this.#process.stdin.write(`${kernel} ${operations}\n`);
    return Number(await this.#line());
  }

  close(): void {
    this.#process.stdin.end();
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${COMMAND} ended early`);
    return value;
  }
}
