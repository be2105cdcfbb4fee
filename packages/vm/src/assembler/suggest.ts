/**
 * Wording of hints. "Did you mean": the candidate within a third of the word's length by edit distance (Damerau-Levenshtein,
 * restricted). Only cells of the distance's table that can lie below the best so far are computed (Ukkonen's band).
 */

/** A hint, or how to find one: a search is worth its time only for an error that is shown. */
export type Hint = string | undefined | (() => string | undefined);

/** Longer words are no slip of the pen, or no names. */
const LONGEST_WORD = 64;
/** How many names are looked through for one hint. */
const MOST_CANDIDATES = 20_000;

/** The nearest candidate that is not the word itself, as a hint; `undefined` where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const own = asWritten(word);
  const folded = word.toLowerCase();
  let best: string | undefined;
  let least = Math.floor((word.length + 1) / 3) + 1;
  let seen = 0;
  for (const candidate of candidates) {
    if (least === 0 || ++seen > MOST_CANDIDATES) break;
    if (Math.abs(candidate.length - word.length) >= least || asWritten(candidate) === own) continue;
    const distance = editDistance(folded, candidate.toLowerCase(), least - 1);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best === undefined ? undefined : `did you mean ${asWritten(best)}?`;
}

/** A name as its author wrote it: the expansion of a macro numbers its own. */
export function asWritten(text: string): string {
  return text.includes('#') ? text.replace(/(?<=\w)#\d+/g, '') : text;
}

/** The distance if it is at most `limit`, else something larger. */
function editDistance(left: string, right: string, limit: number): number {
  const beyond = limit + 1;
  let twoBack: number[] = [];
  let oneBack = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current: number[] = new Array(right.length + 1).fill(beyond);
    const first = Math.max(1, row - limit);
    const last = Math.min(right.length, row + limit);
    if (first === 1) current[0] = row;
    let nearest = current[0] as number;
    for (let column = first; column <= last; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (oneBack[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (oneBack[column - 1] as number) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (twoBack[column - 2] as number) + 1);
      current[column] = cost;
      nearest = Math.min(nearest, cost);
    }
    // A row can follow from the one before it and from the one before that.
    if (nearest > limit && oneBack.every((cost) => cost > limit)) return beyond;
    twoBack = oneBack;
    oneBack = current;
  }
  return oneBack[right.length] as number;
}
