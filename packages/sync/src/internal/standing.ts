/** What every object in shared words does alike: says what it is, and reads its counters with suspicion. */
import { type Address, AttachError, type Owner, packOwner, ValueError, type Words } from '@pool/core';

/** Words that may know for which thread they are used, and of how many: a pool does, a window does not. */
export type OwnedWords = Words & { readonly owner?: Owner; readonly owners?: { readonly rows: number } };

export interface OwnerOptions {
  /** Who holds what is taken through this object. Default: the pool's owner for this thread. */
  readonly owner?: Owner;
}

/** The word that an object begins with: up to six letters of its name, and the version of its layout above them. */
export function magicWord(name: string, version: number): bigint {
  let word = BigInt(version) << 48n;
  for (let index = 0; index < name.length; index++) word |= BigInt(name.charCodeAt(index)) << BigInt(8 * index);
  return word;
}

/** @throws {AttachError} unless such an object stands there */
export function assertStands(words: Words, base: Address, magicAt: Address, magic: bigint, name: string): void {
  const found = words.load(magicAt); // pairs with store(magic) in the object's create()
  if (found !== magic) throw new AttachError(`no ${name} stands at word ${base}: it holds 0x${found.toString(16)}`);
}

/** The owner as the number that stands in words. @throws {ValueError} if nobody says who it is */
export function packedOwner(words: OwnedWords, options: OwnerOptions | undefined, name: string): number {
  const owner = options?.owner ?? words.owner;
  if (owner === undefined)
    throw new ValueError(undefined, `a ${name} names who holds it, and these words do not say: pass \`owner\``);
  return packOwner(owner);
}

/** Moves a word from one value to another; `false` if it held a third one. */
export function moveWord(words: Words, at: Address, from: number, to: number): boolean {
  return words.compareExchangeNumber(at, from, to) === from;
}
