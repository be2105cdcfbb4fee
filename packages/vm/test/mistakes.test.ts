/** What an author sees after a typical mistake, as a golden file: `vitest -u` rewrites it, and the difference is to be read. */
import { assemble, formatErrors } from '@pool/vm';
import fc from 'fast-check';
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
  ['a label twice that nobody uses', main('again:', 'i64.sub n, n, 1', 'again:', 'ret n')],
  ['a number that begins with a zero', main('i64.add r, n, 010', 'ret r')],
  ['an underscore at the end of a number', main('i64.add r, n, 1_', 'ret r')],
  ['an underscore at the beginning of its digits', main('i64.add r, n, 0x_1', 'ret r')],
  ['a digit too large for its base', main('i64.add r, n, 0b102', 'ret r')],
  ['a double beyond all', main('f64.add r, n, 1e400', 'ret r')],
  ['a branch without its sign', main('on:', 'br_lt n, 5, on', 'ret n')],
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
  ['a register as an address', `memory 1\n${main('i64.load r, n', 'ret r')}`],
  ['a constant as an address', `memory 1\ndata table = zero 8\n${main('i64.store table, n', 'ret n')}`],
  ['a double in integer arithmetic', main('i64.add r, n, 1.0', 'i64.mul r, r, 1.5', 'ret r')],
  [
    'a double as an integer constant',
    `const HALF = 0.5\n${main('i64.const r, 1.5', 'i64.const s, HALF', 'i64.add r, r, s', 'ret r')}`,
  ],
  ['a double in a comparison', main('br_lt_s n, 0.5, on', 'ret 1', 'on:', 'ret 2')],
  ['instructions without a type', main('add r, n, 1', 'div r, r, 2', 'load n, [r]', 'ret r')],
  ['instructions of other machines', main('jmp on', 'on:', 'cmp n, 0', 'inc n', 'return n')],
  ['comments of other languages', `# a counter\n${main('mov r, n // the start', 'ret r /* the end */')}`],
  ['an assignment', main('r = n + 1', 'ret r')],
  ['a semicolon between instructions', 'func main() { nop; ret }\n'],
  ['typographic quotes', main('trap “no”')],
  ['a text in single quotes', main("trap 'no'")],
  ['a character that nobody sees', main('i64.add\u00a0r, n, 1', 'ret r')],
  ['a name in another alphabet', main('i64.const größe, 1', 'ret n')],
  [
    'a window that is not closed',
    `window queue words 8 {\n  head\n  tail\n${main('shared_load r, queue.head', 'ret r')}`,
  ],
  [
    'two fields on one line',
    `window queue {\n  head tail\n  cells[8]\n}\n${main('shared_load r, queue.cells[n]', 'ret r')}`,
  ],
  [
    'a broken constant, used and unused',
    `const SIZE = 4 +\nconst HALF = SIZE / 2\nconst NEVER = 1 / 0\n${main('i64.add r, n, SIZE', 'i64.add r, r, HALF', 'ret r')}`,
  ],
  [
    'a broken function, called',
    `${main('call r, square(n)', 'ret r')}func square(x {\n  i64.mul y, x, x\n  ret y\n}\n`,
  ],
  ['a broken instruction that writes a register', main('i64.add r, n, (1', 'ret r')],
  ['a function without its keyword', `main(n) -> r {\n  i64.add r, n, 1\n  ret r\n}\n`],
  [
    'a place past the largest window',
    `window w {\n  cells[100] @ 0xffff_fff0\n}\n${main('shared_load r, w.cells[n]', 'ret r')}`,
  ],
  ['data past the largest memory', `data table @ 0x3fff_fff8 = words 1, 2\n${main('i64.load r, [table]', 'ret r')}`],
  ['a constant that grows', `const A = 1 << 64\nconst B = A * A\nconst C = B * B\nconst D = C * C\n${main('ret D')}`],
  ['a long expression', `const A = ${'1 + '.repeat(200)}1\n${main('ret A')}`],
  ['a binary program', 'PVM\0\u0002\0\0\0\u001b[2J\u0007\ufffd\n'],
  ['a text in UTF-16', [...'\ufffd\ufffdfunc main() {\n'].join('\0')],
  [
    'a function as an instruction',
    `import log(value)\n${main('square(n)', 'log n', 'ret n')}func square(x) -> y {\n  i64.mul y, x, x\n  ret y\n}\n`,
  ],
  ['a result without an arrow', 'func main(n) r {\n  mov r, n\n  ret r\n}\n'],
  ['a misspelled register, and so one that nobody reads', main('i64.const total, 1', 'i64.add r, totl, n', 'ret r')],
  ['lines that end with a carriage return', main('i64.ad r, n, 1', 'trap "no').replaceAll('\n', '\r\n')],
  ['control characters', main('trap "\u001b[2J', 'ret n \u0007')],
  ['several at once', `${WINDOW}${main('i64.ad r, n, 1', 'shared_load r, queue.tial', 'br_if n, nowhere', 'ret x')}`],
];

/** The file is a text: what is not shows as `\x1b`. */
const CONTROL = /(?!\n)\p{Cc}/gu;
const inHexadecimal = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

test('typical mistakes', async () => {
  const shown = MISTAKES.map(([title, text]) => {
    const result = assemble({ name: 'mistake.pasm', text });
    return `=== ${title}\n${text.replace(CONTROL, inHexadecimal)}---\n${result.ok ? 'ACCEPTED' : formatErrors(result.errors)}\n`;
  });
  expect(shown.filter((text) => text.includes('ACCEPTED'))).toEqual([]);
  await expect(shown.join('\n')).toMatchFileSnapshot('golden/mistakes.txt');
});

/** Changes of a text, word by word: one left out, doubled, or replaced by one of another text. */
const CHANGE = fc.record({ at: fc.nat(), how: fc.constantFrom('omit', 'repeat', 'replace'), other: fc.nat() });
const wordsOf = (text: string): string[] => text.split(/(?<=\W)|(?=\W)/);
const WORDS = MISTAKES.flatMap(([, text]) => wordsOf(text.slice(0, 1000)));

test('mistakes upon mistakes are reported, and never thrown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...MISTAKES), fc.array(CHANGE, { minLength: 1, maxLength: 6 }), ([, text], changes) => {
      const words = wordsOf(text);
      for (const { at, how, other } of changes) {
        const index = at % words.length;
        const word = words[index] as string;
        const replacement = { omit: [], repeat: [word, word], replace: [WORDS[other % WORDS.length] as string] }[how];
        words.splice(index, 1, ...replacement);
        if (words.length === 0) return;
      }
      const result = assemble({ name: 'mistake.pasm', text: words.join('') });
      if (!result.ok) expect(formatErrors(result.errors, result.more)).toMatch(/^mistake\.pasm:\d+:\d+: error: ./);
    }),
    { numRuns: 5000 },
  );
});
