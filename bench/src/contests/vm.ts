/** Six kernels on the interpreter, with fuel, against Lua 5.4; kernels/ has both texts. The bar is on their geometric mean. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assemble, decode, formatErrors, instantiate, load, verify } from '@pool/vm';
import type { Contest } from '../contest.ts';
import { hasLua, Lua } from '../lua.ts';

const KERNELS = ['mix', 'sieve', 'crc32', 'fib', 'matrix', 'xorshift'] as const;
/** More than any round burns; fuel is counted all the same. */
const FUEL = 1e15;

function kernelFile(name: string): string {
  return fileURLToPath(new URL(`../kernels/${name}`, import.meta.url));
}

function interpreter(kernel: string): Contest {
  return {
    id: `vm/interp/${kernel}`,
    title: `kernel ${kernel} on the interpreter, with fuel`,
    rival: 'Lua 5.4',
    missing: () => (hasLua() ? undefined : 'lua5.4 is not on this machine (bench/setup.sh installs it)'),
    async open() {
      const instance = instantiate(load(assembleOrThrow(readFileSync(kernelFile('kernels.pasm'), 'utf8'))), {
        limits: { fuel: FUEL },
      });
      const lua = new Lua(kernelFile('kernels.lua'));
      const versions = { lua: await lua.version() };
      const agreed = new Map<number, number>();
      const run = (operations: number): number => {
        const outcome = instance.run(kernel, [operations]);
        if (outcome.kind !== 'done') throw new Error(`${kernel}: ${outcome.kind}`);
        return Number(outcome.value);
      };
      return {
        ours: run,
        rival: async (operations) => lua.run(kernel, operations),
        // Neither side is the judge: for each number of operations both must have said the same once, untimed.
        async prepare(operations) {
          if (agreed.has(operations)) return;
          const [mine, theirs] = [run(operations), await lua.run(kernel, operations)];
          if (mine !== theirs) throw new Error(`${kernel} ${operations}: ${mine} here, ${theirs} in Lua`);
          agreed.set(operations, mine);
        },
        expected: (operations) => agreed.get(operations) as number,
        versions,
        close: () => lua.close(),
      };
    },
  };
}

/** A program of `LINES` instructions in functions of a hundred, each a mix of what programs are made of. */
function largeSource(): string {
  const parts = ['memory 1\n'];
  for (let index = 0; index < LINES / 100; index++) {
    parts.push(`func f${index}(a, b) -> sum {`, '  i64.const sum, 0');
    for (let line = 0; line < 16; line++)
      parts.push(
        `next${line}:`,
        '  i64.add sum, sum, a',
        '  i64.and at, b, 0xff8',
        '  i64.load c, [at + 16]',
        '  i64.xor sum, sum, c',
        `  br_ne c, ${line}, next${line}`,
      );
    parts.push('  ret sum', '}');
  }
  return `${parts.join('\n')}\n`;
}

const LINES = 20_000;

const assembling: Contest = {
  id: 'vm/assemble',
  title: 'assembling 20,000 lines, thousand lines a second',
  floor: 200,
  rate: { amount: largeSource().split('\n').length / 1e3, unit: 'klines/s' },
  open() {
    const text = largeSource();
    const size = assembleOrThrow(text).length;
    return {
      ours(operations) {
        let bytes = 0;
        for (let lap = 0; lap < operations; lap++) bytes += assembleOrThrow(text).length;
        return bytes;
      },
      expected: (operations) => operations * size,
      close() {},
    };
  },
};

const verifying: Contest = {
  id: 'vm/verify',
  title: 'verifying a decoded program, million instructions a second',
  floor: 5,
  rate: { amount: instructionsOf(largeSource()) / 1e6, unit: 'M/s' },
  open() {
    const program = decode(assembleOrThrow(largeSource()));
    return {
      ours(operations) {
        let functions = 0;
        for (let lap = 0; lap < operations; lap++) functions += verify(program).functions.length;
        return functions;
      },
      expected: (operations) => operations * (LINES / 100),
      close() {},
    };
  },
};

function instructionsOf(source: string): number {
  return source.split('\n').filter((line) => /^ {2}\w/.test(line)).length;
}

function assembleOrThrow(text: string): Uint8Array {
  const assembled = assemble({ name: 'bench.pasm', text });
  if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
  return assembled.bytes;
}

export const VM: readonly Contest[] = [...KERNELS.map(interpreter), verifying, assembling];
