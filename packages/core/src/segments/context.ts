/** What a reuse policy is shown; one object a party, filled anew for each event. */
import type { Address } from '../brands.ts';
import type { Owner } from '../owner.ts';
import type { PublishedSegment, ReuseContext } from '../reuse-policy.ts';
import type { Words } from '../words.ts';
import { endSegment } from './ending.ts';
import type { Ground } from './ground.ts';
import { metaGeneration, metaState, PUBLISHED, packMeta, SEGMENT_ENTRY, unpackOwner } from './table.ts';

const { meta: META, owner: OWNER, policy: POLICY } = SEGMENT_ENTRY.offsets;

export class Context implements ReuseContext {
  readonly words: Words;
  readonly owner: Owner;
  policyWord: Address = 0 as Address;
  index = 0;
  generation = 0;
  readonly #ground: Ground;

  constructor(ground: Ground, owner: Owner) {
    this.words = ground.table.words;
    this.owner = owner;
    this.#ground = ground;
  }

  of(index: number, generation: number, entry: number): this {
    this.index = index;
    this.generation = generation;
    this.policyWord = (entry + POLICY) as Address;
    return this;
  }

  end(index: number, generation: number): boolean {
    return endSegment(this.#ground, index, packMeta(generation, PUBLISHED), this.owner);
  }
}

class PublishedContext extends Context implements PublishedSegment {
  writer: Owner;

  constructor(ground: Ground, owner: Owner) {
    super(ground, owner);
    this.writer = owner;
  }
}

/** The segments that are published now, one after another in one object. */
export function* publishedSegments(ground: Ground, owner: Owner): Generator<PublishedSegment> {
  const { table } = ground;
  const context = new PublishedContext(ground, owner);
  for (let index = 0; index < table.entries; index++) {
    const entry = table.entry(index);
    const meta = table.words.loadNumber((entry + META) as Address);
    if (metaState(meta) !== PUBLISHED) continue;
    context.writer = unpackOwner(table.words.loadNumber((entry + OWNER) as Address));
    yield context.of(index, metaGeneration(meta), entry);
  }
}
