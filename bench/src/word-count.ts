/**
 * The rival of the main job: the best single thread of plain JavaScript that we know how to write. One pass over the bytes, a
 * class table for letters, FNV-1a while the word is read, an open-addressed table of word numbers, and the words' bytes where
 * they stand in the text: nothing is allocated for a word.
 */

export interface Counted {
  readonly words: number;
  readonly distinct: number;
  /** The counts, largest first. */
  readonly counts: readonly number[];
}

/** For each byte, its lower-case form if it belongs to a word, else 0. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return byte;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower : 0;
});

export function countWords(text: Uint8Array): Counted {
  let slots = 1 << 16;
  let table = new Int32Array(slots);
  let starts = new Int32Array(slots);
  let lengths = new Int32Array(slots);
  let hashes = new Int32Array(slots);
  let counts = new Int32Array(slots);
  let distinct = 0;
  let words = 0;
  const end = text.length;
  let at = 0;
  while (at < end) {
    let folded = FOLD[text[at] as number] as number;
    if (folded === 0) {
      at += 1;
      continue;
    }
    const start = at;
    let hash = 0x811c9dc5 | 0;
    while (folded !== 0) {
      hash = Math.imul(hash ^ folded, 0x01000193);
      at += 1;
      folded = at < end ? (FOLD[text[at] as number] as number) : 0;
    }
    const length = at - start;
    words += 1;
    let slot = (hash ^ (hash >>> 15)) & (slots - 1);
    for (;;) {
      const word = (table[slot] as number) - 1;
      if (word < 0) {
        table[slot] = ++distinct;
        starts[distinct - 1] = start;
        lengths[distinct - 1] = length;
        hashes[distinct - 1] = hash;
        counts[distinct - 1] = 1;
        break;
      }
      if (hashes[word] === hash && lengths[word] === length && sameWord(text, starts[word] as number, start, length)) {
        counts[word] = (counts[word] as number) + 1;
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
    if (distinct * 2 > slots) grow();
  }
  return { words, distinct, counts: [...counts.subarray(0, distinct)].sort((a, b) => b - a) };

  function grow(): void {
    slots *= 2;
    table = new Int32Array(slots);
    [starts, lengths, hashes, counts] = [starts, lengths, hashes, counts].map((old) => {
      const larger = new Int32Array(slots);
      larger.set(old);
      return larger;
    }) as [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>];
    for (let word = 0; word < distinct; word++) {
      const hash = hashes[word] as number;
      let slot = (hash ^ (hash >>> 15)) & (slots - 1);
      while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
      table[slot] = word + 1;
    }
  }
}

function sameWord(text: Uint8Array, first: number, second: number, length: number): boolean {
  for (let index = 0; index < length; index++)
    if (FOLD[text[first + index] as number] !== FOLD[text[second + index] as number]) return false;
  return true;
}
