import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { Grouping } from './grouping.ts';

export interface Folding {
  /** Places whose descendants are hidden. */
  readonly folded: ReadonlySet<number>;
  /** Spans at this depth are folded, those in `opened` excepted; counted from the subtree's root. */
  readonly depth?: number | undefined;
  readonly opened: ReadonlySet<number>;
  /** The group of equal neighbours that is one row at a place; undefined where none are grouped. */
  readonly groupAt?: Grouping | undefined;
  /** Shows only this place and what is below it. */
  readonly root?: number | undefined;
}

/** Whether what is below a span is hidden. */
export function isFolded(model: TraceModel, folding: Folding, place: number): boolean {
  if ((model.children[place] ?? 0) === 0) return false;
  if (folding.folded.has(place)) return true;
  if (folding.depth === undefined || folding.opened.has(place)) return false;
  const base = folding.root === undefined ? 0 : (model.depth[folding.root] ?? 0);
  return (model.depth[place] ?? 0) - base >= folding.depth;
}

/** Places to show, from top to bottom; 100,000 spans take about a millisecond. */
export function visibleRows(model: TraceModel, folding: Folding): Int32Array {
  const from = folding.root ?? 0;
  const to = folding.root === undefined ? model.count : (model.end[folding.root] ?? model.count);
  const rows = new Int32Array(to - from);
  let filled = 0;
  for (let place = from; place < to; ) {
    rows[filled++] = place;
    const group = folding.groupAt?.(place);
    place = group?.end ?? (isFolded(model, folding, place) ? (model.end[place] ?? to) : place + 1);
  }
  return rows.subarray(0, filled);
}

/** Where a place stands among the visible rows; when hidden, the row that hides it; -1 when outside of them. */
export function rowOf(rows: Int32Array, place: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return rows.length > 0 && (rows[low] ?? 0) <= place ? low : -1;
}
