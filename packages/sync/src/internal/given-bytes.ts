/** Bytes that a caller gives to be sent, and what may become of them before they are. */
import { ValueError } from '@pool/core';

/**
 * How many bytes there are, asked once: where another thread grows the buffer, the array gets longer under whoever has asked.
 * @returns NaN for what is no array of bytes
 * @throws {ValueError} for an array whose buffer was transferred, or has become too short: it looks like an empty one until it is read
 */
export function lengthOf(bytes: Uint8Array): number {
  if (!(bytes instanceof Uint8Array)) return Number.NaN;
  const { length } = bytes;
  if (length === 0) assertThere(bytes);
  return length;
}

function assertThere(bytes: Uint8Array): void {
  try {
    bytes.fill(0, 0, 0); // writes nothing, and looks
  } catch {
    throw new ValueError(bytes.byteOffset, 'the array to be sent has lost its buffer');
  }
}

/**
 * Puts so many of the bytes to where `at` is in `target`, which is this thread's own.
 * @throws {ValueError} for an array that has become longer meanwhile
 */
export function putBytes(target: Uint8Array, at: number, bytes: Uint8Array, length: number): void {
  if (bytes.length === length) {
    try {
      target.set(bytes, at);
      return;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // longer just now, and beyond the target
    }
  }
  throw new ValueError(bytes.length, `a record of ${length} bytes stays as long until it is sent`);
}
