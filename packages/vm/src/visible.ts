/**
 * Texts that programs and sources chose, in messages: what a terminal acts on instead of showing it (controls, and what turns the
 * direction of text around) is written as `\u{1b}`. Data keeps such texts as they are; what is made to be read does not.
 */
export const HIDDEN: RegExp = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** A text on one line, on which nothing acts. Text that is visible already stays as it is. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
