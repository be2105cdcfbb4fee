import { afterEach, describe, expect, test, vi } from 'vitest';

const SIZES = [0, 1, 7, 64, 65, 2047, 2048, 2049, 70_001];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe.each(['with Buffer', 'without Buffer'])('bytes between private and shared memory, %s', (host) => {
  test.each(SIZES)('%i of them arrive, and nothing around them changes', async (size) => {
    if (host === 'without Buffer') vi.stubGlobal('Buffer', undefined);
    const { copyBytesIn, copyBytesOut } = await import('../src/pool/copying.ts');
    const shared = new Uint8Array(new SharedArrayBuffer(size + 64), 8).fill(255);
    const source = new Uint8Array(size + 3).map((_, index) => index % 251).subarray(3);
    copyBytesIn(shared, 5, source, size);
    expect(shared.slice(0, 5)).toEqual(new Uint8Array(5).fill(255));
    expect(shared.slice(5, 5 + size)).toEqual(source.slice());
    expect(shared.slice(5 + size)).toEqual(new Uint8Array(shared.length - 5 - size).fill(255));

    const around = new Uint8Array(size + 2).fill(9);
    copyBytesOut(shared, 5, around.subarray(1, size + 1), size);
    expect(around[0]).toBe(9);
    expect(around.slice(1, size + 1)).toEqual(source.slice());
    expect(around[size + 1]).toBe(9);
  });

  test('within one shared memory, overlapping ranges move as a whole', async () => {
    if (host === 'without Buffer') vi.stubGlobal('Buffer', undefined);
    const { copyBytesIn } = await import('../src/pool/copying.ts');
    const shared = new Uint8Array(new SharedArrayBuffer(8192)).map((_, index) => index % 251);
    const expected = shared.slice(0, 4096);
    copyBytesIn(shared, 100, shared.subarray(0, 4096), 4096);
    expect(shared.slice(100, 4196)).toEqual(expected);
  });
});
