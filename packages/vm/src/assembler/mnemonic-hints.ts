/** What an author meant who knows another assembly: names that would never be found by their spelling. */
import { BY_MNEMONIC } from '../opcodes/table.ts';
import { didYouMean } from './suggest.ts';

/** Full mnemonics or a sentence. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ...['b', 'bra', 'jmp', 'jump', 'goto'].map((word) => [word, 'did you mean br?'] as const),
  ...['beq', 'je'].map((word) => [word, 'did you mean br_eq?'] as const),
  ...['bne', 'jne'].map((word) => [word, 'did you mean br_ne?'] as const),
  ...['jz', 'beqz', 'ifz'].map((word) => [word, 'did you mean br_unless?'] as const),
  ...['jnz', 'bnez', 'if'].map((word) => [word, 'did you mean br_if?'] as const),
  ...['blt', 'jl'].map((word) => [word, 'did you mean br_lt_s or br_lt_u?'] as const),
  ...['bgt', 'jg'].map((word) => [word, 'did you mean br_gt_s or br_gt_u?'] as const),
  ...['ble', 'jle'].map((word) => [word, 'did you mean br_le_s or br_le_u?'] as const),
  ...['bge', 'jge'].map((word) => [word, 'did you mean br_ge_s or br_ge_u?'] as const),
  ...['cmp', 'test'].map((word) => [word, 'a branch compares by itself: br_lt_s a, b, label'] as const),
  ...['return', 'leave'].map((word) => [word, 'did you mean ret?'] as const),
  ...['exit', 'end', 'stop'].map((word) => [word, 'did you mean ret or halt?'] as const),
  ...['abort', 'panic', 'throw', 'unreachable'].map((word) => [word, 'did you mean trap?'] as const),
  ...['move', 'copy'].map((word) => [word, 'did you mean mov or memory.copy?'] as const),
  ...['set', 'li', 'ldi', 'let', 'const'].map((word) => [word, 'did you mean i64.const?'] as const),
  ...['ld', 'ldr', 'lw', 'load'].map((word) => [word, 'did you mean i64.load or shared_load?'] as const),
  ...['st', 'str', 'sw', 'store'].map((word) => [word, 'did you mean i64.store or shared_store?'] as const),
  ...['cas', 'cmpxchg', 'compare_exchange'].map((word) => [word, 'did you mean shared_cas?'] as const),
  ...['xchg', 'swap'].map((word) => [word, 'did you mean shared_exchange or swap_segment?'] as const),
  ['inc', 'it is written: i64.add n, n, 1'],
  ['dec', 'it is written: i64.sub n, n, 1'],
  ['not', 'it is written: i64.xor n, n, -1'],
  ['neg', 'it is written: i64.sub n, 0, n; for a double, f64.neg n, n'],
  ['fence', 'did you mean shared_barrier?'],
  ['grow', 'did you mean memory.grow?'],
]);

/** A hint for a word that is no instruction: a namesake with a type, what other assemblies call by it, or what is spelt alike. */
export function mnemonicHint(word: string, macroNames: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  const foreign = FOREIGN.get(lower);
  if (foreign !== undefined) return foreign;
  const typed = ['i64.', 'f64.', 'shared_', '']
    .flatMap((prefix) => ['', '_s', '_u'].map((sign) => prefix + lower + sign))
    .filter((name) => BY_MNEMONIC.has(name));
  if (typed.length > 0) return `did you mean ${typed.join(' or ')}?`;
  return didYouMean(word, [...BY_MNEMONIC.keys(), ...macroNames]);
}
