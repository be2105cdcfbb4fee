/** The note of a records ring's receivers that counts the records which none of them had. */
export const MISSED = 120;
