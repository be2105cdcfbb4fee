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

/**
 * Milliseconds that an offer of a `select` stands in a rendezvous before it goes to another where somebody asks, at first: long
 * enough for whoever asked to wake and take it.
 */
export const PATIENCE_FOR_ANSWER = 1;

/**
 * Milliseconds that a sender which found its queue full waits for a whole batch of room, before it waits for any room at all:
 * the most that it is late when receivers stop short of that.
 */
export const PATIENCE_FOR_MORE = 1;

/** How many such batches a queue has, and how many cells a batch has at most. */
export const BATCHES_OF_ROOM = 8;
export const MOST_ROOM_AWAITED = 128;

/** How many bytes of many records go into a ring in one block, at most; a record that is longer goes alone. */
export const BLOCK_BYTES = 8192;

/** How many bytes of records a buffered sender gathers, if nobody says: what 64 short ones take. */
export const MOST_BUFFERED_BYTES = 4096;
