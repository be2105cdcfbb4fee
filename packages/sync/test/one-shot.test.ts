import { type Address, AttachError, CorruptError, type Owner, type OwnerId, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE_SHOT, OneShot } from '../src/index.ts';

const SENDER: Owner = { id: 1 as OwnerId, generation: 7 };
const RECEIVER: Owner = { id: 2 as OwnerId, generation: 9 };
const LARGEST = 2n ** 64n - 1n;

function oneShot() {
  const pool = Pool.create({ words: 64 });
  const base = pool.reserve(OneShot.size());
  OneShot.create(pool, base);
  return {
    pool,
    base,
    sender: OneShot.attach(pool, base, { owner: SENDER }),
    receiver: OneShot.attach(pool, base, { owner: RECEIVER }),
  };
}

describe('a one-shot', () => {
  it('carries one word, once', () => {
    const { sender, receiver } = oneShot();
    expect(receiver.tryReceive()).toBe('empty');
    expect(sender.send(LARGEST)).toBe('ok');
    expect(sender.send(1n)).toBe('taken');
    expect([receiver.tryReceive(), receiver.tryReceive()]).toEqual([LARGEST, 'taken']);
    expect(sender.send(1n)).toBe('taken');
  });

  it('tells whoever waits that the sender gave up, or died', async () => {
    for (const ending of [
      (shot: OneShot) => shot.disconnect(),
      (shot: OneShot) => shot.claimSender() && shot.disconnect(),
      (shot: OneShot) => shot.claimSender() && shot.recover(SENDER),
    ]) {
      const { sender, receiver } = oneShot();
      const waiting = receiver.receiveAsync();
      ending(sender);
      expect(await waiting).toBe('disconnected');
      expect(receiver.receive()).toBe('disconnected');
      expect(sender.send(1n)).toBe('taken');
    }
  });

  it('gives the value back when nobody will receive it', () => {
    for (const ending of [
      (shot: OneShot) => shot.close(),
      (shot: OneShot) => shot.claimReceiver() && shot.recover(RECEIVER),
    ]) {
      const { sender, receiver } = oneShot();
      sender.claimSender();
      ending(receiver);
      expect(sender.send(1n)).toBe('closed');
      expect(receiver.tryReceive()).toBe('closed');
    }
  });

  it('can still be received after the sender died that had sent, or the receiver closed too late', () => {
    const { sender, receiver } = oneShot();
    sender.send(5n);
    expect(sender.recover(SENDER)).toBeUndefined();
    receiver.close();
    expect(receiver.receive()).toBe(5n);
  });

  it('finds each thing that was held once, whoever recovers', () => {
    const { base, sender, receiver } = oneShot();
    sender.claimSender();
    expect(receiver.recover({ ...SENDER, generation: 8 })).toBeUndefined(); // a successor in the dead one's row
    expect(receiver.recover(SENDER)).toEqual({ kind: 'one-shot', base, found: 'sender', count: 1 });
    expect([receiver.recover(SENDER), sender.recover(SENDER)]).toEqual([undefined, undefined]);
  });

  it('lets one of several have an end, and keeps it theirs', () => {
    const { sender, receiver } = oneShot();
    expect([sender.claimSender(), sender.claimSender(), receiver.claimSender()]).toEqual([true, true, false]);
    expect([receiver.claimReceiver(), receiver.claimReceiver(), sender.claimReceiver()]).toEqual([true, true, false]);
    expect([receiver.send(1n), receiver.disconnect(), sender.send(2n)]).toEqual(['taken', false, 'ok']);
  });

  it('gives up after its time, and when it is aborted, without taking anything', async () => {
    const { sender, receiver } = oneShot();
    expect(receiver.receive({ timeout: 1 })).toBe('timed-out');
    expect(await receiver.receiveAsync({ timeout: 1 })).toBe('timed-out');
    const controller = new AbortController();
    const waiting = receiver.receiveAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    sender.send(3n);
    expect(receiver.receive()).toBe(3n);
  });

  it('loses no wake-up when it is sent between the last look and the park', () => {
    const { pool, base, sender } = oneShot();
    const { words } = record(pool, { before: (name) => void (name === 'wait' && sender.send(4n)) });
    expect(OneShot.attach(words, base, { owner: RECEIVER }).receive({ timeout: 60_000, strategy: 'park' })).toBe(4n);
  });

  it('comes to one end in every order of a send and a close, a disconnect or a receive between its operations', () => {
    const others: Record<string, (shot: OneShot) => unknown> = {
      close: (shot) => shot.close(),
      disconnect: (shot) => shot.disconnect(),
      receive: (shot) => shot.tryReceive(),
      send: (shot) => shot.send(9n),
      recover: (shot) => shot.recover(SENDER),
    };
    for (const other of Object.values(others)) {
      for (let pause = 0; pause < 8; pause++) {
        const { pool, base, receiver } = oneShot();
        let operations = 0;
        let between: unknown;
        let told: unknown;
        const { words } = record(pool, {
          before: () => {
            if (operations++ !== pause) return;
            between = other(receiver);
            if (other !== others.receive && other !== others.send) told = receiver.tryReceive();
          },
        });
        const sent = OneShot.attach(words, base, { owner: SENDER }).send(8n);
        const rest = receiver.tryReceive();
        const received = [between, told, rest].filter((result) => result === 8n).length;
        expect(received, `paused before operation ${pause}`).toBe(sent === 'ok' ? 1 : 0);
        if (told === 'closed' || told === 'disconnected') expect(rest, 'an end is the end').toBe(told);
        else if (sent !== 'ok' && told !== 8n)
          expect(rest).toEqual(between === 'ok' ? 9n : expect.stringMatching(/disconnected|closed/));
      }
    }
  });

  it('publishes the value before the state', () => {
    const { pool, base } = oneShot();
    const { words, operations } = record(pool);
    OneShot.attach(words, base, { owner: SENDER }).send(5n);
    const { value, state } = ONE_SHOT.at(base);
    const written = operations
      .filter(
        ({ name, operands }) =>
          name !== 'load' && name !== 'loadNumber' && [value, state].includes(operands[0] as Address),
      )
      .map(({ operands }) => operands[0]);
    expect(written).toEqual([state, value, state]);
  });

  it('refuses what is no one-shot, no word, and words that name no owner', () => {
    const { pool, base, sender } = oneShot();
    expect(() => OneShot.attach(pool, 0 as Address)).toThrow(AttachError);
    expect(() => sender.send(-1n)).toThrow(ValueError);
    expect(() => sender.send(2n ** 64n)).toThrow(ValueError);
    expect(sender.tryReceive()).toBe('empty');
    const { words } = record(pool);
    const anonymous = new Proxy(words, {
      get: (target, name) => (name === 'owner' ? undefined : Reflect.get(target, name)),
    });
    expect(() => OneShot.attach(anonymous, base)).toThrow(ValueError);
  });

  it('says Corrupt, or an ordinary answer, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 64n }), fc.bigInt({ min: 0n, max: LARGEST }));
    let corrupt = 0;
    fc.assert(
      fc.property(word, word, word, (state, receiverWord, count) => {
        const { pool, base, sender, receiver } = oneShot();
        const at = ONE_SHOT.at(base);
        pool.store(at.state, state);
        pool.store(at.receiver, receiverWord);
        pool.store(at.event, count);
        pool.store(at.waiters, count);
        for (const operation of [
          () => sender.send(1n),
          () => receiver.claimReceiver(),
          () => receiver.receive({ timeout: 0 }),
          () => receiver.recover(SENDER),
          () => receiver.close(),
          () => sender.disconnect(),
        ]) {
          try {
            operation();
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(corrupt).toBeGreaterThan(100);
  });
});
