/**
 * Ways for one thread to send a stream to another: ours, the rivals', and a plain copy through shared memory with nothing else
 * around it, which is what there is to reach. Both threads open the same way over the same memory; one sends, the other
 * receives and adds up what came, so that the work can be checked. Streams of words spin, as ringbuf.js must; records wait as
 * they do by default, as their rivals park, too.
 */
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { type BufferedRecordSender, RecordsRing, SpscRing } from '@pool/sync';
import { RingBuffer } from 'ringbuf.js';

/** Words that fit into a ring, whoever's it is. */
const RING_WORDS = 16_384;
export const RECORD_BYTES = 64;
const RECORDS_BYTES: number = RING_WORDS * 8;

const SPINNING = { strategy: 'spin' } as const;

export interface StreamTask {
  readonly way: 'ring' | 'ringbuf' | 'copy' | 'records' | 'gathered' | 'post';
  /** How many words, or records, go by one call. */
  readonly chunk: number;
  readonly pool: PoolHandle;
  readonly at: Address;
  readonly shared: SharedArrayBuffer;
}

/** A chunk is what goes by one call; of records, one of them, however many that is. */
export interface Stream {
  /** Sends so many chunks. */
  send(chunks: number): void;
  /** Receives so many, and gives the sum of the first words of each. */
  receive(chunks: number): number;
}

/** What the first word of a chunk is. */
export function firstOf(chunk: number): number {
  return chunk & 0xff;
}

export function sumOf(chunks: number): number {
  let sum = 0;
  for (let chunk = 0; chunk < chunks; chunk++) sum += firstOf(chunk);
  return sum;
}

export function createStream(way: StreamTask['way'], chunk: number): StreamTask {
  const pool = Pool.create({ words: 64 * 1024, segments: 0 });
  const ofRecords = way === 'records' || way === 'gathered';
  const size = ofRecords ? RecordsRing.size(RECORDS_BYTES) : SpscRing.size({ capacity: RING_WORDS });
  const at = pool.reserve(size);
  if (ofRecords) RecordsRing.create(pool, at, { capacity: RECORDS_BYTES });
  else SpscRing.create(pool, at, { capacity: RING_WORDS });
  const bytes = way === 'ringbuf' ? RingBuffer.getStorageForCapacity(RING_WORDS, Float64Array) : Copying.bytes();
  return { way, chunk, pool: pool.handle, at, shared: bytes as SharedArrayBuffer };
}

/** Opens one end; the other thread opens the other one. */
export function openStream(task: StreamTask, side: 'sender' | 'receiver'): Stream {
  const { way, chunk } = task;
  if (way === 'ringbuf') return ringbuf(new RingBuffer(task.shared, Float64Array), chunk);
  if (way === 'copy') return new Copying(task.shared, chunk);
  const pool = Pool.attach(task.pool);
  if (way === 'records' || way === 'gathered')
    return records(RecordsRing.attach(pool, task.at), way === 'gathered' ? 'gathered' : chunk);
  return chunk === 1
    ? ring(SpscRing.attach(pool, task.at), side)
    : ringOfMany(SpscRing.attach(pool, task.at), side, chunk);
}

function ring(shared: SpscRing, side: 'sender' | 'receiver'): Stream {
  const [sender, receiver] = side === 'sender' ? [shared.sender()] : [undefined, shared.receiver()];
  return {
    send(chunks) {
      for (let chunk = 0; chunk < chunks; chunk++) sender?.sendNumber(firstOf(chunk), SPINNING);
    },
    receive(chunks) {
      let sum = 0;
      for (let chunk = 0; chunk < chunks; chunk++) sum += receiver?.receiveNumber(SPINNING) as number;
      return sum;
    },
  };
}

function ringOfMany(shared: SpscRing, side: 'sender' | 'receiver', words: number): Stream {
  const [sender, receiver] = side === 'sender' ? [shared.sender()] : [undefined, shared.receiver()];
  const array = new Float64Array(words);
  return {
    send(chunks) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        array[0] = firstOf(chunk);
        sender?.sendMany(array, SPINNING);
      }
    },
    receive(chunks) {
      let sum = 0;
      for (let taken = 0; taken < chunks * words; ) {
        const count = Number(receiver?.receiveMany(array, SPINNING));
        // Chunks begin where a multiple of their length was taken: it may be in the midst of the array.
        const first = (words - (taken % words)) % words;
        if (first < count) sum += array[first] as number;
        taken += count;
      }
      return sum;
    },
  };
}

function ringbuf(shared: RingBuffer, words: number): Stream {
  const array = new Float64Array(words);
  return {
    send(chunks) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        array[0] = firstOf(chunk);
        for (let sent = 0; sent < words; ) sent += shared.push(array, words - sent, sent);
      }
    },
    receive(chunks) {
      let sum = 0;
      for (let taken = 0; taken < chunks * words; ) {
        const count = shared.pop(array, words);
        const first = (words - (taken % words)) % words;
        if (first < count) sum += array[first] as number;
        taken += count;
      }
      return sum;
    },
  };
}

/** @param together how many records go by one call, or that the sender gathers them */
function records(shared: RecordsRing, together: number | 'gathered'): Stream {
  return {
    send(chunks) {
      if (together === 'gathered') sendGathered(shared.bufferedSender(), chunks);
      else if (together === 1) sendRecords(shared, chunks);
      else sendMany(shared, chunks, together);
    },
    receive(chunks) {
      let sum = 0;
      const visit = (received: Uint8Array): void => {
        sum += received[0] as number;
      };
      for (let taken = 0; taken < chunks; ) taken += Number(shared.drain(visit));
      return sum;
    },
  };
}

function sendRecords(to: RecordsRing, chunks: number): void {
  const record = new Uint8Array(RECORD_BYTES);
  for (let chunk = 0; chunk < chunks; chunk++) {
    record[0] = firstOf(chunk);
    if (to.trySend(record) !== 'ok') to.send(record);
  }
}

function sendGathered(to: BufferedRecordSender, chunks: number): void {
  const record = new Uint8Array(RECORD_BYTES);
  for (let chunk = 0; chunk < chunks; chunk++) {
    record[0] = firstOf(chunk);
    to.send(record);
  }
  to.flush();
}

function sendMany(to: RecordsRing, chunks: number, together: number): void {
  const records = Array.from({ length: together }, () => new Uint8Array(RECORD_BYTES));
  for (let sent = 0; sent < chunks; sent += together) {
    for (const [index, record] of records.entries()) record[0] = firstOf(sent + index);
    to.sendMany(sent + together <= chunks ? records : records.slice(0, chunks - sent));
  }
}

/** Two counters and a block of memory: what a hand-written ring for chunks of one length comes to. */
class Copying implements Stream {
  readonly #counters: Int32Array;
  readonly #slots: Float64Array;
  readonly #array: Float64Array;
  readonly #words: number;

  constructor(shared: SharedArrayBuffer, words: number) {
    this.#counters = new Int32Array(shared, 0, 64);
    this.#slots = new Float64Array(shared, 256, RING_WORDS);
    this.#array = new Float64Array(words);
    this.#words = words;
  }

  static bytes(): SharedArrayBuffer {
    return new SharedArrayBuffer(256 + RING_WORDS * 8);
  }

  send(chunks: number): void {
    const slots = RING_WORDS / this.#words;
    let tail = Atomics.load(this.#counters, 0);
    for (let chunk = 0; chunk < chunks; chunk++) {
      while (tail - Atomics.load(this.#counters, 32) === slots);
      this.#array[0] = firstOf(chunk);
      this.#slots.set(this.#array, (tail % slots) * this.#words);
      Atomics.store(this.#counters, 0, ++tail);
    }
  }

  receive(chunks: number): number {
    const slots = RING_WORDS / this.#words;
    let head = Atomics.load(this.#counters, 32);
    let sum = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      while (Atomics.load(this.#counters, 0) === head);
      const at = (head % slots) * this.#words;
      this.#array.set(this.#slots.subarray(at, at + this.#words));
      sum += this.#array[0] as number;
      Atomics.store(this.#counters, 32, ++head);
    }
    return sum;
  }
}
