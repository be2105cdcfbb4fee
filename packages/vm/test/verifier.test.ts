/**
 * Every rule against programs that break it and no other. With the rule switched off each of them is accepted: so each rule is
 * needed, and a verifier that lost one would fail here.
 */
import {
  decode,
  encode,
  type FunctionBody,
  type Program,
  RULES,
  type Rule,
  VerificationError,
  VerifiedProgram,
  verify,
} from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { GROUPS, OP } from '../src/opcodes/table.ts';
import { REST } from '../src/program/program.ts';
import { check } from '../src/verifier/verify.ts';
import { bytesOf, program } from './support/programs.ts';

const SOUND = decode(
  bytesOf(
    `
memory 1 max 2
data text = "abc"
window job words 64 slots 4 {
  head
  cells[8]
  tail[] @ 16
  slot input
}
func main(x) -> r {
  br_if x, on
  ret x
on:
  i64.const r, 5
  i64.load8_u r, [x + 3]
  call r, five(x, r, x, r, x)
  shared_load r, job.head
  shared_load_ r
  trap "no"
}
func five(a, b, c, d, e) -> e {
  ret e
}
func none() {
  ret
}`.replace('  shared_load_ r\n', ''),
  ),
);

const [MAIN, FIVE, NONE] = SOUND.functions as [FunctionBody, FunctionBody, FunctionBody];

/** The instructions of a function as groups of eight bytes, to be edited. */
function instructions(body: FunctionBody): number[][] {
  return Array.from({ length: body.code.length / 8 }, (_, index) => [...body.code.subarray(8 * index, 8 * index + 8)]);
}

function withMain(edit: (code: number[][]) => void, shape: Partial<FunctionBody> = {}): Program {
  const code = instructions(MAIN);
  edit(code);
  const main = { ...MAIN, ...shape, code: Uint8Array.from(code.flat()), positions: new Uint32Array(0) };
  return { ...SOUND, functions: [main, FIVE, NONE] };
}

/** The index of main's first instruction with this opcode. */
const at = (opcode: number): number => instructions(MAIN).findIndex(([, code]) => code === opcode);
const edited = (opcode: number, byte: number, value: number) =>
  withMain((code) => {
    (code[at(opcode)] as number[])[byte] = value;
  });
/** `main` with one more instruction in front, and all branches moved. */
const withFirst = (...first: number[]) =>
  withMain((code) => {
    code.unshift([...first, 0, 0, 0, 0, 0, 0].slice(0, 8));
    const branch = code[at(OP.br_if) + 1] as number[];
    branch[4] = (branch[4] as number) + 1;
  });
/** Another sound program, for one instruction, with a byte of that instruction changed. */
const editedIn = (text: string, opcode: number, byte: number, value: number): Program => {
  const sound = decode(bytesOf(text));
  const [first, ...others] = sound.functions as [FunctionBody, ...FunctionBody[]];
  const code = instructions(first);
  (code.find(([, each]) => each === opcode) as number[])[byte] = value;
  return { ...sound, functions: [{ ...first, code: Uint8Array.from(code.flat()) }, ...others] };
};
const INDIRECT =
  'table t = main, none\nfunc main(i) -> r {\n call_indirect r, t[i](i, i, i, i, i, i, i)\n ret r\n}\nfunc none() {\n ret\n}';
const HOST = 'import now() -> t\nimport log(v)\nfunc main(i) -> r {\n call r, now()\n call log(r)\n ret r\n}';
const TABLE = 'func main(i) -> r {\n br_table i, [a, b], a\na:\n ret i\nb:\n ret i\n}';
const place = SOUND.places.findIndex(({ name }) => name === 'job.head');
const slot = SOUND.places.findIndex(({ name }) => name === 'job.input');
const withPlace = (change: Partial<Program['places'][number]>): Program => ({
  ...SOUND,
  places: SOUND.places.map((each, index) => (index === place ? { ...each, ...change } : each)),
});

const IMPORT_OF = (parameters: number) => ({ name: 'import', parameters, returnsValue: false });
function resultOfNone(): Program {
  const sound = decode(bytesOf(HOST));
  return { ...sound, imports: sound.imports.map((each) => ({ ...each, returnsValue: false })) };
}
const TABLE_OF = (...functions: number[]) => ({ name: 'table', functions });

const BROKEN: { readonly [Name in Rule]: readonly (readonly [what: string, program: Program])[] } = {
  memory: [
    ['more pages than the limit', { ...SOUND, initialPages: 3 }],
    ['a limit above the format’s', { ...SOUND, maximumPages: 16_385 }],
  ],
  data: [['data past the memory', { ...SOUND, data: [{ address: 65_534, bytes: Uint8Array.of(1, 2, 3) }] }]],
  names: [
    ['two functions with one name', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, name: 'main' }] }],
    ['two tables with one name', { ...SOUND, tables: [TABLE_OF(0), TABLE_OF(1)] }],
    ['two imports with one name', { ...SOUND, imports: [IMPORT_OF(0), IMPORT_OF(1)] }],
    ['two windows with one name', { ...SOUND, windows: [...SOUND.windows, ...SOUND.windows] }],
  ],
  'function-shape': [
    ['more parameters than registers', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, parameters: 1, registers: 0 }] }],
    ['more than 15 parameters', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, parameters: 16, registers: 16 }] }],
    ['more than 256 registers', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, registers: 257 }] }],
  ],
  'table-entries': [['a function past the last', { ...SOUND, tables: [TABLE_OF(0, 3)] }]],
  'debug-shape': [
    ['more names than registers', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, registerNames: ['a', 'b', 'c'] }] }],
    ['lines for some instructions', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, positions: new Uint32Array(4) }] }],
  ],
  'import-shape': [['more than 15 parameters', { ...SOUND, imports: [IMPORT_OF(16)] }]],
  'place-window': [
    [
      'a place in no window',
      { ...SOUND, places: [...SOUND.places, { name: 'x', kind: 'words', window: 1, address: 0, length: 1 }] },
    ],
  ],
  'place-bounds': [
    ['a place past its window', withPlace({ address: 64 })],
    ['a place that ends past its window', withPlace({ address: 60, length: 5 })],
    ['a length that would wrap', withPlace({ address: 2, length: REST - 1 })],
    [
      'an empty place',
      { ...SOUND, places: [...SOUND.places, { name: 'x', kind: 'words', window: 0, address: 0, length: 0 }] },
    ],
    [
      'a rest that begins past its window',
      { ...SOUND, places: [...SOUND.places, { name: 'x', kind: 'words', window: 0, address: 65, length: REST }] },
    ],
  ],
  opcode: [
    ['a byte that is no opcode', edited(OP.trap, 1, 0xbf)],
    ['an internal opcode has no byte at all', withFirst(0, 0xff)],
  ],
  group: [
    ['a shared opcode under the local prefix', edited(OP.shared_load, 0, GROUPS.local)],
    ['a shared opcode under the segments’ prefix', edited(OP.shared_load, 0, GROUPS.segments)],
    ['a local opcode under the shared prefix', edited(OP['i64.load8_u'], 0, GROUPS.shared)],
    ['a prefix that is none', edited(OP['i64.load8_u'], 0, 1)],
  ],
  'unused-bytes': [
    ['behind the operands', edited(OP.ret_value, 7, 1)],
    ['between the operands', edited(OP.br_if, 3, 1)],
  ],
  register: [['a written register that the function does not have', edited(OP['i64.const'], 2, 9)]],
  constant: [['a constant past the pool', edited(OP['i64.const'], 4, 200)]],
  offset: [['an offset of 2^31', edited(OP['i64.load8_u'], 7, 0x80)]],
  target: [
    ['a branch past the end', edited(OP.br_if, 4, 200)],
    ['a branch to further arguments', edited(OP.br_if, 4, at(OP.args))],
    ['a branch to an entry', editedIn(TABLE, OP.br_table, 4, 1)],
    ['an entry past the end', editedIn(TABLE, OP.entry, 4, 5)],
    ['an entry that goes to an entry', editedIn(TABLE, OP.entry, 4, 2)],
  ],
  entries: [
    ['an entry without a br_table', withFirst(0, OP.entry, 0, 0, 1)],
    [
      'a br_table without entries',
      withMain((code) => {
        code.unshift([0, OP.br_table, 0, 0, 1, 0, 0, 0]);
        const branch = code[at(OP.br_if) + 1] as number[];
        branch[4] = (branch[4] as number) + 1;
      }),
    ],
  ],
  end: [['the last instruction goes on', withMain((code) => void code.pop(), { returnsValue: true })]],
  callee: [
    [
      'a function past the last',
      withMain((code) => {
        const call = code[at(OP.call_value)] as number[];
        call[4] = 9;
        code.splice(at(OP.args), 1);
        call[3] = call[6] = call[7] = 0;
        (code[at(OP.br_if)] as number[])[4] = at(OP['i64.const']);
      }),
    ],
  ],
  import: [
    ['an import that there is not', editedIn(HOST, OP.call_host, 2, 2)],
    ['an import that there is not, for its value', editedIn(HOST, OP.call_host_value, 4, 2)],
  ],
  table: [['a table that there is not', editedIn(INDIRECT, OP.call_indirect_value, 4, 1)]],
  arguments: [
    ['an argument too many for an import', editedIn(HOST, OP.call_host_value, 3, 1)],
    ['fewer further arguments than an indirect call says', editedIn(INDIRECT, OP.call_indirect_value, 6, 13)],
    ['more further arguments than an indirect call says', editedIn(INDIRECT, OP.call_indirect_value, 6, 6)],
    ['further arguments left out', withMain((code) => void code.splice(at(OP.args), 1))],
    ['one argument too many', edited(OP.args, 7, 1)],
    ['further arguments without a call', withFirst(0, OP.args)],
  ],
  result: [
    ['the value of an import that has none', resultOfNone()],
    [
      'the value of a function that has none',
      withMain((code) => {
        const call = code[at(OP.call_value)] as number[];
        call[4] = 2;
        call[3] = call[6] = call[7] = 0;
        code.splice(at(OP.args), 1);
      }),
    ],
  ],
  return: [
    [
      'a value from a function without one',
      {
        ...SOUND,
        functions: [
          MAIN,
          FIVE,
          { ...NONE, parameters: 1, registers: 1, code: FIVE.code.map((byte, index) => (index === 2 ? 0 : byte)) },
        ],
      },
    ],
    ['none from a function with one', { ...SOUND, functions: [MAIN, FIVE, { ...NONE, returnsValue: true }] }],
  ],
  message: [['a message past the last', edited(OP.trap, 4, 1)]],
  initialised: [
    [
      'a register that one path has not written',
      withMain((code) => {
        (code[at(OP.ret_value)] as number[])[2] = 1;
      }),
    ],
    [
      'an argument that was never written',
      withMain((code) => {
        code.splice(at(OP['i64.const']), 2);
      }),
    ],
  ],
  'shared-place': [
    ['a place that there is not', edited(OP.shared_load, 4, 99)],
    ['a place of slots', edited(OP.shared_load, 4, slot)],
    [
      'a rest that may be empty',
      {
        ...SOUND,
        places: SOUND.places.map((each, index) => (index === place ? { ...each, address: 64, length: REST } : each)),
      },
    ],
  ],
  'segment-slot': [
    ['a place that there is not', withFirst(GROUPS.segments, OP.swap_segment, 0, 0, 99)],
    ['a place of words', withFirst(GROUPS.segments, OP.swap_segment, 0, 0, place)],
    [
      'a rest that may be empty',
      {
        ...withFirst(GROUPS.segments, OP.swap_segment, 0, 0, slot),
        places: SOUND.places.map((each, index) => (index === slot ? { ...each, address: 4, length: REST } : each)),
      },
    ],
  ],
  'segment-window': [['a window that there is not', withFirst(GROUPS.segments, OP.segment_draft, 0, 0, 1)]],
};

test('the program that the others are broken from is sound', () => {
  expect(check(SOUND).violations).toEqual([]);
  expect(verify(SOUND)).toBeInstanceOf(VerifiedProgram);
});

describe.each(Object.keys(RULES) as Rule[])('%s', (rule) => {
  test.each(BROKEN[rule])('%s', (_, broken) => {
    expect([...new Set(check(broken).violations.map((violation) => violation.rule))]).toEqual([rule]);
    expect(check(broken, [rule]).violations).toEqual([]);
    expect(() => verify(broken)).toThrow(VerificationError);
  });
});

test('a long run of further arguments is rejected in one pass', () => {
  // Walked back over from each of its words it would take hours.
  const words = Array.from({ length: 400_000 }, () => [0, OP.args, 0, 0, 0, 0, 0, 0]).flat();
  const code = Uint8Array.from([...words, 0, OP.ret, 0, 0, 0, 0, 0, 0]);
  const { violations } = check({ ...SOUND, functions: [MAIN, FIVE, { ...NONE, code }] });
  expect(violations.filter(({ rule }) => rule === 'arguments')).toHaveLength(400_000);
});

test('an argument is a register of the caller', () => {
  expect(check(edited(OP.call_value, 7, 9)).violations[0]).toMatchObject({
    rule: 'register',
    message: 'register 9 of 2',
  });
});

test('broken programs are rejected from their bytes as well', () => {
  const broken = BROKEN.register[0]?.[1] as Program;
  expect(() => verify(decode(encode(broken)))).toThrow(/main \(.*\): register 9 of \d/);
});

test('what was found is given as data: blocks, and what is written before each', () => {
  const [main] = program(
    'func main(n) -> r {\n i64.const r, 0\nloop:\n i64.add r, r, n\n i64.sub n, n, 1\n br_if n, loop\n ret r\n}',
  ).functions;
  expect(main?.flow.blocks).toEqual([
    { start: 0, end: 1 },
    { start: 1, end: 4 },
    { start: 4, end: 5 },
  ]);
  expect([0, 1, 2].map((block) => [main?.flow.isWritten(block, 0), main?.flow.isWritten(block, 1)])).toEqual([
    [true, false],
    [true, true],
    [true, true],
  ]);
});

test('only the verifier makes a verified program', () => {
  expect(() => new VerifiedProgram(Symbol('verified') as never, SOUND, [])).toThrow(
    'programs are verified by verify()',
  );
});

test('code that no path reaches is checked for its form, and not for its registers', () => {
  expect(() => program('func main() -> r {\n br end\n mov r, r\nend:\n ret 1\n}')).not.toThrow();
});
