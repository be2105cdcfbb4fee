/** What every object in shared words does alike: says what it is, and reads its counters with suspicion. */
import { type Address, AddressError, AttachError, type Owner, packOwner, ValueError, type Words } from '@pool/core';

/** Words that may know for which thread they are used, and of how many: a pool does, a window does not. */
export type OwnedWords = Words & { readonly owner?: Owner; readonly owners?: { readonly rows: number } };

export interface OwnerOptions {
  /** Who holds what is taken through this object: one thread at a time. Default: the pool's owner for this thread. */
  readonly owner?: Owner;
}

/** The word that an object begins with: up to six letters of its name, and the version of its layout above them. */
export function magicWord(name: string, version: number): bigint {
  let word = BigInt(version) << 48n;
  for (let index = 0; index < name.length; index++) word |= BigInt(name.charCodeAt(index)) << BigInt(8 * index);
  return word;
}

/** @throws {ValueError} for what is no words: a handle is taken for its pool easily */
export function assertWords(words: Words): void {
  if (typeof words?.load !== 'function')
    throw new ValueError(typeof words, 'objects stand in a pool: pass what `Pool.create` or `Pool.attach` gave');
}

/** @throws {AddressError} for a word that is not among them @throws {ValueError} as `assertWords` */
export function assertAmong(words: Words, at: Address): void {
  assertWords(words);
  if (!(Number.isInteger(at) && at >= 0 && at < words.size)) throw new AddressError(at, words.size);
}

/** @throws {AttachError} unless such an object stands there @throws {ValueError} as `assertWords` */
export function assertStands(words: Words, base: Address, magicAt: Address, magic: bigint, name: string): void {
  assertWords(words);
  const found = words.load(magicAt); // pairs with store(magic) in the object's create()
  if (found !== magic) throw new AttachError(`no ${name} stands at word ${base}: it holds 0x${found.toString(16)}`);
}

/** The owner as the number that stands in words. @throws {ValueError} if nobody says who it is */
export function packedOwner(words: OwnedWords, options: OwnerOptions | undefined, name: string): number {
  assertWords(words);
  return packed(
    options?.owner ?? words.owner,
    `a ${name} names who holds it: pass \`owner\` where the words have none`,
  );
}

/** @throws {ValueError} for what is no owner */
export function packed(owner: Owner | undefined, why: string): number {
  const packed = packOwner(owner ?? ({} as Owner));
  if (!Number.isSafeInteger(packed)) throw new ValueError(owner, why);
  return packed;
}

/** A dead owner, whose name somebody looks for, as the number that stands in words. @throws {ValueError} for what is no owner */
export function deadOwner(owner: Owner): number {
  return packed(owner, 'the owner of a dead thread: what its `pool.owner` was');
}

/** Where counters begin that may begin anywhere: 0..2^64-1. @throws {ValueError} for what is no `bigint` */
export function startOf({ start = 0n }: { readonly start?: bigint }): bigint {
  if (typeof start !== 'bigint') throw new ValueError(start, '`start` is a bigint');
  return BigInt.asUintN(64, start);
}

/** @param such what they may hold, as an example @throws {ValueError} for what holds no options */
export function assertOptions(options: unknown, name: string, such: string): void {
  if (Object(options) !== options)
    throw new ValueError(options, `options of a ${name} are an object, such as { ${such} }`);
}

/** @throws {ValueError} for what cannot be called, before anything is taken for it */
export function assertFunction(called: unknown, what: string): void {
  if (typeof called !== 'function') throw new ValueError(typeof called, `${what} is a function`);
}

/** @throws {ValueError} for a promise, as an `async` callback gives, where an answer is needed at once */
export function assertAtOnce(answer: unknown, what: string): void {
  if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function')
    throw new ValueError(typeof answer, what);
}

/** Moves a word from one value to another; `false` if it held a third one. */
export function moveWord(words: Words, at: Address, from: number, to: number): boolean {
  return words.compareExchangeNumber(at, from, to) === from;
}
