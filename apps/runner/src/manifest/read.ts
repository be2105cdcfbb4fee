/** From a file to a manifest that holds together, or to one error that lists everything wrong with it. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { type Problem, SetupError } from '../errors.ts';
import { didYouMean, oneOf } from './nearest.ts';
import { own } from './own.ts';
import { checkReferences } from './references.ts';
import { type Manifest, manifestSchema } from './schema.ts';
import { ManifestSource, type Path } from './source.ts';
import { SourceTextError, sourceText } from './source-text.ts';

export interface ReadManifest {
  readonly manifest: Manifest;
  readonly source: ManifestSource;
}

/** Reads and checks a manifest. @throws {SetupError} */
export async function readManifest(path: string): Promise<ReadManifest> {
  const text = await readText(path, 'manifest').catch((cause: unknown) => {
    if (cause instanceof SourceTextError) throw new SetupError([{ message: cause.message }], { cause });
    throw cause;
  });
  return parseManifest(path, text);
}

/** As `readManifest`, from a text; `name` is what problems are reported under. @throws {SetupError} */
export function parseManifest(name: string, text: string): ReadManifest {
  const source = new ManifestSource(name, text);
  const parsed = manifestSchema.safeParse(source.value() ?? {});
  if (!parsed.success)
    throw new SetupError(withoutEchoes(parsed.error.issues).flatMap((issue) => describe(source, issue)));
  const problems = checkReferences(parsed.data, source);
  if (problems.length > 0) throw new SetupError(problems);
  return { manifest: parsed.data, source };
}

/** Reads a text file. @throws {SetupError} that says why it cannot be read @throws {SourceTextError} if it is no text */
export async function readText(path: string, what: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new SetupError([{ at: path, message: unreadable(cause, what) }], { cause });
  });
  return sourceText(path, bytes);
}

/** What a failed file access means, in words. */
export function unreadable(cause: unknown, what: string): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return `there is no such ${what}`;
  if (code === 'EISDIR') return `this is a directory, not ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`;
  if (code === 'EACCES' || code === 'EPERM') return `this ${what} may not be read`;
  return `this ${what} cannot be read: ${(cause as Error).message}`;
}

/** A misspelt key also looks like a missing one: where keys are unknown, what the object lacks is no news. */
function withoutEchoes(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const misspelt = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('\n')),
  );
  return issues.filter(({ code, path }) => code !== 'custom' || !misspelt.has(path.join('\n')));
}

function describe(source: ManifestSource, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(manifestSchema, path);
    return issue.keys.map((key) => source.problem([...path, key], 'there is no such key', oneOf(key, known), 'key'));
  }
  if (issue.code === 'invalid_union') return describeUnion(source, issue);
  if (issue.code === 'invalid_type') {
    const kind = KINDS[issue.expected] ?? issue.expected;
    const isMissing = issue.input === undefined && issue.message.includes('undefined');
    return [source.problem(path, isMissing ? `missing: ${kind} is expected` : `must be ${kind}`)];
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') return [source.problem(path, bound(issue))];
  if (issue.code === 'invalid_key')
    return [source.problem(path, issue.issues[0]?.message ?? issue.message, undefined, 'key')];
  return [source.problem(path, lowered(issue.message))];
}

/** What is wrong with the one alternative that was meant, or else which alternatives there are. */
function describeUnion(source: ManifestSource, issue: z.core.$ZodIssueInvalidUnion): Problem[] {
  const path = issue.path as Path;
  const form = source.problem(path, lowered(issue.message));
  const meant = issue.errors.filter((issues) => issues.every((inner) => inner.path.length > 0 || isMisspelt(inner)));
  const fitting = meant.length > 1 ? meant.filter((issues) => !issues.some(isMisspelt)) : meant;
  const [alternative] = fitting;
  if (alternative && fitting.length === 1)
    return alternative.flatMap((inner) => describe(source, { ...inner, path: [...path, ...inner.path] }));
  const [first = [], ...others] = meant.map((issues) => issues.filter(isMisspelt).flatMap(({ keys }) => keys));
  const unknown = first.filter((key) => others.every((keys) => keys.includes(key)));
  if (unknown.length === 0) return [form];
  const known = knownKeys(manifestSchema, path);
  return unknown.map((key) =>
    source.problem([...path, key], 'there is no such key', didYouMean(key, known) ?? lowered(issue.message), 'key'),
  );
}

/** Whether it is a complaint about keys that nobody knows, of the value itself. */
function isMisspelt(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0;
}

/** What the schema's types are called. */
const KINDS: Readonly<Record<string, string>> = {
  record: 'a map of names',
  object: 'a map of keys',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isNumber = issue.origin === 'number' || issue.origin === 'int';
  if (issue.code === 'too_big') return `must ${isNumber ? 'be' : 'have'} at most ${issue.maximum}`;
  if (isNumber) return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}`;
  return issue.minimum === 1 ? 'must not be empty' : `must have at least ${issue.minimum}`;
}

function lowered(message: string): string {
  const text = message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

interface SchemaInside {
  readonly def: {
    readonly shape?: Readonly<Record<string, SchemaInside>>;
    readonly innerType?: SchemaInside;
    readonly in?: SchemaInside;
    readonly valueType?: SchemaInside;
    readonly element?: SchemaInside;
    readonly options?: readonly SchemaInside[];
  };
}

/** The keys that the object at `path` may have. */
function knownKeys(schema: unknown, path: Path): string[] {
  let at = alternatives(schema as SchemaInside);
  for (const step of path)
    at = at
      .flatMap(({ def }) => own(def.shape ?? {}, String(step)) ?? def.valueType ?? def.element ?? [])
      .flatMap(alternatives);
  return [...new Set(at.flatMap(({ def }) => Object.keys(def.shape ?? {})))];
}

/** What a schema comes down to without its defaults and transformations: itself, or of a union each part. */
function alternatives(schema: SchemaInside): SchemaInside[] {
  const inner = schema.def.innerType ?? schema.def.in;
  if (inner) return alternatives(inner);
  return schema.def.options?.flatMap(alternatives) ?? [schema];
}
