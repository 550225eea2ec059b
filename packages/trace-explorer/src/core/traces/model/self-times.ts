import { getOrMake } from '../../../lib/get-or-make.ts';
import { movedTimes } from './stalls.ts';
import type { TraceModel } from './trace-model.ts';

/** By index, the nanoseconds of a span during which none of its children ran. Siblings are ordered by start. */
export function selfTimes({
  count,
  parent,
  offset,
  length,
}: Pick<TraceModel, 'count' | 'parent' | 'offset' | 'length'>): Float64Array {
  const self = length.slice();
  /** For each parent, the time up to which the children seen so far cover it. */
  const covered = offset.slice();
  for (let index = 0; index < count; index++) {
    const above = parent[index] ?? -1;
    if (above < 0) continue;
    const start = offset[index] ?? 0;
    const from = Math.max(start, covered[above] ?? 0);
    const until = Math.min(start + (length[index] ?? 0), (offset[above] ?? 0) + (length[above] ?? 0));
    if (until <= from) continue;
    self[above] = (self[above] ?? 0) - (until - from);
    covered[above] = until;
  }
  return self;
}

/** As `selfTimes`, where time of a call in which a process stood still is time of a span of this process. The sum is the same. */
export function selfTimesWithoutStalls(model: TraceModel): Float64Array {
  const own = selfTimes(model);
  for (const [index, moved] of movedTimes(model))
    for (const { from, until, at } of moved) {
      const length = Math.min(until - from, own[index] ?? 0);
      own[index] = (own[index] ?? 0) - length;
      own[at] = (own[at] ?? 0) + length;
    }
  return own;
}

/** Sums over the spans with one key: a service, or a field's value. */
export interface SelfTime {
  readonly key: string | undefined;
  readonly spans: number;
  readonly errors: number;
  /** Nanoseconds. Simultaneous spans each count in full. */
  readonly self: number;
}

/** Self times, or other times of spans, by key, the longest first. Spans that only another trace has are left out. */
export function selfTimesBy(
  model: TraceModel,
  by: (index: number) => string | undefined,
  self = selfTimesWithoutStalls(model),
): readonly SelfTime[] {
  const found = new Map<string | undefined, { spans: number; errors: number; self: number }>();
  for (let index = 0; index < model.count; index++) {
    const sum = getOrMake(found, by(index), () => ({ spans: 0, errors: 0, self: 0 }));
    if (model.source(index) < 0) continue;
    sum.spans += 1;
    sum.errors += model.error[index] ?? 0;
    sum.self += self[index] ?? 0;
  }
  return [...found]
    .map(([key, sum]) => ({ key, ...sum }))
    .sort((a, b) => b.self - a.self || b.spans - a.spans);
}
