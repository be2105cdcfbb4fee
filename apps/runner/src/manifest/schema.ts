/**
 * What a manifest may say. Unknown keys are errors, since a misspelt limit that is ignored is worse than none. This schema
 * checks forms; whether the names in it refer to something is checked in references.ts.
 */
import { MAX_POOL_WORDS, WORD_BYTES } from '@pool/core';
import { z } from 'zod';
import { type ReuseSpec, STORAGES, type StorageSpec } from '../job/segment-strategy.ts';
import { byteCount, duration } from './quantities.ts';

/** One of five kinds of things in the pool. */
export interface ObjectSpec {
  /** A word queue, with its capacity. */
  readonly queue?: number | undefined;
  /** So many words. */
  readonly words?: number | undefined;
  /** A type, such as `station[3]`; see structs.ts. */
  readonly records?: string | undefined;
  /** Named words, each on a line of its own. */
  readonly counters?: readonly string[] | undefined;
  /** So many slots for segments. */
  readonly slots?: number | undefined;
}

export interface WindowSpec {
  /** Objects that follow each other. */
  readonly words: readonly string[];
  readonly slots?: string | undefined;
  readonly domain: string;
}

export interface ProgramSpec {
  /** Assembly, relative to the manifest. */
  readonly source: string;
  readonly instances: number | 'cores';
  readonly entry: string;
  readonly arguments: readonly (number | 'instance' | 'instances')[];
  readonly windows: Readonly<Record<string, WindowSpec>>;
  /** Functions of the host that it may call; see run/host-functions.ts. */
  readonly imports: readonly string[];
  /** Bytes of private memory, for each instance. */
  readonly memory: number;
  /** For each instance; no limit if it is left out. */
  readonly fuel?: number | undefined;
}

/** A path relative to the manifest, or files of an installed package. */
export type FileSpec = string | { readonly package: string; readonly match: string };

export interface InputSpec {
  readonly queue: string;
  readonly domain: string;
  readonly 'chunk-bytes': number;
  readonly files: readonly FileSpec[];
}

export interface ResultSpec {
  readonly title?: string | undefined;
  readonly counters?: string | undefined;
  /** A queue or slots. */
  readonly table?: string | undefined;
  readonly domain?: string | undefined;
  readonly columns?: readonly [string, string] | undefined;
  readonly top?: number | undefined;
}

export interface SegmentsSpec {
  readonly count: number;
  readonly 'per-instance': number;
  readonly bytes: number;
  readonly storage: StorageSpec;
  readonly reuse: ReuseSpec;
}

/** A manifest whose form is right, with the defaults filled in. */
export interface Manifest {
  readonly job: string;
  readonly pool: {
    readonly words?: number | undefined;
    readonly 'max-words'?: number | undefined;
    readonly checked?: boolean | undefined;
  };
  /** Types of fields by name, by struct. */
  readonly structs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly objects: Readonly<Record<string, ObjectSpec>>;
  readonly segments?: SegmentsSpec | undefined;
  readonly programs: Readonly<Record<string, ProgramSpec>>;
  readonly input?: InputSpec | undefined;
  readonly results: readonly ResultSpec[];
  /** `time` in milliseconds. */
  readonly limits: { readonly time?: number | undefined };
  readonly 'on-death': 'abort';
}

const name: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'a name begins with a letter and has letters, digits, `-` and `_`');
/** How many instances a program may have. */
export const MOST_INSTANCES = 1_024;
/** Bytes of private memory that a program can have. */
const MOST_MEMORY: number = 2 ** 30;
/** No segment is larger than the largest pool. */
const MOST_SEGMENT: number = MAX_POOL_WORDS * WORD_BYTES;

const positive: z.ZodType<number> = z.int().positive();
const wordCount: z.ZodType<number> = z.int().positive().max(MAX_POOL_WORDS);

const capacity = z
  .int()
  .min(2)
  .max(2 ** 24)
  .refine((value) => (value & (value - 1)) === 0, 'the capacity of a queue is a power of two');

const object = z
  .strictObject({
    queue: capacity.optional(),
    words: wordCount.optional(),
    records: z.string().optional(),
    counters: z.array(name).nonempty().optional(),
    slots: wordCount.optional(),
  })
  .refine(
    (value) => Object.keys(value).length === 1,
    'an object is exactly one of `queue`, `words`, `records`, `counters`, `slots`',
  );

const window = z.strictObject({
  words: z.union([name.transform((one) => [one]), z.array(name)]).default([]),
  slots: name.optional(),
  domain: name.default('job'),
});

const program = z.strictObject({
  source: z.string().min(1),
  instances: z
    .union(
      [z.int().positive().max(MOST_INSTANCES), z.literal('cores')],
      `must be a number of 1..${MOST_INSTANCES}, or \`cores\``,
    )
    .default(1),
  entry: name.default('main'),
  arguments: z
    .array(z.union([z.int(), z.enum(['instance', 'instances'])], 'expected an integer, `instance` or `instances`'))
    .default([]),
  windows: z.record(name, window).default({}),
  imports: z.array(z.string()).default([]),
  memory: byteCount.refine((bytes) => bytes <= MOST_MEMORY, 'must be at most 1 GiB').default(64 * 2 ** 20),
  fuel: positive.optional(),
});

const file = z.union(
  [z.string().min(1), z.strictObject({ package: z.string().min(1), match: z.string().min(1) })],
  'expected a path, or { package: NAME, match: GLOB }',
);

const input = z.strictObject({
  queue: name,
  domain: name.default('job'),
  'chunk-bytes': byteCount,
  files: z.array(file).default([]),
});

const result = z
  .strictObject({
    title: z.string().optional(),
    counters: name.optional(),
    table: name.optional(),
    domain: name.optional(),
    columns: z.tuple([z.string(), z.string()]).optional(),
    top: positive.optional(),
  })
  .refine(
    (value) => (value.counters === undefined) !== (value.table === undefined),
    'a result is either `counters` or `table`',
  )
  .refine(
    (value) => value.counters === undefined || (value.domain ?? value.columns ?? value.top) === undefined,
    '`domain`, `columns` and `top` belong to a `table`',
  )
  .refine((value) => value.columns?.[0] !== value.columns?.[1] || value.columns === undefined, {
    path: ['columns'],
    message: 'the two columns have two names',
  });

const STORAGE_FORM = `must be ${STORAGES.map((one) => `\`${one}\``).join(', ')}, or { general: BYTES }, { buddy: BYTES }`;
const storage: z.ZodType<StorageSpec> = z.union(
  [
    z.enum(STORAGES).transform((strategy) => ({ strategy })),
    z
      .strictObject({ general: byteCount })
      .transform(({ general }) => ({ strategy: 'general' as const, room: general })),
    z.strictObject({ buddy: byteCount }).transform(({ buddy }) => ({ strategy: 'buddy' as const, room: buddy })),
  ],
  STORAGE_FORM,
);

const REUSE_FORM = 'must be `manual`, `counted`, `epoch`, { ring: PLACES } or { epoch: { limit: SEGMENTS } }';
const reuse: z.ZodType<ReuseSpec> = z.union(
  [
    z.enum(['manual', 'counted', 'epoch']).transform((policy): ReuseSpec => ({ policy })),
    z.strictObject({ ring: positive }).transform(({ ring }) => ({ policy: 'ring' as const, places: ring })),
    z
      .strictObject({ epoch: z.strictObject({ limit: positive.optional() }) })
      .transform(({ epoch }) => ({ policy: 'epoch' as const, ...epoch })),
  ],
  REUSE_FORM,
);

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  job: z.string().min(1),
  pool: z
    .strictObject({ words: wordCount.optional(), 'max-words': wordCount.optional(), checked: z.boolean().optional() })
    .default({}),
  structs: z
    .record(
      name,
      z.record(name, z.string()).refine((fields) => Object.keys(fields).length > 0, 'a struct has at least one field'),
    )
    .default({}),
  objects: z.record(name, object).default({}),
  segments: z
    .strictObject({
      count: wordCount,
      'per-instance': z.int().nonnegative().max(MAX_POOL_WORDS).default(0),
      bytes: byteCount.refine((bytes) => bytes <= MOST_SEGMENT, 'must be at most 4 GiB'),
      storage: storage.default({ strategy: 'static' }),
      reuse: reuse.default({ policy: 'manual' }),
    })
    .optional(),
  programs: z.record(name, program).refine((value) => Object.keys(value).length > 0, 'a job has at least one program'),
  input: input.optional(),
  results: z.array(result).default([]),
  limits: z.strictObject({ time: duration.optional() }).default({}),
  'on-death': z.enum(['abort']).default('abort'),
});
