/**
 * What stands at the beginning of every pool, and how a thread makes sure that it is looking at one.
 *
 *   magic        written last by create(), read first by attach(): whoever sees it sees a whole header
 *   version      of this layout; another version is refused, never guessed at
 *   maxWords     how far the memory can grow
 *   checked      1: checked mode, for every thread that attaches; else 0
 *   owners...    address of the owner table and its rows; see owner-table.ts
 *   segments...  address of the segment table and its entries; see segments/table.ts
 *   top          the first word that nobody has reserved; moved by compare-exchange from every thread   own line
 */
import { type Address, MAX_POOL_WORDS } from '../brands.ts';
import { AttachError } from '../errors.ts';
import { type Layout, LINE_WORDS, layout, ownLine, type Placed, word } from '../layout.ts';
import { segmentTableSize } from '../segments/table.ts';
import type { Words } from '../words.ts';

/** The version of everything that threads read from each other's memory in this package. */
export const LAYOUT_VERSION = 2n;
/** "SMPOOL" and two bytes that no text has, read as a little-endian word. */
export const MAGIC = 0x01_89_4c_4f_4f_50_4d_53n;

/** The most rows of the owner table: an owner's id has 16 bits wherever it is packed. */
export const MAX_OWNERS: number = 2 ** 16;
/** The most entries of the segment table: a handle's index has 24 bits. */
export const MAX_SEGMENTS: number = 2 ** 24 - 1;

type HeaderField =
  | 'magic'
  | 'version'
  | 'maxWords'
  | 'checked'
  | 'owners'
  | 'ownerRows'
  | 'segments'
  | 'segmentEntries'
  | 'top';

export const HEADER: Layout<HeaderField> = layout('pool header', {
  magic: word,
  version: word,
  maxWords: word,
  checked: word,
  owners: word,
  ownerRows: word,
  segments: word,
  segmentEntries: word,
  top: ownLine,
});
export const HEADER_AT: Placed<HeaderField> = HEADER.at(0 as Address);

/** Checks that these words begin with a header of this version and that what it points to is inside. @throws {AttachError} */
export function checkHeader(words: Words): void {
  if (words.size < HEADER.size()) throw new AttachError(`this memory has ${words.size} words, too few for a pool`);
  const magic = words.load(HEADER_AT.magic); // pairs with store(magic) in Pool.create(): the header is whole
  if (magic !== MAGIC)
    throw new AttachError(
      `this memory is not a pool: it begins with 0x${magic.toString(16)}, a pool with 0x${MAGIC.toString(16)}`,
    );
  const version = words.load(HEADER_AT.version);
  if (version !== LAYOUT_VERSION)
    throw new AttachError(
      `this pool has layout version ${version}, and this package reads version ${LAYOUT_VERSION}: both sides need the same release of the package`,
    );
  // Read as doubles: nonsense above 2^53 is rounded, and stays nonsense.
  const read = (at: Address): number => Number(words.load(at));
  const [top, most] = [read(HEADER_AT.top), read(HEADER_AT.maxWords)];
  const { size } = words; // after top: the memory grows before the top moves
  if (top % LINE_WORDS !== 0 || top > size || size > most || most > MAX_POOL_WORDS)
    throw new AttachError(
      `this pool's header is damaged: it says that ${top} words are reserved and that there can be ${most}, of ${size}`,
    );
  const checked = read(HEADER_AT.checked);
  if (checked > 1)
    throw new AttachError(
      `this pool's header is damaged: its switch of checked mode holds ${checked}, neither 0 nor 1`,
    );
  const [owners, rows] = [read(HEADER_AT.owners), read(HEADER_AT.ownerRows)];
  const [segments, entries] = [read(HEADER_AT.segments), read(HEADER_AT.segmentEntries)];
  const ownersEnd = owners + rows * LINE_WORDS;
  // A number of entries that no table has is refused below, whatever its size would be.
  const segmentsEnd = segments + (entries <= MAX_SEGMENTS ? segmentTableSize(entries) : 0);
  for (const [what, at, end, count, most] of [
    ['an owner table', owners, ownersEnd, rows, MAX_OWNERS],
    ['a segment table', segments, segmentsEnd, entries, MAX_SEGMENTS],
  ] as const) {
    if (at < HEADER.size() || at % LINE_WORDS !== 0 || end > top || count > most)
      throw new AttachError(
        `this pool's header is damaged: ${what} of ${count} rows at word ${at} is not inside its ${top} reserved words`,
      );
  }
  if (owners < segmentsEnd && segments < ownersEnd)
    throw new AttachError(
      `this pool's header is damaged: the owner table at word ${owners} and the segment table at word ${segments} overlap`,
    );
}
