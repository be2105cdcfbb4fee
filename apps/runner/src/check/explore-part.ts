/** Explores a subject, or a part of it, a little at a time: between slices it tells how far it is, and messages have their turn. */
import { setImmediate } from 'node:timers/promises';
import { Exploration } from '@pool/check';
import { Pool } from '@pool/core';
import type { PartData, PartMessage } from './explore-threads.ts';
import { openSubject } from './subject.ts';
import { watched } from './watched.ts';

const SLICE_MS = 50;
/** What a report so far takes is at most this part of the time. */
const ONE_IN = 20;

/** The last message has the judged report. @throws what `openSubject` does, and {ModelError} if the program cannot be checked */
export async function explorePart(
  { subject, options, dealt, running }: PartData,
  tell: (message: PartMessage) => void,
  isToEnd: () => boolean,
): Promise<void> {
  const { program, judge } = await openSubject(subject);
  const { program: telling, names } = watched(program, running);
  tell({ kind: 'begun', names });
  const share = dealt && { dealt: { words: Pool.attach(dealt.pool), at: dealt.at } };
  const exploration = new Exploration(telling, { ...options, ...(share && { share }) });
  let found = 0;
  let nextReport = 0;
  while (!exploration.advance(SLICE_MS) && !isToEnd()) {
    tell({ kind: 'progress', progress: exploration.progress });
    const report = exploration.report();
    const shown = report.findings.length + report.witnesses.length;
    const begun = performance.now();
    // Should no further message come, this is what is known.
    if (shown > found || begun >= nextReport) {
      tell({ kind: 'report', judged: judge(report) });
      nextReport = begun + (performance.now() - begun) * ONE_IN;
      found = shown;
    }
    await setImmediate();
  }
  tell({ kind: 'over' });
  tell({ kind: 'done', judged: judge(exploration.report()) });
}
