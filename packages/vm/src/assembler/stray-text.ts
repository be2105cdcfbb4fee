/** What no token begins with, as its author most likely meant it: a comment of another language, a text without its end, bytes that are no text. */
import { endOfLine } from './source-lines.ts';

export interface StrayText {
  readonly message: string;
  readonly hint?: string;
  /** Where reading goes on. */
  readonly end: number;
  /** The token that is read in its place, so that the statement around it is still understood. */
  readonly standsFor?: { readonly kind: 'string' | 'integer'; readonly text: string };
}

const FOREIGN_COMMENT = /#|\/\/|\/\*/y;
/** Characters that no token begins with; the odd ones of ASCII, which are slips, one by one. */
const RUN = /[^\0\t\n\r -~]+|./y;
const WIDE_CHARACTER = /'[^'\n]*'/y;
/** How near a zero byte has to be: binary files, and texts in UTF-16, have them everywhere. */
const LOOKED_AT = 16;
/** Of a run, what is quoted. */
const SHOWN = 16;

/** The text at `offset`, where no token is. */
export function strayText(text: string, offset: number): StrayText {
  const first = text[offset] as string;
  if (text.slice(offset, offset + LOOKED_AT).includes('\0')) {
    const binary = text.startsWith('PVM\0');
    const hint = binary ? 'it is a binary program: pool disasm makes a text of one' : 'a source is text in UTF-8';
    // Whatever follows is no text either.
    return { message: 'this is not a text: it has zero bytes', hint, end: text.length };
  }
  if (first === '"') {
    const standsFor = { kind: 'string', text: '""' } as const;
    return { message: 'this text is not closed on its line', end: endOfLine(text, offset), standsFor };
  }
  if (first === "'") return strayCharacter(text, offset);
  FOREIGN_COMMENT.lastIndex = offset;
  if (FOREIGN_COMMENT.test(text)) {
    const sign = text.slice(offset, FOREIGN_COMMENT.lastIndex);
    return { message: `unexpected ${sign}`, hint: 'a comment begins with ;', end: endOfLine(text, offset) };
  }
  RUN.lastIndex = offset;
  RUN.test(text);
  const end = Math.max(RUN.lastIndex, offset + 1);
  const run = text.slice(offset, end);
  const message = `unexpected ${run.length === 1 ? 'character' : 'characters'} ${shown(run)}`;
  return { message, ...(/[\u2018-\u201f]/.test(run) && { hint: 'quotes are straight: " or \'' }), end };
}

function strayCharacter(text: string, offset: number): StrayText {
  const standsFor = { kind: 'integer', text: '0' } as const;
  WIDE_CHARACTER.lastIndex = offset;
  if (!WIDE_CHARACTER.test(text))
    return { message: 'this character is not closed on its line', end: endOfLine(text, offset), standsFor };
  const message = 'a character constant has one character';
  return { message, hint: 'a text stands in double quotes', end: WIDE_CHARACTER.lastIndex, standsFor };
}

/** Letters and signs in quotes; what cannot be seen as a code point. */
function shown(run: string): string {
  if (run.length === 1 && !/[\p{L}\p{N}\p{P}\p{S}]/u.test(run))
    return `U+${run.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return JSON.stringify(run.length > SHOWN ? `${run.slice(0, SHOWN)}...` : run);
}
