/** Text between a pair of HTML comments in a Markdown file: `<!-- name:begin -->` and `<!-- name:end -->`. */

/** @throws Error if the markers do not stand there once, in order */
export function replaceMarked(markdown: string, name: string, block: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest, ...more] = markdown.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`the markers ${begin} and ${end} must stand there once, in this order`);
  }
  return `${before}${begin}\n${block}\n${end}${after}`;
}
