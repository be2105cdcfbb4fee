/** Numbers that change how fast things go, and nothing else. */

/**
 * How often a blocking operation looks again before it parks. Parking and waking costs tens of microseconds; a look costs some
 * tens of nanoseconds, so this spins for about as long as one wake would take.
 */
export const SPINS_BEFORE_PARKING = 512;
