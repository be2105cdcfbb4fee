import { formatTrap, type Location, type Trap } from '@pool/vm';
import { visible } from './escape.ts';

/** A trap as lines of text, in which nothing that the program chose can begin a line. */
export function trapText(trap: Trap): string {
  return formatTrap({
    ...trap,
    ...placeOf(trap),
    message: visible(trap.message),
    backTrace: trap.backTrace.map(placeOf),
  });
}

function placeOf<Place extends Location>(at: Place): Place {
  return { ...at, function: visible(at.function), file: visible(at.file) };
}
