import type { Owner } from '@pool/core';
import type { Allocator, Block } from './allocator.ts';

export interface LeakReportOptions {
  /** How an owner is called. Default: `owner 3 (generation 1)`. */
  readonly name?: (owner: Owner) => string;
  /** How many addresses are listed for each class and owner, 0 for none. Default: 8. */
  readonly addresses?: number;
}

/** An owner as people read it. */
export function ownerName(owner: Owner): string {
  return `owner ${owner.id} (generation ${owner.generation})`;
}

/** What is still live, by class and owner, in lines for people; one line if nothing is. */
export function leakReport(allocator: Allocator, options: LeakReportOptions = {}): string {
  const { name = ownerName, addresses = 8 } = options;
  const groups = new Map<string, { readonly size: number; readonly owner: string; readonly blocks: Block[] }>();
  let live = 0;
  let words = 0;
  for (const block of allocator.blocks()) {
    if (block.state !== 'live') continue;
    live++;
    words += block.words;
    const size = block.class ?? block.words;
    const owner = block.owner === undefined ? 'nobody' : name(block.owner);
    const key = `${size} ${owner}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { size, owner, blocks: [block] });
    else group.blocks.push(block);
  }
  if (live === 0) return `${allocator.name}: nothing is live`;
  const lines = [...groups.values()]
    .sort((one, other) => one.size - other.size || one.owner.localeCompare(other.owner))
    .map(({ size, owner, blocks }) => {
      const what = `  ${counted(blocks.length, 'block')} of ${counted(size, 'word')}, ${owner}`;
      if (addresses === 0) return what;
      const listed = blocks.slice(0, addresses).map(({ at }) => String(at));
      if (blocks.length > addresses) listed.push(`and ${blocks.length - addresses} more`);
      return `${what}: ${listed.join(', ')}`;
    });
  return [`${allocator.name}: ${counted(live, 'block')} live, ${counted(words, 'word')}`, ...lines].join('\n');
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
