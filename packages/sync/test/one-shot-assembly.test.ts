import { type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OneShot } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const HARNESS = `
func claim(owner) -> status {
  call status, one_shot_claim_sender(OBJECT, owner)
  ret status
}
func send(owner, value) -> status {
  call status, one_shot_send(OBJECT, owner, value)
  ret status
}
func try_receive() -> status {
  call status, one_shot_try_receive(OBJECT, memory)
  ret status
}
func receive() -> status {
  call status, one_shot_receive(OBJECT, memory)
  ret status
}
func received() -> value {
  i64.load value, [memory]
  ret value
}
func disconnect(owner) -> status {
  call status, one_shot_disconnect(OBJECT, owner)
  ret status
}
func close() {
  call one_shot_close(OBJECT)
  ret
}
`;
const ANSWERS = ['empty', '', 'ok', 'taken', 'disconnected', 'closed'];

class Pair extends ProgramBesideHost {
  readonly shot: OneShot;
  readonly #owner = BigInt(packOwner(PROGRAM));

  constructor() {
    super(OneShot.size(), 'one-shot.pasm', HARNESS);
    this.shot = OneShot.create(this.pool, this.base);
  }

  claim(): boolean {
    return this.run('claim', this.#owner) === 1n;
  }
  disconnect(): boolean {
    return this.run('disconnect', this.#owner) === 1n;
  }
  send(value: bigint): string | undefined {
    return ANSWERS[Number(this.run('send', this.#owner, value))];
  }
  receive(entry: 'try_receive' | 'receive'): bigint | string | undefined {
    const answer = ANSWERS[Number(this.run(entry))];
    return answer === 'ok' ? this.run('received') : answer;
  }
}

describe('the one-shot in assembly', () => {
  it('is the same as the one in TypeScript, whoever does what', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const action = fc.oneof(
      fc.record({ act: fc.constantFrom('claim', 'receive', 'disconnect', 'close', 'send'), value: word }),
    );
    const step = fc.tuple(fc.boolean(), action);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        // What one of the two sides does, and the same done by hosts alone, under the same names.
        const pair = new Pair();
        const host = new Pair();
        const mirror = [OneShot.attach(host.pool, host.base), OneShot.attach(host.pool, host.base, { owner: PROGRAM })];
        for (const [program, { act, value }] of steps) {
          const side = program ? undefined : pair.shot;
          const other = mirror[program ? 1 : 0] as OneShot;
          if (act === 'claim') expect(side ? side.claimSender() : pair.claim()).toBe(other.claimSender());
          if (act === 'receive')
            expect(side ? side.tryReceive() : pair.receive('try_receive')).toBe(other.tryReceive());
          if (act === 'send') expect(side ? side.send(value) : pair.send(value)).toBe(other.send(value));
          if (act === 'disconnect') expect(side ? side.disconnect() : pair.disconnect()).toBe(other.disconnect());
          if (act === 'close') {
            if (side) side.close();
            else pair.run('close');
            other.close();
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('wakes a host that waits, and names its owner', async () => {
    const sent = new Pair();
    const receiving = sent.shot.receiveAsync();
    expect(sent.send(7n)).toBe('ok');
    expect(await receiving).toBe(7n);
    for (const ending of [(pair: Pair) => pair.disconnect(), (pair: Pair) => pair.shot.recover(PROGRAM)]) {
      const pair = new Pair();
      const waiting = pair.shot.receiveAsync();
      expect(pair.claim()).toBe(true);
      ending(pair);
      expect(await waiting).toBe('disconnected');
      expect(pair.receive('receive')).toBe('disconnected');
    }
    const closed = new Pair();
    const waiting = closed.shot.receiveAsync();
    closed.run('close');
    expect(await waiting).toBe('closed');
  });

  it('does not wait where there is no need', () => {
    const pair = new Pair();
    pair.shot.send(9n);
    expect([pair.receive('receive'), pair.receive('receive')]).toEqual([9n, 'taken']);
  });
});
