/** Checked by `tsc`, never run: every `@ts-expect-error` is an error if the line under it compiles. */
import type { Address, ByteOffset, Domain, Handle, OwnerId, SegmentDraft, SegmentView, Slot, Words } from '@pool/core';

declare const at: Address;
declare const place: Slot;
declare const bytes: ByteOffset;
declare const who: OwnerId;
declare const group: Domain;
declare const segment: Handle;
declare const words: Words;
declare const view: SegmentView;
declare const draft: SegmentDraft;

words.load(at);
export const plain: number = at; // a brand is still a number
export const value: bigint = segment;

// @ts-expect-error a plain number is no address
words.load(3);
// @ts-expect-error a byte offset is no address
words.load(bytes);
// @ts-expect-error a slot is no address: storing to it would forge a handle
words.store(place, 1n);
// @ts-expect-error an owner is no address
words.load(who);
// @ts-expect-error an address is no slot
draft.publishTo(at);
// @ts-expect-error a domain is no slot
draft.publishTo(group);
// @ts-expect-error a bigint is no handle
export const forged: Handle = 1n;
// @ts-expect-error a word's value is a bigint
words.store(at, 1);
// @ts-expect-error the number form takes a number
words.storeNumber(at, 1n);
// @ts-expect-error a reader's view has no mutators
view.setUint8(0, 1);
// @ts-expect-error the raw bytes are nobody's
export const raw: unknown = view.buffer;
