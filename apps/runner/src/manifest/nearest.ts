import leven from 'leven';

/** The candidate that `word` was probably meant to be, as a hint; `undefined` if none is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Two letters swapped are two edits away, but among names of three letters everything is.
  let least = (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    const distance = leven(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best === undefined ? undefined : `did you mean \`${best}\`?`;
}

/** A hint that names what there is: the nearest, or else all if they are few. */
export function oneOf(word: string, candidates: readonly string[]): string | undefined {
  return (
    didYouMean(word, candidates) ??
    (candidates.length > 0 && candidates.length <= 12 ? `there is ${candidates.join(', ')}` : undefined)
  );
}
