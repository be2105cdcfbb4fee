/** The README's program and its use, as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { domain, Pool, type Slot, type WindowGrant } from '@pool/core';
import { assemble, INSTRUCTIONS, instantiate, load } from '@pool/vm';
import { expect, test } from 'vitest';

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

test('the program of the README takes what its use says', () => {
  const text = /```\n(window job[^`]*)```/.exec(README)?.[1] ?? '';
  const assembled = assemble({ name: 'take.pasm', text });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.errors));
  const pool = Pool.create({ words: 1024 });
  const job: WindowGrant = {
    name: 'job',
    base: pool.reserve(16),
    words: 16,
    slotBase: 0 as Slot,
    slots: 0,
    domain: domain(1),
  };
  const subject = instantiate(load(assembled.bytes), { words: pool, windows: [job], limits: { fuel: 1_000_000 } });
  expect(subject.run('main', [10])).toMatchObject({ kind: 'done', value: 10n });
  expect(README).toContain('console.log(outcome.value); // 10n');
});

test('the example of the binary format is what the assembler writes', () => {
  const format = readFileSync(join(import.meta.dirname, '../docs/binary-format.md'), 'utf8');
  const example = /```\n([\da-f ]+)\n```/.exec(format)?.[1];
  const text = 'memory 1\nfunc main(x, p, v) {\n i64.store [p + 8], v\n ret\n}';
  const assembled = assemble({ name: 'a', text });
  const code = assembled.ok ? assembled.program.functions[0]?.code.subarray(0, 8) : undefined;
  expect([...(code ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')).toBe(example);
});

test('every instruction says what it does, and every trap is one that there is', () => {
  for (const row of INSTRUCTIONS) expect(row.doc, row.name).toMatch(/^.+\.$/);
});
