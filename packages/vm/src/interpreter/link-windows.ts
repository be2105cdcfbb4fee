/** Granted windows against declared ones: by name, each at least as large as declared; and what the places become in them. */
import { checkGrant, PoolError, type WindowGrant, type Words } from '@pool/core';
import { LinkError } from '../errors.ts';
import { type Program, REST } from '../program/program.ts';

/** Every place in the pool: where it begins, how many elements it has there, and the domain of its window. */
export interface LinkedPlaces {
  readonly bases: Int32Array;
  readonly lengths: Int32Array;
  readonly domains: Float64Array;
  /** By window. */
  readonly windowDomains: Float64Array;
}

/** @throws {LinkError} for a window that is missing, granted twice, too small, or not inside the pool */
export function linkWindows(program: Program, grants: readonly WindowGrant[], words: Words | undefined): LinkedPlaces {
  const granted = program.windows.map((window) => {
    const [grant, second] = grants.filter(({ name }) => name === window.name);
    if (grant === undefined) {
      const names = grants.map(({ name }) => name).join(', ') || 'none';
      throw new LinkError(
        `program ${program.name} needs a window ${window.name}, which is not granted; granted: ${names}`,
      );
    }
    if (second !== undefined) throw new LinkError(`window ${window.name} is granted twice`);
    if (words === undefined)
      throw new LinkError(
        `program ${program.name} needs a window ${window.name}, and there are no words to grant it in`,
      );
    for (const kind of ['words', 'slots'] as const) {
      if (grant[kind] < window[kind])
        throw new LinkError(
          `window ${window.name} is granted with ${grant[kind]} ${kind}, and program ${program.name} needs ${window[kind]}`,
        );
    }
    try {
      checkGrant(grant, words.size);
    } catch (error) {
      if (error instanceof PoolError) throw new LinkError(error.message, { cause: error });
      throw error;
    }
    return grant;
  });
  const of = (window: number): WindowGrant => granted[window] as WindowGrant;
  return {
    bases: Int32Array.from(
      program.places,
      (place) => (place.kind === 'words' ? of(place.window).base : of(place.window).slotBase) + place.address,
    ),
    lengths: Int32Array.from(program.places, (place) =>
      place.length === REST ? of(place.window)[place.kind] - place.address : place.length,
    ),
    domains: Float64Array.from(program.places, (place) => of(place.window).domain),
    windowDomains: Float64Array.from(granted, (grant) => grant.domain),
  };
}
