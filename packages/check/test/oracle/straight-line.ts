/** Programs without branches, as data: what the two oracles and the checker are all given. */
import fc from 'fast-check';
import type { FenceOrder, LoadOrder, ModelThread, StoreOrder, UpdateOrder } from '../../src/index.ts';

export type Operation =
  | { readonly kind: 'load'; readonly at: number; readonly order: LoadOrder }
  | { readonly kind: 'store'; readonly at: number; readonly value: number; readonly order: StoreOrder }
  | { readonly kind: 'add'; readonly at: number; readonly value: number; readonly order: UpdateOrder }
  | {
      readonly kind: 'exchange';
      readonly at: number;
      readonly expected: number;
      readonly value: number;
      readonly order: UpdateOrder;
      readonly failure: LoadOrder;
    }
  | { readonly kind: 'fence'; readonly order: FenceOrder }
  | { readonly kind: 'wait'; readonly at: number; readonly expected: number; readonly timed: boolean }
  | { readonly kind: 'notify'; readonly at: number; readonly count: number };

export type StraightLine = readonly (readonly Operation[])[];

/** Does one operation through the checker; what it answered. */
export function perform(thread: ModelThread, operation: Operation): bigint | string | undefined {
  switch (operation.kind) {
    case 'load':
      return thread.load(operation.at, operation.order);
    case 'store':
      return void thread.store(operation.at, operation.value, operation.order);
    case 'add':
      return thread.fetchAdd(operation.at, operation.value, operation.order);
    case 'exchange':
      return thread.compareExchange(
        operation.at,
        operation.expected,
        operation.value,
        operation.order,
        operation.failure,
      );
    case 'fence':
      return void thread.fence(operation.order);
    case 'wait':
      return thread.words.wait(
        operation.at as never,
        BigInt(operation.expected),
        operation.timed ? { timeout: 1 } : {},
      );
    case 'notify':
      return BigInt(thread.words.notify(operation.at as never, operation.count));
    default:
      return operation satisfies never;
  }
}

const at = fc.integer({ min: 0, max: 1 });
const value = fc.integer({ min: 1, max: 2 });
const loadOrder = fc.constantFrom<LoadOrder>('plain', 'relaxed', 'acquire', 'seq-cst');
const storeOrder = fc.constantFrom<StoreOrder>('plain', 'relaxed', 'release', 'seq-cst');
const updateOrder = fc.constantFrom<UpdateOrder>('relaxed', 'acquire', 'release', 'acq-rel', 'seq-cst');
const fenceOrder = fc.constantFrom<FenceOrder>('acquire', 'release', 'acq-rel', 'seq-cst');

const load: fc.Arbitrary<Operation> = fc.record({ kind: fc.constant('load' as const), at, order: loadOrder });
const store: fc.Arbitrary<Operation> = fc.record({ kind: fc.constant('store' as const), at, value, order: storeOrder });
const add: fc.Arbitrary<Operation> = fc.record({ kind: fc.constant('add' as const), at, value, order: updateOrder });
const exchange: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('exchange' as const),
  at,
  expected: fc.integer({ min: 0, max: 2 }),
  value,
  order: updateOrder,
  failure: fc.constantFrom<LoadOrder>('relaxed', 'acquire', 'seq-cst'),
});
const fence: fc.Arbitrary<Operation> = fc.record({ kind: fc.constant('fence' as const), order: fenceOrder });
const wait: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('wait' as const),
  at,
  expected: fc.integer({ min: 0, max: 1 }),
  timed: fc.boolean(),
});
const notify: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('notify' as const),
  at,
  count: fc.integer({ min: 1, max: 2 }),
});

function programs(operation: fc.Arbitrary<Operation>, most: number): fc.Arbitrary<StraightLine> {
  const thread = fc.array(operation, { minLength: 1, maxLength: 4 });
  return fc
    .array(thread, { minLength: 2, maxLength: 3 })
    .filter((threads) => threads.reduce((sum, { length }) => sum + length, 0) <= most);
}

/** Accesses of all orders. */
export const accesses: fc.Arbitrary<StraightLine> = programs(
  fc.oneof({ weight: 4, arbitrary: load }, { weight: 4, arbitrary: store }, add, exchange, fence),
  7,
);

/** Accesses that are all seq-cst or fences between relaxed ones: where psc decides. */
export const sequential: fc.Arbitrary<StraightLine> = programs(
  fc.oneof(
    { weight: 3, arbitrary: load.map((one) => ({ ...one, order: 'seq-cst' }) as Operation) },
    { weight: 3, arbitrary: store.map((one) => ({ ...one, order: 'seq-cst' }) as Operation) },
    { weight: 2, arbitrary: load },
    { weight: 2, arbitrary: store },
    { weight: 2, arbitrary: fc.constant<Operation>({ kind: 'fence', order: 'seq-cst' }) },
  ),
  8,
);

/** Waits and notifications between accesses. */
export const waits: fc.Arbitrary<StraightLine> = programs(
  fc.oneof(
    { weight: 2, arbitrary: store },
    load,
    add,
    { weight: 3, arbitrary: wait },
    { weight: 2, arbitrary: notify },
  ),
  6,
);
