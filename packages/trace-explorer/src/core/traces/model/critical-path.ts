import { getOrMake } from '../../../lib/get-or-make.ts';
import type { Children } from './children.ts';
import { listChildren } from './children.ts';
import type { Stall } from './stalls.ts';
import type { TraceModel } from './trace-model.ts';

/** The spans that the trace waited for. Times in nanoseconds. */
export interface CriticalPath {
  /** Nanoseconds in which the trace waited for this span itself. */
  time(index: number): number;
  /** The stretches of time in which the trace waited for this span, from the last to the first. */
  segments(index: number): readonly (readonly [from: number, until: number])[];
}

/**
 * Finds the critical path of the spans, by the times of the model.
 * @param moved times of calls that are those of other spans, as `movedTimes` has them
 */
export function criticalPathOf(
  { parent, offset, length }: Pick<TraceModel, 'parent' | 'offset' | 'length'>,
  moved: ReadonlyMap<number, readonly Stall[]> = new Map(),
): CriticalPath {
  const found = new Map<number, [number, number][]>();
  const times = new Float64Array(parent.length);
  const end = offset.map((start, index) => start + (length[index] ?? 0));
  const children = listChildren(parent, Int32Array.from(parent.keys()));
  const add = (index: number, from: number, until: number) => {
    if (until <= from) return;
    times[index] = (times[index] ?? 0) + until - from;
    getOrMake(found, index, () => []).push([from, until]);
  };
  walk({ parent, children, start: offset, end }, (index, from, until) => {
    let rest = until;
    for (const each of moved.get(index)?.toReversed() ?? []) {
      const [since, to] = [Math.max(from, each.from), Math.min(rest, each.until)];
      if (to <= since) continue;
      add(index, to, rest);
      add(each.at, since, to);
      rest = since;
    }
    add(index, from, rest);
  });
  return { time: (index) => times[index] ?? 0, segments: (index) => found.get(index) ?? [] };
}

interface Timing {
  readonly parent: Int32Array;
  readonly children: Children;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/**
 * For each root, the stretches of time in which a single span keeps the trace from ending. Walks back from the root's end, each time
 * into the child that ended last (like Jaeger's critical path). A child is cut to the extent of its parent; a child outside its
 * parent does not count.
 * @param onSegment gets every stretch of time with the span that the trace waited for, from the last to the first
 */
function walk(
  { parent, children, start, end }: Timing,
  onSegment: (span: number, from: number, until: number) => void,
): void {
  const candidates = byEndDescending(children, end);
  const next = children.first.slice();
  const roots = parent.length;
  // A child's part lies within its parent's part, so both are filled in from the root down.
  const from = start.slice();
  const limit = end.slice();
  for (let at = children.first[roots] ?? 0; at < (children.first[roots + 1] ?? 0); at++) {
    const root = children.list[at] ?? 0;
    let span = root;
    let until = end[root] ?? 0;
    for (;;) {
      const child = nextChild(span, until);
      if (child >= 0) {
        const childEnd = Math.min(end[child] ?? 0, limit[span] ?? 0);
        onSegment(span, childEnd, until);
        from[child] = Math.max(start[child] ?? 0, from[span] ?? 0);
        limit[child] = childEnd;
        until = childEnd;
        span = child;
        continue;
      }
      onSegment(span, from[span] ?? 0, until);
      if (span === root) break;
      until = Math.min(until, from[span] ?? 0);
      span = parent[span] ?? root;
    }
  }

  function nextChild(span: number, until: number): number {
    for (let at = next[span] ?? 0; at < (children.first[span + 1] ?? 0); at++) {
      const child = candidates[at] ?? 0;
      const childEnd = Math.min(end[child] ?? 0, limit[span] ?? 0);
      const inside = childEnd > (from[span] ?? 0) && (start[child] ?? 0) < (limit[span] ?? 0);
      if (inside && childEnd <= until) {
        next[span] = at + 1;
        return child;
      }
    }
    next[span] = children.first[span + 1] ?? 0;
    return -1;
  }
}

function byEndDescending({ first, list }: Children, end: Float64Array): Int32Array {
  const sorted = list.slice();
  for (let slot = 0; slot + 1 < first.length; slot++) {
    const from = first[slot] ?? 0;
    const to = first[slot + 1] ?? 0;
    if (to - from > 1) sorted.subarray(from, to).sort((a, b) => (end[b] ?? 0) - (end[a] ?? 0));
  }
  return sorted;
}
