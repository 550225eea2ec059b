import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import type { TraceState } from './trace-state.ts';

/** Most folds in a URL. Older ones are dropped. */
const MAX_FOLDS = 200;

/** Folded spans, as indexes of the model. */
export interface Folding {
  /** Spans that are folded although the depth shows them, or shown although it folds them. */
  readonly toggled: ReadonlySet<number>;
  /** Depth of the folded spans, counted from the subtree's root. */
  readonly depth?: number | undefined;
  /** Shows only this index and its descendants. */
  readonly root?: number | undefined;
}

/** The folding of a trace's state. */
export function foldingOf(model: TraceModel, state: Pick<TraceState, 'folded' | 'depth' | 'root'>): Folding {
  const indexOf = (ref: string | undefined) => (ref === undefined ? -1 : model.indexOf(ref));
  const toggled = new Set(state.folded.map(indexOf).filter((index) => index >= 0));
  const root = indexOf(state.root);
  return { toggled, depth: state.depth, ...(root >= 0 && { root }) };
}

/** The depth without indentation: that of the subtree's root. */
export function baseDepth(model: TraceModel, { root }: Pick<Folding, 'root'>): number {
  return root === undefined ? 0 : (model.depth[root] ?? 0);
}

/** Whether the descendants of a span are hidden. */
export function isFolded(model: TraceModel, folding: Folding, index: number): boolean {
  if ((model.children[index] ?? 0) === 0) return false;
  const { toggled, depth } = folding;
  const byDepth = depth !== undefined && (model.depth[index] ?? 0) - baseDepth(model, folding) >= depth;
  return byDepth !== toggled.has(index);
}

/** Folds an unfolded span, or unfolds a folded one. */
export function toggleFold(folded: readonly string[], ref: string): readonly string[] {
  const others = folded.filter((each) => each !== ref);
  return others.length < folded.length ? others : [...others, ref].slice(-MAX_FOLDS);
}

/** Unfolds everything that hides an index, and leaves a subtree that does not contain the index. */
export function reveal(
  model: TraceModel,
  { state, folding }: { readonly state: Pick<TraceState, 'folded' | 'root'>; readonly folding: Folding },
  index: number,
): Pick<TraceState, 'folded' | 'root'> {
  const { root = 0 } = folding;
  const isWithin = index >= root && index < (model.end[root] ?? model.count);
  const seen = isWithin || folding.root === undefined ? folding : { ...folding, root: undefined };
  const hiding: number[] = [];
  for (let above = model.parent[index] ?? -1; above >= 0; above = model.parent[above] ?? -1)
    if (isFolded(model, seen, above)) hiding.push(above);
  const folded = hiding.map((each) => model.ref(each)).reduce(toggleFold, state.folded);
  return { folded, root: seen.root === undefined ? undefined : state.root };
}

/** Visible indexes from top to bottom. 100,000 spans take about a millisecond. */
export function visibleRows(model: TraceModel, folding: Folding): Int32Array {
  const from = folding.root ?? 0;
  const to = folding.root === undefined ? model.count : (model.end[folding.root] ?? model.count);
  const rows = new Int32Array(to - from);
  let filled = 0;
  for (let index = from; index < to; ) {
    rows[filled++] = index;
    index = isFolded(model, folding, index) ? (model.end[index] ?? to) : index + 1;
  }
  return rows.subarray(0, filled);
}

/** The row of an index. For a hidden index, the row that hides it; -1 when it is outside of all rows. */
export function rowOf(rows: Int32Array, index: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return rows.length > 0 && (rows[low] ?? 0) <= index ? low : -1;
}
