/** The note of a records ring's receivers that counts the records which none of them had. */
export const MISSED = 120;
/** How many records a thread sends in one call at most. */
export const TOGETHER = 9;
