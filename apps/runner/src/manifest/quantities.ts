/** Sizes and durations as people write them: a plain number, or a number and a unit. */
import { z } from 'zod';

const BYTE_UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
const TIME_UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const;

/** Milliseconds that a timer can wait; a longer one would go off at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A number of bytes: `4096`, `64 KiB`. */
export const byteCount: z.ZodType<number> = quantity(BYTE_UNITS, 'a number of bytes, such as 4096 or "64 KiB"');
/** A duration, in milliseconds: `500 ms`, `90 s`, `5 min`. A plain number counts seconds. */
export const duration: z.ZodType<number> = quantity(
  TIME_UNITS,
  'a duration, such as "500 ms", "90 s" or "5 min"',
  1_000,
  LONGEST_TIMER,
);

function quantity(
  units: Readonly<Record<string, number>>,
  what: string,
  plain = 1,
  most: number = Number.MAX_SAFE_INTEGER,
): z.ZodType<number> {
  const pattern = new RegExp(`^\\s*(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join('|')})\\s*$`);
  const form = z.union([z.number(), z.string()], {
    error: ({ input }) => `${input === undefined ? 'missing: ' : ''}expected ${what}`,
  });
  return form.transform((value, context) => {
    const match = typeof value === 'string' ? pattern.exec(value) : undefined;
    const amount =
      typeof value === 'number' ? value * plain : match ? Number(match[1]) * (units[match[2] ?? ''] ?? 0) : Number.NaN;
    if (Number.isSafeInteger(amount) && amount > 0 && amount <= most) return amount;
    context.addIssue({ code: 'custom', message: amount > most ? `too much: at most ${most}` : `expected ${what}` });
    return z.NEVER;
  });
}
