/**
 * A segment's handle, `{ generation: 40, index: 24 }`, of which the table uses the lower 35 bits of the generation. Taken apart and
 * put together through a buffer of its own: shifting a bigint allocates one for every step.
 */
import { type Handle, NO_HANDLE } from '../brands.ts';
import { ValueError } from '../errors.ts';

const whole: BigUint64Array = new BigUint64Array(1);
const halves: Uint32Array = new Uint32Array(whole.buffer); // little-endian, as the pool's memory is everywhere

const INDEX_MASK = 0xff_ffff;
const INDEX_BITS = 24;
const LOW_RADIX = 2 ** (32 - INDEX_BITS);

export function packHandle(index: number, generation: number): Handle {
  halves[0] = index | (generation << INDEX_BITS);
  halves[1] = generation / LOW_RADIX;
  return whole[0] as bigint as Handle;
}

/** Takes a handle apart: what `index` and `generation` are from now on, until the next call. @throws {ValueError} for what no word holds */
export class HandleParts {
  index = 0;
  generation = 0;

  take(handle: Handle): void {
    if (typeof handle !== 'bigint' || BigInt.asUintN(64, handle) !== handle)
      throw new ValueError(handle, 'a handle is a bigint of 0..2^64-1');
    whole[0] = handle;
    const low = halves[0] as number;
    this.index = low & INDEX_MASK;
    this.generation = (halves[1] as number) * LOW_RADIX + (low >>> INDEX_BITS);
  }
}

/** A segment as people read it: `12@3` is entry 12 in its generation 3. */
export function showSegment(index: number, generation: number): string {
  return `${index}@${generation}`;
}

export function showHandle(handle: Handle): string {
  if (handle === NO_HANDLE) return '(NO_HANDLE)';
  return showSegment(Number(BigInt.asUintN(INDEX_BITS, handle)), Number(handle >> BigInt(INDEX_BITS)));
}
