import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Includes } from '../src/job/includes.ts';
import { JobFolder } from './support/job-folder.ts';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
  for (const name of ['job', 'job/programs', 'library', 'foreign']) mkdirSync(join(folder.path, name));
  for (const name of ['job/common.pasm', 'job/programs/near.pasm', 'library/far.pasm', 'foreign/secret.pasm'])
    folder.write(name, name);
});
afterEach(() => {
  folder[Symbol.dispose]();
});

/** What the program `job/programs/main.pasm` gets for an include, and what is said of it. */
function included(path: string, ...folders: string[]): { readonly text: string | undefined; readonly said: string } {
  const program = join(folder.path, 'job/programs/main.pasm');
  const includes = new Includes(
    program,
    folders.map((name) => join(folder.path, name)),
  );
  const source = includes.find(path, { name: program, text: '' });
  return { text: source?.text, said: includes.explained('') };
}

describe('an include', () => {
  it.each<[string, path: string, folders: string[], text: string]>([
    ['beside the program', 'near.pasm', [], 'job/programs/near.pasm'],
    ['above it, in a folder that was given', '../common.pasm', ['job'], 'job/common.pasm'],
    ['in a folder that was given', 'far.pasm', ['library'], 'library/far.pasm'],
    ['through a folder and back', '../programs/near.pasm', [], 'job/programs/near.pasm'],
  ])('is found %s', (_, path, folders, text) => {
    expect(included(path, ...folders)).toEqual({ text, said: '' });
  });

  it('is found in a package of routines', () => {
    expect(included('pool:sync/word-queue.pasm').text).toContain('func word_queue_send');
  });

  it.each<[string, path: string, folders: string[]]>([
    ['above the program', '../common.pasm', []],
    ['in a folder that was not given', '../../foreign/secret.pasm', ['job', 'library']],
    ['where there is nothing', '../../foreign/nothing.pasm', ['job']],
  ])('is refused %s', (_, path, folders) => {
    const { text, said } = included(path, ...folders);
    expect(text).toBeUndefined();
    expect(said).toMatch(
      new RegExp(`^\nnote: "${path.replaceAll('.', '\\.')}" is not inside .*job/programs.*, and includes are$`),
    );
  });

  it('is refused with an absolute path', () => {
    const path = join(folder.path, 'job/programs/near.pasm');
    expect(included(path)).toMatchObject({ text: undefined, said: expect.stringContaining(JSON.stringify(path)) });
  });

  it('is refused through a link that leads out', () => {
    symlinkSync(join(folder.path, 'foreign/secret.pasm'), join(folder.path, 'job/programs/link.pasm'));
    expect(included('link.pasm', 'job')).toMatchObject({
      text: undefined,
      said: expect.stringContaining('"link.pasm" is not inside'),
    });
  });

  it('that is not there at all is no more than that', () => {
    expect(included('nothing.pasm', 'job')).toEqual({ text: undefined, said: '' });
  });
});
