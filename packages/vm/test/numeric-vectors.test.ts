/** WebAssembly's numeric assertions, each through assembler, verifier and interpreter: with register operands, and with an immediate. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTRUCTIONS, instantiate } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { program } from './support/programs.ts';

const FILE = join(import.meta.dirname, '../../../../shared/vectors/numeric.jsonl');

interface Vector {
  readonly op: string;
  readonly args: readonly string[];
  readonly result?: string;
  readonly trap?: string;
}

/** Registers are untyped, so WebAssembly's reinterpretations are moves. */
const mnemonicOf = (op: string): string => (op.includes('reinterpret') ? 'mov' : op);

/** The bits that an expected result allows; arithmetic gives the canonical NaN only. */
function expectedBits(vector: Vector): bigint {
  return vector.result?.startsWith('nan:') ? 0x7ff8_0000_0000_0000n : BigInt(vector.result ?? 0);
}

if (existsSync(FILE)) {
  const vectors = readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Vector);
  const byOperation = Map.groupBy(vectors, (vector) => vector.op);

  describe.each([...byOperation])('%s', (op, cases) => {
    test(`${cases.length} vectors`, () => {
      const names = (cases[0] as Vector).args.map((_, index) => `x${index}`);
      const subject = instantiate(
        program(`func main(${names.join(', ')}) -> value {\n  ${mnemonicOf(op)} r, ${names.join(', ')}\n  ret r\n}`),
      );
      for (const vector of cases) {
        const outcome = subject.run('main', vector.args.map(BigInt));
        if (vector.trap !== undefined)
          expect(outcome, JSON.stringify(vector)).toMatchObject({ kind: 'trap', trap: { reason: vector.trap } });
        else expect(outcome, JSON.stringify(vector)).toMatchObject({ kind: 'done', value: expectedBits(vector) });
      }
    });
  });

  const withImmediate = INSTRUCTIONS.filter((row) => row.operands.at(-1)?.kind === 'immediate');
  test.each(withImmediate.map((row) => row.mnemonic))(
    '%s by a constant, where a vector has one of 32 bits',
    (mnemonic) => {
      for (const vector of byOperation.get(mnemonic) ?? []) {
        const right = BigInt.asIntN(64, BigInt(vector.args[1] as string));
        if (right !== BigInt.asIntN(32, right)) continue;
        const subject = instantiate(program(`func main(x) -> value {\n  ${mnemonic} r, x, ${right}\n  ret r\n}`));
        const outcome = subject.run('main', [BigInt(vector.args[0] as string)]);
        if (vector.trap !== undefined)
          expect(outcome, JSON.stringify(vector)).toMatchObject({ kind: 'trap', trap: { reason: vector.trap } });
        else expect(outcome, JSON.stringify(vector)).toMatchObject({ kind: 'done', value: expectedBits(vector) });
      }
    },
  );

  test.each(['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'])(
    'br_%s agrees with the vectors of the comparison',
    (condition) => {
      for (const vector of byOperation.get(`i64.${condition}`) ?? []) {
        const [left, right] = vector.args.map((bits) => BigInt.asIntN(64, BigInt(bits))) as [bigint, bigint];
        const taken = (operand: string) =>
          `func main(x, y) -> value {\n  mov y, y\n  br_${condition} x, ${operand}, yes\n  ret 0\nyes:\n  ret 1\n}`;
        const operands = right === BigInt.asIntN(8, right) ? ['y', String(right)] : ['y'];
        for (const operand of operands)
          expect(
            instantiate(program(taken(operand))).run('main', [left, right]),
            `${operand} ${JSON.stringify(vector)}`,
          ).toMatchObject({ value: expectedBits(vector) });
      }
    },
  );
} else {
  test.skip(`numeric vectors: there is no ${FILE}`, () => {});
}
