/**
 * The structs of a manifest: what programs share, described once. A type is written as
 *
 *   [padded] NAME [ "[" LENGTH "]" ]     such as `u53`, `reading[64]`, `padded u53`
 *
 * NAME is a type of one word or a struct further up, so no struct can be inside itself.
 */
import {
  array,
  cachePadded,
  type Fields,
  type FieldType,
  f64,
  i64,
  pointer,
  type Struct,
  segmentHandle,
  struct,
  u32Pair,
  u53,
  u64,
} from '@pool/alloc';
import { ValueError } from '@pool/core';
import { oneOf } from './nearest.ts';
import type { Manifest } from './schema.ts';
import type { Path } from './source.ts';

const WORD_TYPES: ReadonlyMap<string, FieldType<unknown>> = new Map<string, FieldType<unknown>>([
  ['u64', u64],
  ['i64', i64],
  ['u53', u53],
  ['f64', f64],
  ['u32-pair', u32Pair],
  ['segment-handle', segmentHandle],
  ['pointer', pointer],
]);

export type Structs = ReadonlyMap<string, Struct<Fields>>;
type Report = (path: Path, message: string, hint?: string) => void;

/** The structs of a manifest whose types are all right, by name: the same that `struct` of `@pool/alloc` makes. */
export function structsOf(manifest: Manifest): Structs {
  return readStructs(manifest, fail);
}

/** As `structsOf`; what is wrong with a type is reported, and the field left out. */
export function readStructs({ structs: specs }: Manifest, report: Report): Structs {
  const structs = new Map<string, Struct<Fields>>();
  for (const [name, spec] of Object.entries(specs)) {
    if (WORD_TYPES.has(name)) report(['structs', name], `\`${name}\` is a type of its own`);
    const fields: Record<string, FieldType<unknown>> = {};
    for (const [key, text] of Object.entries(spec)) {
      const type = readType(text, structs, (message, hint) => report(['structs', name, key], message, hint));
      if (type !== undefined) fields[key] = type;
    }
    if (Object.keys(fields).length > 0) structs.set(name, struct(name, fields));
  }
  return structs;
}

/** The type that a checked manifest writes so. */
export function typeOf(text: string, structs: Structs): FieldType<unknown> {
  return readType(text, structs, (message) => fail([], message)) ?? u64;
}

/** Reads a type; `undefined`, and a report, if it is none. */
export function readType(
  text: string,
  structs: Structs,
  report: (message: string, hint?: string) => void,
): FieldType<unknown> | undefined {
  const [, padded, name = '', length] = /^(padded )?([A-Za-z][A-Za-z0-9_-]*)(?:\[(\d+)\])?$/.exec(text) ?? [];
  if (name === '') {
    report(`\`${text}\` is no type`, 'a type is written as `u53`, `reading[64]` or `padded u53`');
    return undefined;
  }
  const type = WORD_TYPES.get(name) ?? structs.get(name);
  if (type === undefined) {
    report(`there is no type \`${name}\` above`, oneOf(name, [...WORD_TYPES.keys(), ...structs.keys()]));
    return undefined;
  }
  try {
    const repeated = length === undefined ? type : array(type, Number(length));
    return padded === undefined ? repeated : cachePadded(repeated);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    report(`\`${text}\`: ${error.message}`);
    return undefined;
  }
}

function fail(path: Path, message: string): never {
  throw new Error(`${path.join('.')}: ${message}, and the manifest was checked`);
}
