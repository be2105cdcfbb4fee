/** The independent count: other means than the programs', so that the two can only agree by being right. */
export function countWords(texts: readonly Uint8Array[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const [word] of Buffer.from(text)
      .toString('latin1')
      .matchAll(/[A-Za-z\x80-\xff]+/g)) {
      const folded = word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      counts.set(folded, (counts.get(folded) ?? 0) + 1);
    }
  return counts;
}

/** Bytes as the keys of `countWords`: one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
