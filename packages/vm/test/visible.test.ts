/** Names and messages are the program's own: no message or listing made of them acts on a terminal. */
import {
  decode,
  disassemble,
  encode,
  FormatError,
  type FunctionBody,
  formatTrap,
  instantiate,
  LinkError,
  load,
  type Program,
  VerificationError,
  verify,
} from '@pool/vm';
import { expect, test } from 'vitest';
import { bytesOf } from './support/programs.ts';

const HOSTILE = 'a\u001b[2J\u0007\n\u009b\u202eb\u2066\u2028\ufeff';
const SHOWN = 'a\\u{1b}[2J\\u{7}\\u{a}\\u{9b}\\u{202e}b\\u{2066}\\u{2028}\\u{feff}';
const ACTS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/u;

const SOUND = decode(
  bytesOf(`
window job words 1 { head }
import now() -> time
func main() -> r {
  call _, now()
  trap "no"
}`),
);
const [MAIN] = SOUND.functions as [FunctionBody];
const NAMED: Program = {
  ...SOUND,
  name: HOSTILE,
  windows: SOUND.windows.map((window) => ({ ...window, name: HOSTILE })),
  places: SOUND.places.map((place) => ({ ...place, name: HOSTILE })),
  imports: SOUND.imports.map((each) => ({ ...each, name: HOSTILE })),
  functions: [{ ...MAIN, name: HOSTILE }],
  messages: [HOSTILE],
  files: [HOSTILE],
};
const LOCAL: Program = { ...NAMED, windows: [], places: [] };

function thrown(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('errors of linking show names, and do nothing else', () => {
  for (const error of [
    thrown(() => instantiate(verify(NAMED))),
    thrown(() => instantiate(verify(LOCAL))),
    thrown(() => instantiate(verify(LOCAL), { imports: { [HOSTILE]: () => 0n } }).run('main')),
  ]) {
    expect(error).toBeInstanceOf(LinkError);
    expect(error.message).toContain(SHOWN);
    expect(error.message).not.toMatch(ACTS);
  }
});

test('neither do errors of the verifier and of the format', () => {
  const broken = thrown(() => verify({ ...NAMED, functions: [...NAMED.functions, ...NAMED.functions] }));
  expect(broken).toBeInstanceOf(VerificationError);
  expect(broken.message).toContain(`two functions are named ${SHOWN}`);
  expect(broken.message).not.toMatch(ACTS);
  expect(new FormatError(3, HOSTILE).message).toBe(`${SHOWN} (at byte 3)`);
});

test('a trap as text begins no line of the program’s own', () => {
  const outcome = instantiate(verify(LOCAL), { imports: { [HOSTILE]: () => 0n } }).run(HOSTILE);
  if (outcome.kind !== 'trap') throw new Error('no trap');
  expect(outcome.trap.message).toBe(HOSTILE);
  expect(formatTrap(outcome.trap).split('\n')).toEqual([
    `trap in ${SHOWN}: explicit trap: ${SHOWN}`,
    `    at ${SHOWN} (${SHOWN}:6:3)`,
  ]);
});

test('a listing writes such characters as bytes, and they come back', () => {
  const bytes = encode(NAMED);
  const text = disassemble(load(bytes));
  expect(text.replaceAll('\n', '')).not.toMatch(ACTS);
  expect(bytesOf(text)).toEqual(bytes);
});
