import { type Address, WORD_BYTES } from '../brands.ts';
import type { Words } from '../words.ts';

const CHUNK_BYTES = 65536;
const chunk = new Uint8Array(CHUNK_BYTES);

/** FNV-1a, 32 bits, over `byteLength` bytes from `start` on (Fowler, Noll, Vo; RFC 9923). */
export function checksum(words: Words, start: Address, byteLength: number): number {
  let hash = 0x811c9dc5;
  for (let done = 0; done < byteLength; done += CHUNK_BYTES) {
    const part = chunk.subarray(0, Math.min(CHUNK_BYTES, byteLength - done));
    words.copyOut((start + done / WORD_BYTES) as Address, part);
    for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
