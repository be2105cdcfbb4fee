import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as exported from '../src/index.ts';
import {
  ArrayQueue,
  Barrier,
  Broadcast,
  Condition,
  channelSize,
  Latch,
  Mailbox,
  Mutex,
  Once,
  OneShot,
  Parker,
  RecordsRing,
  ResetEvent,
  RwLock,
  SegmentedQueue,
  Semaphore,
  SpscRing,
  TreiberStack,
  WaitGroup,
  WordQueue,
} from '../src/index.ts';

/** The programs of the README and of the pages in `docs`, as they stand there, run on the built packages. A block's first line names its file. */
const sync = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(sync, 'docs')).map((name) => `docs/${name}`)];
const text = pages.map((name) => readFileSync(join(sync, name), 'utf8')).join('\n');
const files = [...text.matchAll(/^```(?:js|ts)\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', program = '']) => ({
  name,
  program,
}));
/** Whether another one starts it on a thread. */
const isWorker = (name: string): boolean => text.includes(`new URL('./${name}'`);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-sync-readme-'));
  mkdirSync(join(folder, 'node_modules', '@pool'), { recursive: true });
  for (const name of ['alloc', 'core', 'sync'])
    symlinkSync(join(sync, '..', name), join(folder, 'node_modules', '@pool', name), 'dir');
  for (const { name, program } of files) writeFileSync(join(folder, name), program);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every program is run here, under a name of its own', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(text.match(/^```(js|ts)/gm)).toHaveLength(files.length);
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
});

test('those in TypeScript have the types that they say', () => {
  const typed = files.filter(({ name }) => name.endsWith('.mts')).map(({ name }) => name);
  expect(typed).toContain('channels.mts');
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--types', ''];
  const modules = ['--module', 'nodenext', '--target', 'esnext', '--lib', 'esnext,webworker'];
  const tsc = fileURLToPath(new URL('../bin/tsc', import.meta.resolve('typescript')));
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, ...modules, ...typed], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, '']);
});

test('every object has a program that uses it', () => {
  const used = files.map(({ program }) => program).join('\n');
  const objects = Object.entries<unknown>(exported).flatMap(([name, value]) =>
    typeof value === 'function' && typeof Reflect.get(value, 'create') === 'function' ? [name] : [],
  );
  expect(objects).toContain('Mutex');
  expect(objects.filter((name) => !used.includes(`${name}.create(`))).toEqual([]);
});

test('the sizes in the table of objects are those that there are', () => {
  const capacity = 64;
  const sizes: [object: string, ...words: number[]][] = [
    ['channel', channelSize({ capacity }), channelSize({ capacity, carries: 'json' })],
    ['SpscRing', SpscRing.size({ capacity })],
    ['ArrayQueue', ArrayQueue.size({ capacity })],
    ['SegmentedQueue', SegmentedQueue.size(), SegmentedQueue.segmentSize()],
    ['WordQueue', WordQueue.size(1024)],
    ['TreiberStack', TreiberStack.size({ capacity })],
    ['OneShot', OneShot.size()],
    ['Mailbox', Mailbox.size(2)],
    ['Broadcast', Broadcast.size(8)],
    ['RecordsRing', RecordsRing.size(4096)],
    ['Mutex', Mutex.size(), RwLock.size(64), Semaphore.size(64)],
    ['Condition', Condition.size(), ResetEvent.size(), Parker.size()],
    ['Latch', Latch.size(), Barrier.size(4), WaitGroup.size(64), Once.size()],
  ];
  for (const [object, ...words] of sizes) {
    const row = text.split('\n').find((line) => line.startsWith('| ') && line.includes(`\`${object}\``)) ?? '';
    const said = row.split('|').at(-2);
    for (const count of words) expect(said, object).toContain(` ${count.toLocaleString('en')}`);
  }
});

test.each(files.filter(({ name }) => !isWorker(name)))('$name prints what its comment says', ({ name, program }) => {
  const [, promised] = /console\.log\(.*\); \/\/ (.*)$/m.exec(program) ?? [];
  const printed = execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 30_000 });
  expect(printed).toBe(`${promised}\n`);
});
