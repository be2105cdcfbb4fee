/**
 * What the host and programs hand each other in segments. Both are headers of four words, so that one rule says what fits a
 * segment, followed by bytes. The words are little-endian.
 *
 *   chunk     { sequence, file, offset, length } and `length` bytes of an input file
 *             sequence  counts all chunks of a job, from 0; file counts its files; offset is where in the file the bytes stand
 *
 *   records   { kind, count, continues, 0 } and `count` records { value, length, `length` bytes of text }, each filled up to a
 *             multiple of 8 bytes. continues: 1 if the last text goes on in the first record of the next segment, for texts
 *             longer than a segment; a queue that carries such has one sender. kind is the programs' own business.
 */
import { type Layout, layout, word } from '@pool/core';

export const CHUNK: Layout<'sequence' | 'file' | 'offset' | 'length'> = layout('chunk', {
  sequence: word,
  file: word,
  offset: word,
  length: word,
});

export const RECORDS: Layout<'kind' | 'count' | 'continues' | 'reserved'> = layout('records', {
  kind: word,
  count: word,
  continues: word,
  reserved: word,
});

export const RECORD: Layout<'value' | 'length'> = layout('record', { value: word, length: word });

const WORD_BYTES = 8;
/** What stands before a chunk's bytes. */
export const CHUNK_HEADER_BYTES: number = CHUNK.size() * WORD_BYTES;
/** What stands before the first record. */
export const RECORDS_HEADER_BYTES: number = RECORDS.size() * WORD_BYTES;
/** What stands before a record's text. */
export const RECORD_HEADER_BYTES: number = RECORD.size() * WORD_BYTES;

export interface ChunkHeader {
  readonly sequence: number;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** The header's bytes. */
export function encodeChunkHeader(header: ChunkHeader): Uint8Array {
  const words = new BigUint64Array(CHUNK.size());
  for (const [field, offset] of Object.entries(CHUNK.offsets))
    words[offset] = BigInt(header[field as keyof ChunkHeader]);
  return new Uint8Array(words.buffer);
}

export interface TextRecord {
  readonly value: bigint;
  /** As they stand in the segment; whether they are UTF-8 is not for the host to say. */
  readonly text: Uint8Array;
}

/** Puts the records together that arrive segment by segment. Programs wrote them: every number may be a lie. */
export class RecordStream {
  readonly #records: TextRecord[] = [];
  #open: { readonly value: bigint; readonly parts: Uint8Array[] } | undefined;

  /** Takes one segment's bytes. @throws {RangeError} that says what does not hold together */
  push(bytes: Uint8Array): void {
    const { records, continues } = decodeRecords(bytes);
    for (const [index, { value, text }] of records.entries()) {
      this.#open ??= { value, parts: [] };
      this.#open.parts.push(text);
      if (!(continues && index === records.length - 1)) this.#close();
    }
  }

  /** All records. @throws {RangeError} if the last one was to go on */
  end(): readonly TextRecord[] {
    if (this.#open !== undefined)
      throw new RangeError('the last record was to go on in another segment, and none came');
    return this.#records;
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { value, parts } = this.#open;
    this.#records.push({ value, text: parts.length === 1 && parts[0] ? parts[0] : concatenated(parts) });
    this.#open = undefined;
  }
}

function decodeRecords(bytes: Uint8Array): { readonly records: readonly TextRecord[]; readonly continues: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < RECORDS_HEADER_BYTES)
    throw new RangeError(`${bytes.byteLength} bytes, less than the header of records has`);
  const count = view.getBigUint64(RECORDS.offsets.count * WORD_BYTES, true);
  const continues = view.getBigUint64(RECORDS.offsets.continues * WORD_BYTES, true) !== 0n;
  const records: TextRecord[] = [];
  let at = RECORDS_HEADER_BYTES;
  while (BigInt(records.length) < count) {
    if (at + RECORD_HEADER_BYTES > bytes.byteLength)
      throw new RangeError(`${count} records announced, and the bytes end after ${records.length}`);
    const value = view.getBigUint64(at + RECORD.offsets.value * WORD_BYTES, true);
    const length = view.getBigUint64(at + RECORD.offsets.length * WORD_BYTES, true);
    at += RECORD_HEADER_BYTES;
    if (length > BigInt(bytes.byteLength - at))
      throw new RangeError(
        `record ${records.length} says that its text has ${length} bytes, and ${bytes.byteLength - at} are left`,
      );
    records.push({ value, text: bytes.slice(at, at + Number(length)) });
    at += Math.ceil(Number(length) / WORD_BYTES) * WORD_BYTES;
  }
  return { records, continues };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
