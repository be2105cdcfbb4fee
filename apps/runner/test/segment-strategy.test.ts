import { domain } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { createSharedState } from '../src/run/shared-state.ts';
import { plannedSegments } from './support/planned-segments.ts';

describe('the storage of a job’s segments', () => {
  it.each([
    [
      'count: 4, bytes: 1 MiB, storage: { general: 64 KiB }',
      'job.yaml:2:46: segments.storage: a segment of 1048576 bytes takes a block of 1048576 of a `general` storage, and this one has room for 65536 (1048576 bytes hold one of them)',
    ],
    [
      'count: 4, bytes: 1025 KiB, storage: { buddy: 1536 KiB }',
      'job.yaml:2:49: segments.storage: a segment of 1049600 bytes takes a block of 2097152 of a `buddy` storage, and this one has room for 1572864 (2097152 bytes hold one of them)',
    ],
    [
      'count: 1, bytes: 64, storage: { general: 1 }',
      'job.yaml:2:43: segments.storage: a segment of 64 bytes takes a block of 64 of a `general` storage, and this one has room for 1 (64 bytes hold one of them)',
    ],
  ])('is refused when no draft of the largest could be had: %s', (segments, message) => {
    expect(() => plannedSegments(segments)).toThrow(message);
  });

  const SIZES = [1, 64, 100, 4096, 4097, 32_768, 40_000, 100_000, 2 ** 17, 2 ** 20];
  it.each(['general', 'buddy'])('has a draft of the largest in the least room that is not refused: %s', (strategy) => {
    for (const bytes of SIZES) {
      const room = 2 ** Math.ceil(Math.log2(Math.ceil(bytes / 8))) * 8;
      const segments = (least: number): string => `count: 2, bytes: ${bytes}, storage: { ${strategy}: ${least} }`;
      expect(() => plannedSegments(segments(room - 1))).toThrow('segments.storage: a segment of');
      const { pool, segments: opened } = createSharedState(plannedSegments(segments(room)));
      expect(opened?.draft(bytes, domain(0)), `${bytes} bytes in ${room}`).toBeDefined();
      pool.detach();
    }
  });
});
