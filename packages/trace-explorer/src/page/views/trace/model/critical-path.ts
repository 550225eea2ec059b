import { listChildren } from '../../../../shared/children.ts';
import { criticalTimes } from '../../../../shared/critical-path.ts';
import { getOrMake } from '../../../../shared/get-or-make.ts';
import type { TraceModel } from './trace-model.ts';

/** What the trace waited for; nanoseconds. */
export interface CriticalPath {
  /** How long it waited for this span itself. */
  time(place: number): number;
  /** When, from the last to the first. */
  segments(place: number): readonly (readonly [from: number, until: number])[];
}

/** Finds the critical path of the spans as they stand. */
export function criticalPathOf({ parent, offset, length }: TraceModel): CriticalPath {
  const found = new Map<number, [number, number][]>();
  const end = offset.map((start, place) => start + (length[place] ?? 0));
  const children = listChildren(parent, Int32Array.from(parent.keys()));
  const times = criticalTimes({ parent, children, start: offset, end }, (place, from, until) => {
    getOrMake(found, place, () => []).push([from, until]);
  });
  return { time: (place) => times[place] ?? 0, segments: (place) => found.get(place) ?? [] };
}
