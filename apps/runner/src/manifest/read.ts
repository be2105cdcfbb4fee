/** From a file to a manifest that holds together, or to one error that lists everything wrong with it. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { type Problem, SetupError } from '../errors.ts';
import { oneOf } from './nearest.ts';
import { checkReferences } from './references.ts';
import { type Manifest, manifestSchema } from './schema.ts';
import { ManifestSource, type Path } from './source.ts';

export interface ReadManifest {
  readonly manifest: Manifest;
  readonly source: ManifestSource;
}

/** Reads and checks a manifest. @throws {SetupError} */
export async function readManifest(path: string): Promise<ReadManifest> {
  return parseManifest(path, await readText(path, 'manifest'));
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

/** Reads a text file. @throws {SetupError} that says why it cannot be read */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SetupError([{ at: path, message: unreadable(cause, what) }], { cause });
  }
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
  if (issue.code === 'invalid_union') {
    // An alternative that is an object, and that the value was meant to be, has the better complaint.
    const deeper = issue.errors.find((issues) =>
      issues.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    );
    if (deeper) return deeper.flatMap((inner) => describe(source, { ...inner, path: [...path, ...inner.path] }));
  }
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
    readonly valueType?: SchemaInside;
    readonly element?: SchemaInside;
    readonly options?: readonly SchemaInside[];
  };
}

/** The keys that the object at `path` may have. */
function knownKeys(schema: unknown, path: Path): string[] {
  let at = schema as SchemaInside | undefined;
  const settle = (): void => {
    while (at?.def.innerType) at = at.def.innerType;
    if (at?.def.options) at = at.def.options.find((option) => option.def.shape);
  };
  for (const step of path) {
    settle();
    at = at?.def.shape?.[String(step)] ?? at?.def.valueType ?? at?.def.element;
  }
  settle();
  return Object.keys(at?.def.shape ?? {});
}
