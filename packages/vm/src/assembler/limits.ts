/**
 * How much a source may ask of the assembler. Each limit is far above what people and generators write; reaching one is an error at
 * its place, so that no text, however absurd, ends as an exception of the host or keeps it busy. What a program itself may have
 * (registers, parameters, pages) stands in program.ts; docs/writing-programs.md tells authors.
 */

/** UTF-16 code units in all sources of one program together. */
export const MAX_SOURCE_LENGTH: number = 2 ** 25;
/** Words, numbers, signs and line ends of one source. */
export const MAX_TOKENS: number = 2 ** 23;
/** In one line; it bounds what a pattern of the lexer has to remember. */
export const MAX_LINE_LENGTH: number = 2 ** 22;
export const MAX_SOURCES = 4096;
/** Includes within includes. */
export const MAX_INCLUDE_DEPTH = 64;
/** Operators, brackets and calls in one operand or constant; it bounds every recursion over expressions. */
export const MAX_OPERATORS = 128;
/** Names and operators on the way from a constant to the numbers that it is made of, where they are computed on the way. */
export const MAX_EVALUATION_DEPTH = 256;
/** Bits of a constant on the way to a result; a register holds 64. */
export const MAX_CONSTANT_BITS = 256n;
/** Instructions and parts of their operands that the macros of a program expand to. */
export const MAX_EXPANSION = 500_000;
/** Uses of macros within macros. */
export const MAX_MACRO_DEPTH = 64;
/** Parts of an operand of a macro: one that doubles on the way through each of many macros would never be computed. */
export const MAX_OPERAND_PARTS = 500;
/** What instructions count in 16 bits: functions, imports, tables, windows, places, files. */
export const MAX_COUNTED: number = 2 ** 16;
/** Errors that are told; the others are counted. */
export const MAX_ERRORS = 100;
