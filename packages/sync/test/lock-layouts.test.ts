import { type Address, LINE_WORDS } from '@pool/core';
import { expect, it } from 'vitest';
import { MUTEX } from '../src/index.ts';
import { PERMIT_GATE } from '../src/locks/permit-gate.ts';
import { SIGNALLED_WORD } from '../src/locks/signalled-word.ts';

const lineOf = (at: number): number => Math.floor(at / LINE_WORDS);

it('no two locks share a line', () => {
  for (const layout of [MUTEX, PERMIT_GATE, SIGNALLED_WORD]) expect(layout.size() % LINE_WORDS).toBe(0);
});

it("a gate's state has a line to itself: what every operation writes is apart from what only waiters write", () => {
  const { state, ...others } = PERMIT_GATE.at(LINE_WORDS as Address);
  expect(state % LINE_WORDS).toBe(0);
  expect(Object.values(others).map(lineOf)).not.toContain(lineOf(state));
});
