import { type Owner, SEGMENT_TABLE_OWNER, ValueError } from '@pool/core';
import type { Allocator, Block } from './allocator.ts';

export interface LeakReportOptions {
  /** How an owner is called that has a row. Default: `owner 3 (generation 1)`. */
  readonly name?: (owner: Owner) => string;
  /** How many addresses are listed for each class and owner, an integer, 0 for none. Default: 8. */
  readonly addresses?: number;
}

/** An owner as people read it. */
export function ownerName(owner: Owner): string {
  if (isSegmentTable(owner)) return 'the segment table';
  return `owner ${owner.id} (generation ${owner.generation})`;
}

function isSegmentTable({ id, generation }: Owner): boolean {
  return id === SEGMENT_TABLE_OWNER.id && generation === SEGMENT_TABLE_OWNER.generation;
}

/** What is still live, by class and owner, in lines for people; one line if nothing is. @throws {ValueError} for a number of addresses that is none */
export function leakReport(allocator: Allocator, options: LeakReportOptions = {}): string {
  const { name = ownerName, addresses = 8 } = options;
  if (!(Number.isInteger(addresses) && addresses >= 0))
    throw new ValueError(addresses, '`addresses` is an integer, 0 or more');
  const groups = new Map<string, { readonly size: number; readonly owner: string; readonly blocks: Block[] }>();
  let live = 0;
  let words = 0;
  for (const block of allocator.blocks()) {
    if (block.state !== 'live') continue;
    live++;
    words += block.words;
    const size = block.class ?? block.words;
    const owner =
      block.owner === undefined ? 'nobody' : isSegmentTable(block.owner) ? ownerName(block.owner) : name(block.owner);
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
