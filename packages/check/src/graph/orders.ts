/**
 * How strongly an access or a fence is ordered. `plain` is not atomic: two plain accesses that conflict must be ordered by
 * happens-before, or they race. The others are those of C11; a load is never `release`, a store never `acquire`.
 */
export const ORDERS = ['plain', 'relaxed', 'acquire', 'release', 'acq-rel', 'seq-cst'] as const;

/** The name of an order. */
export type Order = (typeof ORDERS)[number];
export type LoadOrder = 'plain' | 'relaxed' | 'acquire' | 'seq-cst';
export type StoreOrder = 'plain' | 'relaxed' | 'release' | 'seq-cst';
export type UpdateOrder = Exclude<Order, 'plain'>;
export type FenceOrder = 'acquire' | 'release' | 'acq-rel' | 'seq-cst';

export const PLAIN = 0;
export const RELAXED = 1;
export const ACQUIRE = 2;
export const RELEASE = 3;
export const ACQ_REL = 4;
export const SEQ_CST = 5;

export const ORDER_CODE: { readonly [Name in Order]: number } = {
  plain: PLAIN,
  relaxed: RELAXED,
  acquire: ACQUIRE,
  release: RELEASE,
  'acq-rel': ACQ_REL,
  'seq-cst': SEQ_CST,
};

export function isAcquire(order: number): boolean {
  return order === ACQUIRE || order >= ACQ_REL;
}

export function isRelease(order: number): boolean {
  return order >= RELEASE;
}

/** The order of the read of a read-modify-write. */
export function readPart(order: number): number {
  return order === RELEASE ? RELAXED : order === ACQ_REL ? ACQUIRE : order;
}

/** The order of the write of a read-modify-write. */
export function writePart(order: number): number {
  return order === ACQUIRE ? RELAXED : order === ACQ_REL ? RELEASE : order;
}
