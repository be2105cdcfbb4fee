/** Explores a subject, or a part of it, a little at a time: between slices, signals and messages have their turn. */
import { setImmediate } from 'node:timers/promises';
import { type CheckOptions, Exploration, type Progress } from '@pool/check';
import { type Judged, openSubject, type Subject } from './subject.ts';

const SLICE_MS = 50;

/** @param goesOn is told how far it is, and whether to go on is its answer @throws {ModelError} if the program cannot be checked */
export async function explorePart(
  subject: Subject,
  options: Omit<CheckOptions, 'plant'>,
  goesOn: (soFar: Progress) => boolean,
): Promise<Judged> {
  const { program, judge } = await openSubject(subject);
  const exploration = new Exploration(program, options);
  while (!exploration.advance(SLICE_MS) && goesOn(exploration.progress)) await setImmediate();
  return judge(exploration.report());
}
