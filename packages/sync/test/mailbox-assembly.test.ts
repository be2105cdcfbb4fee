import { type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const HARNESS = `
func write(owner, a, b) -> status {
  i64.store [memory + 8], a
  i64.store [memory + 16], b
  call status, mailbox_write(OBJECT, owner, memory + 8)
  ret status
}
func try_read() -> status {
  call status, mailbox_try_read(OBJECT, memory, memory + 8)
  ret status
}
func read() -> status {
  call status, mailbox_read(OBJECT, memory, memory + 8)
  ret status
}
func word(at) -> value {
  i64.load value, [at + memory + 8]
  ret value
}
func release(owner) {
  call mailbox_release(OBJECT, owner)
  ret
}
func close() {
  call mailbox_close(OBJECT)
  ret
}
`;
const ANSWERS = ['closed', 'ok', 'empty', 'taken'];

class Pair extends ProgramBesideHost {
  readonly mailbox: Mailbox;
  readonly #owner = BigInt(packOwner(PROGRAM));

  constructor(start = 0n) {
    super(Mailbox.size(2), 'mailbox.pasm', HARNESS);
    this.mailbox = Mailbox.create(this.pool, this.base, { width: 2, start });
  }

  write(a: bigint, b: bigint): string | undefined {
    return ANSWERS[Number(this.run('write', this.#owner, a, b))];
  }
  release(): void {
    this.run('release', this.#owner);
  }
  read(entry: 'try_read' | 'read'): bigint[] | string | undefined {
    const answer = ANSWERS[Number(this.run(entry))];
    return answer === 'ok' ? [this.run('word', 0n), this.run('word', 8n)] : answer;
  }
}

describe('the mailbox in assembly', () => {
  it.each([0n, 2n ** 48n - 3n])(
    'is the same as the one in TypeScript, whoever does what, after %d messages',
    (start) => {
      const step = fc.record({
        program: fc.boolean(),
        act: fc.constantFrom('write', 'write', 'read', 'read', 'release', 'close'),
        value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
          const pair = new Pair(start);
          const twin = new Pair(start);
          const host = [Mailbox.attach(twin.pool, twin.base), Mailbox.attach(twin.pool, twin.base, { owner: PROGRAM })];
          const [into, other] = [new BigUint64Array(2), new BigUint64Array(2)];
          for (const { program, act, value } of steps) {
            const mirror = host[program ? 1 : 0] as Mailbox;
            const message = BigUint64Array.of(value, value ^ 1n);
            if (act === 'write')
              expect(program ? pair.write(value, value ^ 1n) : pair.mailbox.write(message)).toBe(mirror.write(message));
            else if (act === 'read') {
              const result = program ? pair.read('try_read') : pair.mailbox.tryRead(into);
              const expected = mirror.tryRead(other);
              if (expected === 'ok') expect(program ? result : [...into]).toEqual([...other]);
              else expect(result).toBe(expected);
            } else if (act === 'release') {
              if (program) pair.release();
              else pair.mailbox.release();
              mirror.release();
            } else {
              if (program) pair.run('close');
              else pair.mailbox.close();
              mirror.close();
            }
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  it('wakes hosts that wait, and names its owner', async () => {
    const pair = new Pair();
    const [a, b] = [new BigUint64Array(2), new BigUint64Array(2)];
    const reading = [pair.mailbox.readAsync(a), Mailbox.attach(pair.pool, pair.base).readAsync(b)];
    expect(pair.write(7n, 8n)).toBe('ok');
    expect([await Promise.all(reading), ...a, ...b]).toEqual([['ok', 'ok'], 7n, 8n, 7n, 8n]);
    expect(pair.mailbox.recover(PROGRAM)).toEqual({ kind: 'mailbox', base: pair.base, found: 'writer', count: 1 });
    const ended = pair.mailbox.readAsync(a);
    pair.run('close');
    expect([await ended, pair.read('read'), pair.read('read'), pair.write(1n, 1n)]).toEqual([
      'closed',
      [7n, 8n],
      'closed',
      'closed',
    ]);
  });
});
