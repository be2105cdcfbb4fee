/**
 * What stands at the beginning of every pool, and how a thread makes sure that it is looking at one.
 *
 *   magic        written last by create(), read first by attach(): whoever sees it sees a whole header
 *   version      of this layout; another version is refused, never guessed at
 *   maxWords     how far the memory can grow
 *   checked      1: checked mode, for every thread that attaches
 *   owners...    address of the owner table and its rows; see owner-table.ts
 *   segments...  address of the segment table and its entries; see segments/table.ts
 *   top          the first word that nobody has reserved; moved by compare-exchange from every thread   own line
 */
import type { Address } from '../brands.ts';
import { AttachError } from '../errors.ts';
import { type Layout, LINE_WORDS, layout, ownLine, type Placed, word } from '../layout.ts';
import type { Words } from '../words.ts';

/** The version of everything that threads read from each other's memory in this package. */
export const LAYOUT_VERSION = 1n;
/** "SMPOOL" and two bytes that no text has, read as a little-endian word. */
export const MAGIC = 0x01_89_4c_4f_4f_50_4d_53n;

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
  for (const [at, rows] of [
    [words.loadNumber(HEADER_AT.owners), words.loadNumber(HEADER_AT.ownerRows)],
    [words.loadNumber(HEADER_AT.segments), words.loadNumber(HEADER_AT.segmentEntries)],
  ] as const) {
    if (at < HEADER.size() || at % LINE_WORDS !== 0 || at + rows * LINE_WORDS > words.size)
      throw new AttachError(
        `this pool's header names a table of ${rows} rows at word ${at}, which is not inside its ${words.size} words`,
      );
  }
}
