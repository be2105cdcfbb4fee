import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder, MAIN_JOB } from './support/job-folder.ts';
import { type Finished, pool } from './support/run-command.ts';
import { elementsOf, parseXml } from './support/xml.ts';

const MANIFEST = `job: leaking
objects:
  flags: { words: 4 }
  queue: { queue: 16 }
segments: { count: 4, bytes: 1 KiB }
programs:
  worker:
    source: worker.pasm
    instances: 3
    windows:
      flags: { words: flags }
`;
const LEAKING = 'window flags {\n}\nfunc main() {\n  segment_draft _, flags, 100\n  ret\n}\n';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function map(program: string, ...args: string[]): Promise<Finished> {
  folder.write('job.yaml', MANIFEST);
  folder.write('worker.pasm', program);
  return pool(['map', 'job.yaml', ...args], { cwd: folder.path });
}

describe('pool map', () => {
  it('prints where everything will stand, and starts nothing', async () => {
    const { code, stdout, stderr } = await map('this is no program');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^leaking: 8,192 words \(64 KiB\), [\d,]+ reserved$/m);
    expect(stdout).toMatch(/owner table, 4 rows$/m);
    expect(stdout).toMatch(/ 4 +32 B .* flags, 4 words$/m);
    expect(stdout).toMatch(/queue, queue of 16$/m);
    expect(stdout).toMatch(/^heap segments \(static\): 0 of 512 words in use, 0\.0 %, in 0 blocks;/m);
  });

  it('shows what a run left behind', async () => {
    const { code, stdout } = await map(LEAKING, '--run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^heap segments \(static\): 384 of 512 words in use, 75\.0 %, in 3 blocks;/m);
    expect(stdout).toMatch(/^ +128 +3 +0 +1 +384 /m);
  });

  it('shows that threads that are gone keep nothing for themselves', async () => {
    folder.write('worker.pasm', LEAKING);
    folder.write('job.yaml', MANIFEST.replace('1 KiB', '1 KiB, storage: general'));
    const { code, stdout } = await pool(['map', 'job.yaml', '--run'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^heap segments \(general\): 48 of/m);
    expect(stdout).toMatch(/^ +16 +3 +0 +\d+ +48 /m); // live, cached, free, live words
  });

  it('shows what a job left that failed, and ends as the job did', async () => {
    const { code, stdout, stderr } = await map(LEAKING.replace('ret', 'trap "no"'), '--run');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^heap segments \(static\): (128|256|384) of 512 words in use/m);
    expect(stderr).toContain('trap in worker#');
  });

  it('writes a picture beside the text, or instead of it', async () => {
    const both = await map(LEAKING, '--svg', 'map.svg');
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(both.stdout).toContain('leaking: ');
    const written = readFileSync(join(folder.path, 'map.svg'), 'utf8');
    const alone = await map(LEAKING, '--svg', '-');
    expect(alone.stdout).toBe(written);
    const titles = elementsOf(parseXml(written)).filter(({ name }) => name === 'title');
    expect(titles.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^queue, queue of 16: words/));
  });

  it('says what is wrong', async () => {
    expect(await pool(['map', 'nothing.yaml'])).toMatchObject({ code: 2, stdout: '' });
    expect(await map(LEAKING, '--input', 'x')).toMatchObject({ code: 2, stdout: '' });
    expect(await map(LEAKING, '--svg', 'no/such/folder.svg')).toMatchObject({ code: 2 });
    expect(await map('this is no program', '--run')).toMatchObject({ code: 2, stdout: '' });
  });

  it('runs the main job and finds that it leaves no segment', async () => {
    const text = folder.write('text.txt', 'The end of the beginning');
    const { code, stdout } = await pool(['map', MAIN_JOB, '--run', '--input', text, '--workers', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^heap segments \(static\): 0 of/m);
  });
});
