/** Wording of hints. "Did you mean": the candidate within a third of the word's length by edit distance (Damerau-Levenshtein, restricted). */

/** The nearest candidate as a hint, or `undefined` where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.floor((word.length + 1) / 3) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best === undefined ? undefined : `did you mean ${best}?`;
}

/** A number and its noun, such as `1 operand` or `3 operands`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function editDistance(left: string, right: string): number {
  let twoBack: number[] = [];
  let oneBack = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (oneBack[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (oneBack[column - 1] as number) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (twoBack[column - 2] as number) + 1);
      current.push(cost);
    }
    twoBack = oneBack;
    oneBack = current;
  }
  return oneBack[right.length] as number;
}
