/**
 * Bytes of short messages on their way through this thread, cut from slabs of some kilobytes: an engine takes about a third of a
 * microsecond for an array buffer of its own, which is more than all else that is done about such a message. Each piece is its
 * holder's alone, as long as he likes; a slab goes when the last of its pieces has gone.
 */

const SLAB_BYTES = 16_384;
/** A piece that is longer has a buffer of its own. */
const LONGEST_PIECE: number = SLAB_BYTES / 8;
/** Pieces begin at words, so that they are copied by words where their length allows. */
const ALIGNMENT = 8;
/** Bytes of UTF-8 that one unit of UTF-16 takes at most. */
const MOST_BYTES_A_UNIT = 3;

const encoder = new TextEncoder();
let slab = new Uint8Array(0);
let used = 0;

/** So many bytes, of any content. */
export function bytesOfSlab(length: number): Uint8Array {
  if (length > LONGEST_PIECE) return new Uint8Array(length);
  const piece = room(length).subarray(used, used + length);
  pass(length);
  return piece;
}

/** Text as UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  const most = text.length * MOST_BYTES_A_UNIT;
  if (most > LONGEST_PIECE) return encoder.encode(text);
  const piece = room(most).subarray(used, used + most);
  const { written } = encoder.encodeInto(text, piece);
  pass(written);
  return written === most ? piece : piece.subarray(0, written);
}

/** The slab that has room for so many bytes. */
function room(length: number): Uint8Array {
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  return slab;
}

function pass(length: number): void {
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
