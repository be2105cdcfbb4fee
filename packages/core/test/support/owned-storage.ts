import { type Address, AddressError, type Owner, type Storage } from '@pool/core';

const BLOCK_WORDS = 16;

/** A storage that names an owner for each block, in plain sight: one object for all threads of a test, a face for each. */
export class OwnedStorage {
  readonly #base: Address;
  readonly #owners: (string | undefined)[];

  constructor(base: Address, blocks: number) {
    this.#base = base;
    this.#owners = new Array<string | undefined>(blocks).fill(undefined);
  }

  get used(): number {
    return this.#owners.filter((owner) => owner !== undefined).length;
  }

  /** The storage as one owner's; `before` is called before each operation, which is one step. */
  of(owner: Owner, before: () => void = () => {}): Storage {
    const owners = this.#owners;
    const block = (at: Address): number => {
      const index = (at - this.#base) / BLOCK_WORDS;
      if (owners[index] === undefined) throw new AddressError(at, 0, 'a block that is in use');
      return index;
    };
    return {
      name: 'owned',
      largest: BLOCK_WORDS,
      allocate: () => {
        before();
        const index = owners.indexOf(undefined);
        if (index < 0) return undefined;
        owners[index] = name(owner);
        return (this.#base + index * BLOCK_WORDS) as Address;
      },
      free(at) {
        before();
        if (owners[block(at)] !== name(owner)) throw new AddressError(at, 0, `what ${name(owner)} answers for`);
        owners[block(at)] = undefined;
      },
      transfer(at, to) {
        before();
        owners[block(at)] = name(to);
      },
      recover(dead) {
        before();
        let count = 0;
        owners.forEach((each, index) => {
          if (each !== name(dead)) return;
          owners[index] = undefined;
          count++;
        });
        return count;
      },
    };
  }
}

function name({ id, generation }: Owner): string {
  return `${id}@${generation}`;
}
