import { type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpscRing } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const HARNESS = `
func claim_sender(owner) -> status {
  call status, spsc_claim_sender(OBJECT, owner)
  ret status
}
func claim_receiver(owner) -> status {
  call status, spsc_claim_receiver(OBJECT, owner)
  ret status
}
func try_send(value) -> status {
  call status, spsc_try_send(OBJECT, value)
  ret status
}
func send(value) -> status {
  call status, spsc_send(OBJECT, value)
  ret status
}
func try_receive() -> status {
  call status, spsc_try_receive(OBJECT, memory)
  ret status
}
func receive() -> status {
  call status, spsc_receive(OBJECT, memory)
  ret status
}
func received() -> value {
  i64.load value, [memory]
  ret value
}
func close_sender(owner) {
  call spsc_close_sender(OBJECT, owner)
  ret
}
func close_receiver(owner) {
  call spsc_close_receiver(OBJECT, owner)
  ret
}
`;

class Pair extends ProgramBesideHost {
  readonly ring: SpscRing;
  readonly owner: bigint = BigInt(packOwner(PROGRAM));

  constructor(capacity: number, start = 0n) {
    super(SpscRing.size({ capacity }), 'spsc-ring.pasm', HARNESS);
    this.ring = SpscRing.create(this.pool, this.base, { capacity, start });
  }

  send(entry: 'try_send' | 'send', value: bigint): string | undefined {
    return ['closed', 'ok', 'full'][Number(this.run(entry, value))];
  }
  receive(entry: 'try_receive' | 'receive'): bigint | string | undefined {
    const answer = ['closed', 'ok', 'empty'][Number(this.run(entry))];
    return answer === 'ok' ? this.run('received') : answer;
  }
}

describe('the ring of one sender and one receiver in assembly', () => {
  const steps = fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant('receive' as const)), {
    maxLength: 60,
    size: 'max',
  });

  it.each([0n, 2n ** 50n - 5n])('sends to a host, from position %d on', (start) => {
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 8), steps, (capacity, done) => {
        const pair = new Pair(capacity, start);
        expect(pair.run('claim_sender', pair.owner)).toBe(1n);
        expect(() => pair.ring.sender()).toThrow();
        const receiver = pair.ring.receiver();
        const model: bigint[] = [];
        for (const step of done) {
          if (step === 'receive') {
            expect(receiver.tryReceive()).toBe(model.shift() ?? 'empty');
            receiver.acknowledge();
          } else {
            expect(pair.send('try_send', step)).toBe(model.length < capacity ? 'ok' : 'full');
            if (model.length < capacity) model.push(step);
          }
        }
        pair.run('close_sender', pair.owner);
        for (const value of model) expect(receiver.tryReceive()).toBe(value);
        expect(receiver.tryReceive()).toBe('closed');
      }),
      { numRuns: 200 },
    );
  });

  it.each([0n, 2n ** 50n - 5n])('receives from a host, from position %d on', (start) => {
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 8), steps, (capacity, done) => {
        const pair = new Pair(capacity, start);
        expect(pair.run('claim_receiver', pair.owner)).toBe(1n);
        expect(() => pair.ring.receiver()).toThrow();
        const sender = pair.ring.sender();
        const model: bigint[] = [];
        for (const step of done) {
          if (step === 'receive') expect(pair.receive('try_receive')).toBe(model.shift() ?? 'empty');
          else {
            expect(sender.trySend(step)).toBe(model.length < capacity ? 'ok' : 'full');
            if (model.length < capacity) model.push(step);
          }
        }
        sender.close();
        for (const value of model) expect(pair.receive('try_receive')).toBe(value);
        expect(pair.receive('try_receive')).toBe('closed');
      }),
      { numRuns: 200 },
    );
  });

  it('wakes a host that waits for a word, for room, or for the end', async () => {
    const down = new Pair(2);
    down.run('claim_sender', down.owner);
    const receiver = down.ring.receiver();
    const receiving = receiver.receiveAsync();
    expect(down.send('send', 7n)).toBe('ok');
    expect(await receiving).toBe(7n);
    const ending = receiver.receiveAsync();
    down.run('close_sender', down.owner);
    expect(await ending).toBe('closed');

    const up = new Pair(2);
    up.run('claim_receiver', up.owner);
    const sender = up.ring.sender();
    for (const value of [1n, 2n]) sender.trySend(value);
    const sending = sender.sendAsync(3n);
    expect(up.receive('receive')).toBe(1n);
    expect(await sending).toBe('ok');
    const refused = sender.sendAsync(4n);
    up.run('close_receiver', up.owner);
    expect(await refused).toBe('closed');
    expect(up.ring.recover(PROGRAM)).toEqual([]);
  });

  it('refuses to send to a receiver that has closed, and does not claim what is taken', () => {
    const pair = new Pair(2);
    const receiver = pair.ring.receiver();
    expect([pair.run('claim_receiver', pair.owner), pair.run('claim_sender', pair.owner)]).toEqual([0n, 1n]);
    receiver.close();
    expect([pair.send('try_send', 1n), pair.send('send', 1n)]).toEqual(['closed', 'closed']);
  });
});
