/** The round trip: what a listing says assembles to the bytes that it was made of, whoever wrote them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  assemble,
  disassemble,
  encode,
  formatErrors,
  load,
  type Program,
  type Source,
  VerificationError,
  verify,
} from '@pool/vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/programs.ts';
import { EDGES, randomInstruction, randomProgram } from './support/random-programs.ts';

const ROOT = join(import.meta.dirname, '../../..');
const RUNS = process.env.POOL_LONG ? 100_000 : 1_500;

/** Assembles a listing under a name that must not get into the bytes. */
function again(text: string): Uint8Array {
  const result = assemble({ name: 'listing.pasm', text });
  if (!result.ok) throw new Error(`${formatErrors(result.errors)}\n${text}`);
  return result.bytes;
}

function expectRoundTrip(bytes: Uint8Array): string {
  const text = disassemble(load(bytes));
  expect(Buffer.from(again(text)).equals(Buffer.from(bytes)), text).toBe(true);
  return text;
}

/** The program, if it obeys the rules. */
function verified(program: Program): ReturnType<typeof verify> | undefined {
  try {
    return verify(program);
  } catch (error) {
    if (error instanceof VerificationError) return undefined;
    throw error;
  }
}

test('a listing says what the program says', () => {
  const text = expectRoundTrip(
    bytesOf(`
memory 1 max 4
data greeting = "hello, \\"you\\"\\n"
data raw @ 0x400 = bytes 1, 2, 255
window job words 64 slots 2 {
  next
  cells[8] @ 16
  slot input
  rest[] @ 32
}
func main(n) -> r {
  i64.const sum, 0
again:
  shared_fetch_add _, job.next, sum
  shared_load c, job.cells[n]
  shared_load d, job.cells[3]
  i64.add sum, c, d
  i64.add n, n, -1
  i64.store [n + greeting], 0x123456789abcdef0
  br_gt_s n, 0, again
  f64.const x, 1.5
  call r, five(n, sum, x, 4, 5)
  br_table r, [again, end], wrong
end:
  swap_segment _, job.input, 0
  ret r
wrong:
  trap "no \\"such\\" way"
}
func five(a, b, c, d, e) -> r {
  i64.add r, a, e
  call_indirect r, both[r](r, a)
  ret r
}
func one(a, b) -> r {
  i64.xor r, a, b
  ret r
}
table both = one, five
`),
  );
  expect(text).toMatchInlineSnapshot(`
    "program "test"
    files "test.pasm"
    memory 1 max 4

    window job words 64 slots 2 {
      next @ 0
      cells[8] @ 16
      slot input @ 0
      rest[] @ 32
    }

    data _ @ 64 = "hello, \\"you\\"\\n"
    data _ @ 1024 = bytes 0x01, 0x02, 0xff

    table both = one, five

    func main(n) -> value {
      registers n, sum, _, c, d, x, r, unnamed r7, r8
      i64.const sum, 0                               @ 12:3
    L1:
      shared_fetch_add _, job.next, sum              @ 14:3
      shared_load c, job.cells[n]                    @ 15:3
      shared_load d, job.cells[3]                    @ 16:3
      i64.add sum, c, d                              @ 17:3
      i64.add n, n, -1                               @ 18:3
      i64.const r7, 0x123456789abcdef0               @ 19:3
      i64.store [n + 64], r7                         @ 19:3
      br_gt_s n, 0, L1                               @ 20:3
      f64.const x, 1.5                               @ 21:3
      i64.const r7, 4                                @ 22:3
      i64.const r8, 5                                @ 22:3
      call r, five(n, sum, x, r7, r8)                @ 22:3
      br_table r, [L1, L2], L3                       @ 23:3
    L2:
      i64.const r7, 0                                @ 25:3
      swap_segment _, job.input, r7                  @ 25:3
      ret r                                          @ 26:3
    L3:
      trap "no \\"such\\" way"                         @ 28:3
    }

    func five(a, b, c, d, e) -> value {
      registers a, b, c, d, e, r
      i64.add r, a, e                                @ 31:3
      call_indirect r, both[r](r, a)                 @ 32:3
      ret r                                          @ 33:3
    }

    func one(a, b) -> value {
      registers a, b, r
      i64.xor r, a, b                                @ 36:3
      ret r                                          @ 37:3
    }
    "
  `);
});

describe('every program in the repository', () => {
  const files = execFileSync('git', ['ls-files', '*.pasm'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  const read = (name: string): Source => ({ name, text: readFileSync(join(ROOT, name), 'utf8') });
  const found = (path: string, from: Source): Source =>
    read(path.replace('pool:sync/', 'packages/sync/asm/').replace(/^(?!packages)/, () => `${dirname(from.name)}/`));
  const included = new Set(
    files.flatMap((name) => {
      const from = read(name);
      return [...from.text.matchAll(/^include "(.*)"/gm)].map(([, path = '']) => found(path, from).name);
    }),
  );

  test('is a program, or part of one', () => {
    expect(files.length).toBeGreaterThan(5);
    expect([...included].filter((name) => !files.includes(name))).toEqual([]);
  });

  // Parts that other packages ship are tested there, each in programs that include it.
  const isShippedPart = (name: string): boolean => /^packages\/(?!vm\/)[^/]+\/asm\//.test(name);

  // A host gives constants of its layouts, in capitals; which numbers they are does not matter here.
  const texts = files.map((name) => read(name).text).join('\n');
  const declared = new Set([...texts.matchAll(/^const (\w+)/gm)].map(([, name]) => name));
  const capitals = [...new Set(texts.match(/\b[A-Z][A-Z\d_]+\b/g))].filter((name) => !declared.has(name));
  const constants = Object.fromEntries(capitals.map((name) => [name, 8n]));

  test.each(files.filter((name) => !included.has(name) && !isShippedPart(name)))('%s', (name) => {
    const result = assemble(read(name), { include: found, constants });
    if (!result.ok) throw new Error(formatErrors(result.errors));
    expectRoundTrip(result.bytes);
  });
});

// A campaign lasts as long as it lasts; only a hang should end it.
describe('random verified programs', { timeout: 1_800_000 }, () => {
  test('as the generator makes them', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(randomInstruction, { minLength: 1, maxLength: 24 }), fc.nat(99), (instructions, shift) => {
        const values = EDGES.map((_, index) => EDGES[(index + shift) % EDGES.length] as bigint);
        const program = randomProgram(instructions, values);
        if (verified(program) === undefined) return;
        accepted += 1;
        expectRoundTrip(encode(program));
      }),
      { numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(RUNS / 4);
  });

  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      '',
      'a',
      'r1',
      'mix',
      'main',
      'job.last',
      'func',
      'unnamed',
      'data_end',
      'x y',
      '"\\\n\x7f\u0085\ufeff',
      '_',
    ),
  );
  const decoration = fc.record({
    program: name,
    functions: fc.tuple(name, name),
    registers: fc.tuple(fc.array(name, { maxLength: 8 }), fc.array(name, { maxLength: 8 })),
    windows: fc.tuple(name, name),
    places: fc.array(
      fc.record({
        name,
        kind: fc.constantFrom('words' as const, 'slots' as const),
        address: fc.nat(7),
        open: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
    tables: fc.array(fc.record({ name, functions: fc.array(fc.nat(1), { maxLength: 3 }) }), { maxLength: 2 }),
    imports: fc.array(fc.record({ name, parameters: fc.nat(15), returnsValue: fc.boolean() }), { maxLength: 2 }),
    constants: fc.array(fc.constantFrom(0n, 1n, 0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_0001n, 2n ** 63n, 1n << 52n)),
    messages: fc.array(name),
    files: fc.array(name, { maxLength: 3 }),
    lines: fc.option(fc.array(fc.nat(0xffff_ffff), { minLength: 1 }), { nil: undefined }),
    data: fc.array(fc.record({ address: fc.nat(9000), bytes: fc.uint8Array({ maxLength: 40 }) })),
  });

  test('with names, lines, data and tables that no assembler of ours would write', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(randomInstruction, { minLength: 1, maxLength: 8 }), decoration, (instructions, more) => {
        const plain = randomProgram(instructions, EDGES);
        const program: Program = {
          ...plain,
          name: more.program,
          windows: [
            { ...(plain.windows[0] as Program['windows'][number]), name: more.windows[0] },
            { name: more.windows[1], words: 2 ** 31, slots: 9 },
          ],
          places: [
            ...plain.places.map((place, index) => ({ ...place, name: more.places[index]?.name ?? place.name })),
            ...more.places.map(({ open, ...place }) => ({ ...place, window: 1, length: open ? 0xffff_ffff : 2 })),
          ],
          tables: [...plain.tables, ...more.tables],
          imports: [...plain.imports, ...more.imports],
          constants: BigUint64Array.from([...plain.constants, ...more.constants]),
          messages: [...plain.messages, ...more.messages],
          files: more.files,
          data: more.data,
          functions: plain.functions.map((body, index) => ({
            ...body,
            name: more.functions[index] ?? body.name,
            registerNames: more.registers[index] ?? [],
            positions: Uint32Array.from(
              { length: more.lines === undefined ? 0 : body.code.length / 4 },
              (_, at) => more.lines?.[at % more.lines.length] ?? 0,
            ),
          })),
        };
        if (verified(program) === undefined) return;
        accepted += 1;
        expectRoundTrip(encode(program));
      }),
      { numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(RUNS / 4);
  });
});

describe('a listing that was edited', () => {
  const errors = (text: string): string => {
    const result = assemble({ name: 'edited.pasm', text });
    return result.ok
      ? 'ACCEPTED'
      : result.errors.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
  };

  test.each([
    ['files\nfiles\nfunc f() {\n ret\n}', '2:6 files stands here twice'],
    ['files "a"\nfunc f() {\n nop @ 1:1\n ret\n}', '4:2 this instruction does not say where it came from'],
    ['files "a"\nfunc f() {\n ret @ 1:1 "b"\n}', '3:12 no file of this name is declared by files'],
    ['files "a"\nfunc f() {\n ret @ 1:65536\n}', '3:10 the column is 65536, and must be an integer of 0..65535'],
    ['func f() {\n ret @ 1:1\n}', '2:8 an instruction says where it came from, and the text declares no files'],
    ['files\nfunc f(a) {\n registers b\n ret\n}', '3:12 register 0 is the parameter a'],
    ['files\nfunc f() {\n registers b, b\n ret\n}', '3:15 two registers are named b'],
    ['files\nfunc f() -> r {\n registers b\n ret c\n}', '4:6 c is neither a register of this function nor a constant'],
    ['places {\n a = b[] @ 0\n}\nfunc f() {\n ret\n}', '2:6 no window is named b'],
    ['places {\n a = b[] @ 0\nfunc f() {\n ret\n}', '3:6 expected =, found f'],
    ['constants 1, 0x1_0000_0000_0000_0000\nfunc f() {\n ret\n}', '1:14 18446744073709551616 does not fit 64 bits'],
    [
      'constants 1\nfunc f() -> r {\n i64.const r, constants[1]\n ret r\n}',
      '3:25 the entry of constants is 1, and must be an integer of 0..0',
    ],
    ['messages 1\nfunc f() {\n ret\n}', '1:10 messages are texts in quotes'],
  ])('%j', (text, expected) => {
    expect(errors(text).split('\n')).toContain(expected);
  });
});
