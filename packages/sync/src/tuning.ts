/** Numbers that change how fast things go, and nothing else. */

/**
 * How often a blocking operation looks again before it parks. Parking and waking costs tens of microseconds; a look costs some
 * tens of nanoseconds, so this spins for about as long as one wake would take.
 */
export const SPINS_BEFORE_PARKING = 512;

/** How often a thread that spins for good looks between two looks at the clock. */
export const LOOKS_PER_CLOCK = 64;

/**
 * Milliseconds after which a thread that waits for a mutex is preferred to those that come along while it is being woken. Short
 * enough that nobody starves, long enough that most locks change hands without a wake.
 */
export const STARVING_MILLISECONDS = 1;

/**
 * Milliseconds that a thread blocked in a `select` of several channels parks on one of them before it looks at the others: the
 * most that such a wait is late.
 */
export const LONGEST_SELECT_PARK = 1;
