/** Whether the names in a manifest refer to what they should. */
import type { Problem } from '../errors.ts';
import { checkConstants } from '../job/constant-names.ts';
import { FIXED_CONSTANTS } from '../job/constants.ts';
import { CHUNK_HEADER_BYTES } from '../job/formats.ts';
import { HOST_FUNCTION_NAMES, isHostFunction } from '../run/host-functions.ts';
import { oneOf } from './nearest.ts';
import { own } from './own.ts';
import type { Manifest, ObjectSpec } from './schema.ts';
import type { ManifestSource, Path } from './source.ts';
import { readStructs, readType } from './structs.ts';

type Kind = keyof ObjectSpec;
const WORD_KINDS: readonly Kind[] = ['queue', 'words', 'records', 'counters'];

/** What an object is. */
export function kindOf(object: ObjectSpec): Kind {
  return (
    (['queue', 'words', 'records', 'counters', 'slots'] as const).find((kind) => object[kind] !== undefined) ?? 'words'
  );
}

/** Everything that is wrong with the names in `manifest`. */
export function checkReferences(manifest: Manifest, source: ManifestSource): Problem[] {
  const problems: Problem[] = [];
  const order = Object.keys(manifest.objects);
  const report = (path: Path, message: string, hint?: string): void => {
    problems.push(source.problem(path, message, hint));
  };
  const refer = (path: Path, name: string, kinds: readonly Kind[]): void => {
    const object = own(manifest.objects, name);
    const fitting = order.filter((other) => kinds.includes(kindOf(manifest.objects[other] as ObjectSpec)));
    if (object === undefined) report(path, `there is no object \`${name}\``, oneOf(name, fitting));
    else if (!kinds.includes(kindOf(object)))
      report(path, `\`${name}\` is ${kindOf(object)}, and this takes ${kinds.join(' or ')}`, oneOf(name, fitting));
  };

  const structs = readStructs(manifest, report);
  for (const [name, { records }] of Object.entries(manifest.objects))
    if (records !== undefined)
      readType(records, structs, (message, hint) => report(['objects', name, 'records'], message, hint));
  checkConstants(manifest, structs, FIXED_CONSTANTS, report);
  for (const [name, program] of Object.entries(manifest.programs)) {
    for (const [index, granted] of program.imports.entries()) {
      const at: Path = ['programs', name, 'imports', index];
      if (!isHostFunction(granted))
        report(at, `the host has no function \`${granted}\``, oneOf(granted, HOST_FUNCTION_NAMES));
      else if (program.imports.indexOf(granted) < index) report(at, `\`${granted}\` is granted twice`);
    }
    const seen = new Map<string, string>();
    for (const [windowName, window] of Object.entries(program.windows)) {
      const at: Path = ['programs', name, 'windows', windowName];
      const shape = [...at, 'words'];
      for (const object of window.words) {
        refer(shape, object, WORD_KINDS);
        const other = seen.get(object);
        if (other !== undefined)
          report(shape, `\`${object}\` stands in the window \`${other}\` of this program already`);
        seen.set(object, windowName);
      }
      if (window.slots !== undefined) refer([...at, 'slots'], window.slots, ['slots']);
      const first = order.indexOf(window.words[0] ?? '');
      if (
        window.words.every((object) => order.includes(object)) &&
        window.words.some((object, index) => order.indexOf(object) !== first + index)
      )
        report(
          shape,
          `a window is one range of words: [${window.words.join(', ')}] do not follow each other in \`objects\``,
          'list them there in this order, next to each other',
        );
    }
  }

  const { input, segments } = manifest;
  if (input !== undefined) {
    refer(['input', 'queue'], input.queue, ['queue']);
    if (segments === undefined) report(['input'], 'an input travels in segments, and the manifest has no `segments`');
    else if (input['chunk-bytes'] + CHUNK_HEADER_BYTES > segments.bytes)
      report(
        ['input', 'chunk-bytes'],
        `a chunk of ${input['chunk-bytes']} bytes and its header of ${CHUNK_HEADER_BYTES} do not fit a segment of ${segments.bytes}`,
        `segments.bytes: ${input['chunk-bytes'] + CHUNK_HEADER_BYTES}, or smaller chunks`,
      );
  }
  if (segments?.reuse.policy === 'ring' && (input ?? manifest.results.find(({ table }) => table !== undefined)))
    report(
      ['segments', 'reuse'],
      'a ring keeps the last segments only, and an input or a table must be read whole',
      'manual, counted or epoch',
    );
  const domains = new Set(
    Object.values(manifest.programs).flatMap(({ windows }) => Object.values(windows).map(({ domain }) => domain)),
  );
  if (input !== undefined && !domains.has(input.domain))
    report(
      ['input', 'domain'],
      `no program holds the domain \`${input.domain}\`: nobody could read the chunks`,
      oneOf(input.domain, [...domains]),
    );
  const tables = new Set<string>();
  for (const [index, result] of manifest.results.entries()) {
    if (result.counters !== undefined) refer(['results', index, 'counters'], result.counters, ['counters']);
    if (result.table !== undefined) refer(['results', index, 'table'], result.table, ['queue', 'slots']);
    if (result.table !== undefined && result.domain !== undefined && !domains.has(result.domain))
      report(
        ['results', index, 'domain'],
        `no program holds the domain \`${result.domain}\``,
        oneOf(result.domain, [...domains]),
      );
    if (result.table !== undefined && result.table === input?.queue)
      report(['results', index, 'table'], `\`${result.table}\` is the queue of the input`);
    if (result.table === undefined) continue;
    if (tables.has(result.table))
      report(['results', index, 'table'], `\`${result.table}\` is a result already: what is in it can be taken once`);
    tables.add(result.table);
    if (segments === undefined)
      report(['results', index, 'table'], 'a table travels in segments, and the manifest has no `segments`');
  }
  return problems;
}
