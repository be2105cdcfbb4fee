/** Lines of a source's text, by offset. A byte order mark is no part of the first one. */

/** Where the first line begins. */
export function textStart(text: string): number {
  return text.startsWith('\ufeff') ? 1 : 0;
}

/** Where the line ends that `from` is in: at its line feed, or with the text. */
export function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Where the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const starts = [textStart(text)];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
