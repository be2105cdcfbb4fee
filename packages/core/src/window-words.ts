/**
 * `Words` as seen through a window: address 0 is the window's first word, and nothing outside it can be named. Programs'
 * engines check addresses themselves; this is for host code that works beside a program, with the program's own addresses.
 */
import { type Address, WORD_BYTES } from './brands.ts';
import { AddressError } from './errors.ts';
import { checkGrant, type WindowGrant } from './window.ts';
import type { BulkSource, ExchangeOrder, WaitAsyncOptions, WaitOptions, WaitResult, Words } from './words.ts';

export class WindowWords implements Words {
  readonly size: number;
  readonly #words: Words;
  readonly #grant: WindowGrant;

  /** @throws {AddressError | ValueError} if the grant does not lie inside `words` */
  constructor(words: Words, grant: WindowGrant) {
    const own = { ...grant }; // what was checked stays what is used
    checkGrant(own, words.size);
    this.#words = words;
    this.#grant = own;
    this.size = own.words;
  }

  load(at: Address): bigint {
    return this.#words.load(this.#at(at));
  }
  store(at: Address, value: bigint): void {
    this.#words.store(this.#at(at), value);
  }
  compareExchange(at: Address, expected: bigint, replacement: bigint, order?: ExchangeOrder): bigint {
    return this.#words.compareExchange(this.#at(at), expected, replacement, order);
  }
  exchange(at: Address, value: bigint): bigint {
    return this.#words.exchange(this.#at(at), value);
  }
  fetchAdd(at: Address, addend: bigint): bigint {
    return this.#words.fetchAdd(this.#at(at), addend);
  }
  fetchSub(at: Address, subtrahend: bigint): bigint {
    return this.#words.fetchSub(this.#at(at), subtrahend);
  }
  fetchAnd(at: Address, mask: bigint): bigint {
    return this.#words.fetchAnd(this.#at(at), mask);
  }
  fetchOr(at: Address, mask: bigint): bigint {
    return this.#words.fetchOr(this.#at(at), mask);
  }
  fetchXor(at: Address, mask: bigint): bigint {
    return this.#words.fetchXor(this.#at(at), mask);
  }
  loadNumber(at: Address): number {
    return this.#words.loadNumber(this.#at(at));
  }
  storeNumber(at: Address, value: number): void {
    this.#words.storeNumber(this.#at(at), value);
  }
  compareExchangeNumber(at: Address, expected: number, replacement: number, order?: ExchangeOrder): number {
    return this.#words.compareExchangeNumber(this.#at(at), expected, replacement, order);
  }
  exchangeNumber(at: Address, value: number): number {
    return this.#words.exchangeNumber(this.#at(at), value);
  }
  fetchAddNumber(at: Address, addend: number): number {
    return this.#words.fetchAddNumber(this.#at(at), addend);
  }
  fetchSubNumber(at: Address, subtrahend: number): number {
    return this.#words.fetchSubNumber(this.#at(at), subtrahend);
  }
  fetchAndNumber(at: Address, mask: number): number {
    return this.#words.fetchAndNumber(this.#at(at), mask);
  }
  fetchOrNumber(at: Address, mask: number): number {
    return this.#words.fetchOrNumber(this.#at(at), mask);
  }
  fetchXorNumber(at: Address, mask: number): number {
    return this.#words.fetchXorNumber(this.#at(at), mask);
  }
  fence(): void {
    this.#words.fence();
  }
  wait(at: Address, expected: bigint, options?: WaitOptions): WaitResult {
    return this.#words.wait(this.#at(at), expected, options);
  }
  async waitAsync(at: Address, expected: bigint, options?: WaitAsyncOptions): Promise<WaitResult> {
    return this.#words.waitAsync(this.#at(at), expected, options);
  }
  notify(at: Address, count?: number): number {
    return this.#words.notify(this.#at(at), count);
  }
  pause(): void {
    this.#words.pause();
  }
  loadPlain(at: Address): bigint {
    return this.#words.loadPlain(this.#at(at));
  }
  storePlain(at: Address, value: bigint): void {
    this.#words.storePlain(this.#at(at), value);
  }
  loadPlainNumber(at: Address): number {
    return this.#words.loadPlainNumber(this.#at(at));
  }
  storePlainNumber(at: Address, value: number): void {
    this.#words.storePlainNumber(this.#at(at), value);
  }
  copyIn(at: Address, source: BulkSource, skip = 0, byteLength: number = source.byteLength): void {
    this.#words.copyIn(this.#range(at, Math.ceil((skip + byteLength) / WORD_BYTES)), source, skip, byteLength);
  }
  copyOut(at: Address, target: BulkSource, skip = 0, byteLength: number = target.byteLength): void {
    this.#words.copyOut(this.#range(at, Math.ceil((skip + byteLength) / WORD_BYTES)), target, skip, byteLength);
  }
  fill(at: Address, count: number, value: bigint): void {
    this.#words.fill(this.#range(at, count), count, value);
  }

  #at(at: number): Address {
    if (at >>> 0 !== at || at >= this.size) throw new AddressError(at, this.size, `window ${this.#grant.name}`);
    return (this.#grant.base + at) as Address;
  }

  #range(at: number, count: number): Address {
    if (at >>> 0 !== at || at + count > this.size)
      throw new AddressError(at >>> 0 === at ? at + count - 1 : at, this.size, `window ${this.#grant.name}`);
    return (this.#grant.base + at) as Address;
  }
}
