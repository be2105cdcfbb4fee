import type { ReusePolicy } from '../reuse-policy.ts';

/**
 * Sender and receiver agree between themselves who retires a segment, and when; the bytes may be reused at once. A reader
 * that is still at it then finds its handle stale at its next operation. Costs nothing.
 */
export function manual(): ReusePolicy {
  return { name: 'manual', stable: true, acquired: () => true, released: () => false, retired: () => true };
}
