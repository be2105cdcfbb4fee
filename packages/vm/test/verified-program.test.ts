/** What was verified is what runs: not what the host's buffer holds later, and nothing that a handle on the result can change. */
import { decode, disassemble, type FunctionBody, instantiate, load, type Program, verify } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/programs.ts';

const TEXT = `
memory 1
data hello = "hello wo"
func main() -> r {
  i64.const r, 0x123456789abcdef
  i64.load q, [hello]
  i64.add r, r, q
  ret r
}`;
const BYTES = bytesOf(TEXT);
const OUTCOME = instantiate(load(BYTES)).run();

const HOLDERS: readonly (readonly [string, () => Uint8Array])[] = [
  ['an array of its own', () => BYTES.slice()],
  ['a Buffer', () => Buffer.from(BYTES)],
  ['a view into more', () => new Uint8Array([0, 0, 0, ...BYTES]).subarray(3)],
  ['shared memory', () => shared()],
  ['a Buffer over shared memory', () => Buffer.from(shared().buffer)],
];

function shared(): Uint8Array<SharedArrayBuffer> {
  const bytes = new Uint8Array(new SharedArrayBuffer(BYTES.length));
  bytes.set(BYTES);
  return bytes;
}

/** Every buffer that can be reached from a program. */
function buffersOf(program: Program): Uint8Array[] {
  const arrays: ArrayBufferView[] = [program.constants, ...program.data.map(({ bytes }) => bytes)];
  for (const { code, positions } of program.functions) arrays.push(code, positions);
  return arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
}

describe.each(HOLDERS)('the bytes of a program in %s', (_, held) => {
  test('can be overwritten once it is loaded', () => {
    const bytes = held();
    const program = load(bytes);
    const early = instantiate(program);
    bytes.fill(0xff);
    expect(early.run()).toEqual(OUTCOME);
    expect(instantiate(program).run()).toEqual(OUTCOME);
    expect(bytesOf(disassemble(program))).toEqual(BYTES);
  });

  test('are shared by nothing that was decoded from them', () => {
    const bytes = held();
    for (const part of buffersOf(decode(bytes))) expect(part.buffer).not.toBe(bytes.buffer);
  });
});

describe('a verified program', () => {
  test('does not change with the program that was verified', () => {
    const given = decode(BYTES);
    const program = verify(given);
    for (const part of buffersOf(given)) part.fill(0xff);
    (given.functions as FunctionBody[]).length = 0;
    expect(instantiate(program).run()).toEqual(OUTCOME);
  });

  test('does not change with what it shows', () => {
    const program = load(BYTES);
    for (const part of buffersOf(program.program)) part.fill(0xff);
    // Detached, an array has no length.
    for (const part of buffersOf(program.program))
      if (part.length > 0) structuredClone(part, { transfer: [part.buffer] });
    expect(instantiate(program).run()).toEqual(OUTCOME);
    expect(bytesOf(disassemble(program))).toEqual(BYTES);
  });

  test('shows lists that are frozen, and readers without the code', () => {
    const { program, windows, functions } = load(BYTES);
    for (const list of [program, program.functions, program.functions[0], program.places, windows, functions])
      expect(Object.isFrozen(list)).toBe(true);
    const [main] = functions;
    expect(Object.isFrozen(main?.reader.rows)).toBe(true);
    expect(main?.reader.body).not.toHaveProperty('code');
  });

  test('takes no properties', () => {
    const program = load(BYTES);
    expect(() => Object.defineProperty(program, 'functions', { value: [] })).toThrow(TypeError);
    expect(() => Object.assign(program, { program: decode(BYTES) })).toThrow(TypeError);
  });

  test('is made by nothing that only looks like one', () => {
    expect(() => instantiate(Object.create(load(BYTES)))).toThrow(TypeError);
  });
});
