/** What a reuse policy is shown; one object a party, filled anew for each event. */
import type { Address, Handle } from '../brands.ts';
import type { Owner } from '../owner.ts';
import type { PublishedSegment, ReuseContext } from '../reuse-policy.ts';
import type { Words } from '../words.ts';
import { endSegment } from './ending.ts';
import type { Ground } from './ground.ts';
import { HandleParts, packHandle } from './handle.ts';
import { metaGeneration, metaState, PUBLISHED, packMeta, SEGMENT_ENTRY, unpackOwner } from './table.ts';

const { meta: META, owner: OWNER, policy: POLICY } = SEGMENT_ENTRY.offsets;

export class Context implements ReuseContext {
  readonly words: Words;
  readonly owner: Owner;
  policyWord: Address = 0 as Address;
  index = 0;
  generation = 0;
  readonly #ground: Ground;
  #found: PublishedContext | undefined;

  constructor(ground: Ground, owner: Owner) {
    this.words = ground.table.words;
    this.owner = owner;
    this.#ground = ground;
  }

  get handle(): Handle {
    return packHandle(this.index, this.generation);
  }

  of(index: number, generation: number, entry: number): this {
    this.index = index;
    this.generation = generation;
    this.policyWord = (entry + POLICY) as Address;
    return this;
  }

  find(index: number): PublishedSegment | undefined {
    const { table } = this.#ground;
    const entry = table.entry(index);
    const meta = table.words.loadNumber((entry + META) as Address); // pairs with the exchange in publish()
    if (metaState(meta) !== PUBLISHED) return undefined;
    this.#found ??= new PublishedContext(this.#ground, this.owner);
    this.#found.writer = unpackOwner(table.words.loadNumber((entry + OWNER) as Address));
    return this.#found.of(index, metaGeneration(meta), entry);
  }

  end(handle: Handle): boolean {
    parts.take(handle);
    return endSegment(this.#ground, parts.index, packMeta(parts.generation, PUBLISHED), this.owner);
  }
}

class PublishedContext extends Context implements PublishedSegment {
  writer: Owner;

  constructor(ground: Ground, owner: Owner) {
    super(ground, owner);
    this.writer = owner;
  }
}

const parts = new HandleParts();

/** The segments that are published now, one after another in one object. */
export function* publishedSegments(context: Context, entries: number): Generator<PublishedSegment> {
  for (let index = 0; index < entries; index++) {
    const found = context.find(index);
    if (found) yield found;
  }
}
