/** The ends of a channel in the hands of threads, and what a thread does with one of them and says about it. */
import type { Storage } from '@pool/core';
import { attachReceiver, attachSender, type EndHandle, type Received, type Receiver, type Sender } from '@pool/sync';
import type { ModelThread } from '../../src/index.ts';
import { owner } from './model.ts';

type WithWords = Pick<ModelThread, 'words'>;

/** Handles of the ends, as a thread gets them: attached, in its own name. */
export class Ends {
  #senders: readonly EndHandle[] = [];
  #receivers: readonly EndHandle[] = [];
  readonly #storage: () => { readonly storage?: Storage };

  /** @param storage where segments come from, if the channel has any */
  constructor(storage?: () => Storage) {
    this.#storage = () => (storage === undefined ? {} : { storage: storage() });
  }

  /** Hands over the two ends and as many clones as make so many of each. */
  handOver([sender, receiver]: readonly [Sender<bigint>, Receiver<bigint>], senders = 1, receivers = 1): void {
    const more = <E>(count: number, end: { clone(): E }): E[] => Array.from({ length: count - 1 }, () => end.clone());
    const [sending, receiving] = [more(senders, sender), more(receivers, receiver)];
    this.#senders = [sender, ...sending].map((end) => end.handOver());
    this.#receivers = [receiver, ...receiving].map((end) => end.handOver());
  }

  senderHandle(index = 0): EndHandle {
    return this.#senders[index] as EndHandle;
  }

  receiverHandle(index = 0): EndHandle {
    return this.#receivers[index] as EndHandle;
  }

  sender({ words }: WithWords, index = 0): Sender<bigint> {
    return attachSender(words, this.senderHandle(index), { owner: owner(1 + index), ...this.#storage() });
  }

  receiver({ words }: WithWords, index = 0): Receiver<bigint> {
    return attachReceiver(words, this.receiverHandle(index), { owner: owner(4 + index), ...this.#storage() });
  }
}

export type Part = (thread: ModelThread, ends: Ends) => void;

/** The parts as threads. */
export function played(
  parts: Readonly<Record<string, Part>>,
  ends: Ends,
): Readonly<Record<string, (thread: ModelThread) => void>> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, (thread: ModelThread) => part(thread, ends)]),
  );
}

export function said(received: Received<bigint>): string {
  return received.status === 'ok' ? String(received.value) : received.status;
}

export const PARK = { strategy: 'park' } as const;

export const trySend =
  (value: bigint, index = 0): Part =>
  (thread, ends) =>
    thread.observe(thread.name, ends.sender(thread, index).trySend(value));
export const tryReceive =
  (index = 0): Part =>
  (thread, ends) =>
    thread.observe(thread.name, said(ends.receiver(thread, index).tryReceive()));
export const send =
  (value: bigint, index = 0): Part =>
  (thread, ends) =>
    thread.observe(thread.name, ends.sender(thread, index).send(value, PARK));
export const receive =
  (index = 0): Part =>
  (thread, ends) =>
    thread.observe(thread.name, said(ends.receiver(thread, index).receive(PARK)));
