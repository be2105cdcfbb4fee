/** What an author sees after a typical mistake, as a golden file: `vitest -u` rewrites it, and the difference is to be read. */
import { assemble, formatErrors } from '@pool/vm';
import { expect, test } from 'vitest';

const WINDOW = 'window queue words 32 {\n  head\n  tail @ 16\n  cells[8]\n  slot input\n}\n';
const main = (...lines: string[]) =>
  `func main(n) -> r {\n${lines.map((line) => (line.endsWith(':') ? line : `  ${line}`)).join('\n')}\n}\n`;

const MISTAKES: readonly (readonly [title: string, text: string])[] = [
  ['a misspelled instruction', main('i64.ad r, n, 1', 'ret r')],
  ['a misspelled register', main('i64.const total, 1', 'i64.add r, totl, total', 'ret r')],
  ['a misspelled label', main('loop:', 'i64.sub n, n, 1', 'br_if n, lop', 'br_if n, loop', 'ret n')],
  [
    'a misspelled function',
    `${main('call r, squere(n)', 'ret r')}func square(x) -> y {\n  i64.mul y, x, x\n  ret y\n}\n`,
  ],
  ['a misspelled field', `${WINDOW}${main('shared_load r, queue.haed', 'ret r')}`],
  ['a misspelled declaration', `windw queue words 8\n${main('ret n')}`],
  ['a misspelled constant', `const CAPACITY = 64\n${main('i64.and r, n, CAPACTY - 1', 'ret r')}`],
  ['a register with a slip in its name, written', main('i64.const sum, 0', 'i64.add smu, sum, n', 'ret sum')],
  ['a missing operand', main('i64.add r, n', 'ret r')],
  ['a missing comma', main('i64.add r, n 1', 'ret r')],
  [
    'too many arguments',
    `${main('call r, square(n, n)', 'ret r')}func square(x) -> y {\n  i64.mul y, x, x\n  ret y\n}\n`,
  ],
  ['the value of a function that has none', `${main('call r, note(n)', 'ret r')}func note(x) {\n  ret\n}\n`],
  ['a window’s word as an ordinary operand', `${WINDOW}${main('i64.add r, queue.head, 1', 'ret r')}`],
  ['private memory in a shared instruction', `${WINDOW}${main('shared_load r, [n]', 'ret r')}`],
  ['a window’s word in a private load', `${WINDOW}${main('i64.load r, queue.head', 'ret r')}`],
  ['a slot in a shared load', `${WINDOW}${main('shared_load r, queue.input', 'ret r')}`],
  ['a word in a segment swap', `${WINDOW}${main('swap_segment r, queue.head, n', 'ret r')}`],
  ['an element past the end', `${WINDOW}${main('shared_load r, queue.cells[8]', 'ret r')}`],
  ['fields larger than the window', 'window queue words 8 {\n  cells[16]\n}\nfunc main() {\n  ret\n}\n'],
  ['no return at the end', main('i64.add r, n, 1')],
  ['no value returned', main('ret')],
  ['a value from a function without one', 'func main() {\n  ret 1\n}\n'],
  ['a register that one path has not written', main('br_if n, on', 'i64.const r, 1', 'on:', 'ret r')],
  ['two registers in an address', `memory 1\n${main('i64.load r, [n + n]', 'ret r')}`],
  ['a negative offset', `memory 1\n${main('i64.load r, [n - 8]', 'ret r')}`],
  ['a constant as the target', `const LIMIT = 5\n${main('i64.add LIMIT, n, 1', 'ret n')}`],
  ['a constant that depends on itself', `const A = B\nconst B = A + 1\n${main('ret A')}`],
  ['a name declared twice', `const A = 1\nconst A = 2\n${main('ret A')}`],
  ['a label twice', main('again:', 'i64.sub n, n, 1', 'again:', 'br_if n, again', 'ret n')],
  ['a label that nobody uses', main('start:', 'ret n')],
  ['a misspelled label in a table', main('br_table n, [one, tow], one', 'one:', 'ret 1', 'two:', 'ret 2')],
  ['a table without brackets', main('br_table n, one, two', 'one:', 'ret 1', 'two:', 'ret 2')],
  ['numbers in a table of labels', main('br_table n, [one, 2], one', 'one:', 'ret 1')],
  ['an empty table', main('br_table n, [], one', 'one:', 'ret 1')],
  [
    'a misspelled function in a table',
    `table handlers = squere, main\n${main('call_indirect r, handlers[n](n)', 'ret r')}func square(x) -> y {\n  ret x\n}\n`,
  ],
  ['a misspelled table', `table handlers = main\n${main('call_indirect r, handlrs[n](n)', 'ret r')}`],
  ['an indirect call without an index', `table handlers = main\n${main('call_indirect r, handlers(n)', 'ret r')}`],
  ['a direct call through a table', `table handlers = main\n${main('call r, handlers[n](n)', 'ret r')}`],
  [
    'a table twice',
    `table handlers = main\ntable handlers = main\n${main('call_indirect r, handlers[0](n)', 'ret r')}`,
  ],
  ['a misspelled import', `import log(value)\n${main('call lgo(n)', 'ret n')}`],
  ['too few arguments for an import', `import log(level, value)\n${main('call log(n)', 'ret n')}`],
  ['the value of an import that has none', `import log(value)\n${main('call r, log(n)', 'ret r')}`],
  ['an import with a body', `import log(value) {\n  ret\n}\n${main('ret n')}`],
  ['an import and a function with one name', `import main(value)\n${main('ret n')}`],
  ['a text that is not closed', main('trap "no')],
  ['an instruction outside a function', 'i64.const x, 1\n'],
  ['a function that is not closed', 'func main() {\n  ret\n\nfunc other() {\n  ret\n}\n'],
  ['a number too large for a word', main('i64.const r, 0x1_0000_0000_0000_0000', 'ret r')],
  ['too little memory for the data', `memory 1\ndata table = zero 100_000\n${main('ret n')}`],
  ['an include without a host that resolves it', `include "queue.pasm"\n${main('ret n')}`],
  [
    'a macro with an operand too few',
    `macro add(to, by) {\n  i64.add to, to, by\n}\n${main('mov r, n', 'add r', 'ret r')}`,
  ],
  ['a mistake inside a macro', `macro twice(to) {\n  i64.shl to, tow, 1\n}\n${main('mov r, n', 'twice r', 'ret r')}`],
  [
    'an operand that does not fit where a macro puts it',
    `${WINDOW}macro bump(cell) {\n  shared_fetch_add _, cell, 1\n}\n${main('bump queue.input', 'ret n')}`,
  ],
  ['a macro that uses the registers of its user', `macro bump() {\n  i64.add n, n, 1\n}\n${main('bump', 'ret n')}`],
  [
    'a macro that uses itself',
    `macro even(to) {\n  odd to\n}\nmacro odd(to) {\n  even to\n}\n${main('mov r, n', 'even r', 'ret r')}`,
  ],
  ['a misspelled macro', `macro spin_lock(word) {\n  shared_pause\n}\n${main('spin_lok n', 'ret n')}`],
  ['a macro that is not closed', `macro pause() {\n  shared_pause\n\n${main('pause', 'ret n')}`],
  ['several at once', `${WINDOW}${main('i64.ad r, n, 1', 'shared_load r, queue.tial', 'br_if n, nowhere', 'ret x')}`],
];

test('typical mistakes', async () => {
  const shown = MISTAKES.map(([title, text]) => {
    const result = assemble({ name: 'mistake.pasm', text });
    return `=== ${title}\n${text}---\n${result.ok ? 'ACCEPTED' : formatErrors(result.errors)}\n`;
  });
  expect(shown.filter((text) => text.includes('ACCEPTED'))).toEqual([]);
  await expect(shown.join('\n')).toMatchFileSnapshot('golden/mistakes.txt');
});
