/** `itemWaiters` and `item-waiters` as assembly writes constants: `ITEM_WAITERS`. */
export function constantName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
