import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { ClosedRun, Runs } from './runs.ts';
import { runsOf } from './runs.ts';
import type { TraceState } from './trace-state.ts';

/** Most folds in a URL: the newest. */
const MAX_FOLDS = 200;
/** Before the first span of a run of equal siblings that is open. */
const OPEN_RUN = '~';

/** Folded spans, as indexes of the model. */
export interface Folding {
  /** Spans that are folded although the depth shows them, or shown although it folds them. */
  readonly toggled: ReadonlySet<number>;
  /** Equal siblings, and the first spans of the open runs. */
  readonly runs: Runs;
  readonly opened: ReadonlySet<number>;
  /** Depth of the folded spans, counted from the subtree's root. */
  readonly depth?: number | undefined;
  readonly root?: number | undefined;
  /** Shows only the spans with a 1, also within folded spans. */
  readonly kept?: Uint8Array | undefined;
}

/**
 * The folding of a trace's state.
 * @param matches when only these spans and their ancestors are shown
 */
export function foldingOf(
  model: TraceModel,
  state: Pick<TraceState, 'folded' | 'depth' | 'root'>,
  {
    runs = runsOf(model),
    matches,
  }: { readonly runs?: Runs; readonly matches?: readonly number[] | undefined } = {},
): Folding {
  const indexOf = (ref: string | undefined) => (ref === undefined ? -1 : model.indexOf(ref));
  const indexes = (refs: readonly string[]) => new Set(refs.map(indexOf).filter((index) => index >= 0));
  const open = state.folded.filter((each) => each.startsWith(OPEN_RUN));
  const root = indexOf(state.root);
  return {
    toggled: indexes(state.folded.filter((each) => !open.includes(each))),
    runs,
    opened: indexes(open.map((each) => each.slice(OPEN_RUN.length))),
    depth: state.depth,
    ...(root >= 0 && { root }),
    ...(matches && { kept: withAncestors(model, matches) }),
  };
}

function withAncestors(model: TraceModel, matches: readonly number[]): Uint8Array {
  const kept = new Uint8Array(model.count);
  for (const match of matches)
    for (let index = match; index >= 0 && kept[index] !== 1; index = model.parent[index] ?? -1)
      kept[index] = 1;
  return kept;
}

/** The depth without indentation: that of the subtree's root. */
export function baseDepth(model: TraceModel, { root }: Pick<Folding, 'root'>): number {
  return root === undefined ? 0 : (model.depth[root] ?? 0);
}

/** Whether the descendants of a span are hidden. */
export function isFolded(model: TraceModel, folding: Folding, index: number): boolean {
  if ((model.children[index] ?? 0) === 0 || folding.kept !== undefined) return false;
  const { toggled, depth } = folding;
  const byDepth = depth !== undefined && (model.depth[index] ?? 0) - baseDepth(model, folding) >= depth;
  return byDepth !== toggled.has(index);
}

/** The run for which a span's row stands; undefined when the row stands for its span alone. */
export function closedRun({ runs, opened, kept, root }: Folding, index: number): ClosedRun | undefined {
  return opened.has(index) || kept !== undefined || root === index ? undefined : runs.byFirst.get(index);
}

/** The first span of the open run that a span belongs to. */
export function openRun({ runs, opened, kept }: Folding, index: number): number | undefined {
  const first = runs.firstOf.get(index);
  return first !== undefined && opened.has(first) && kept === undefined ? first : undefined;
}

/** Folds an unfolded span, or unfolds a folded one. */
export function toggleFold(folded: readonly string[], ref: string): readonly string[] {
  const others = folded.filter((each) => each !== ref);
  return others.length < folded.length ? others : [...others, ref].slice(-MAX_FOLDS);
}

/** The fold of a run of equal siblings, by its first span. */
export function runRef(ref: string): string {
  return `${OPEN_RUN}${ref}`;
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
  const hiding: string[] = [];
  for (let at = index; at >= 0; at = model.parent[at] ?? -1) {
    const first = seen.runs.firstOf.get(at);
    if (first !== undefined && !seen.opened.has(first)) hiding.push(runRef(model.ref(first)));
    if (at !== index && isFolded(model, seen, at)) hiding.push(model.ref(at));
  }
  return {
    folded: hiding.reduce(toggleFold, state.folded),
    root: seen.root === undefined ? undefined : state.root,
  };
}

/** Visible indexes from top to bottom. 100,000 spans take about a millisecond. */
export function visibleRows(model: TraceModel, folding: Folding): Int32Array {
  const from = folding.root ?? 0;
  const to = folding.root === undefined ? model.count : (model.end[folding.root] ?? model.count);
  const { kept } = folding;
  const rows = new Int32Array(to - from);
  let filled = 0;
  for (let index = from; index < to; ) {
    if (kept === undefined || kept[index] === 1) rows[filled++] = index;
    const run = closedRun(folding, index);
    if (run !== undefined) index = run.end;
    else index = isFolded(model, folding, index) ? (model.end[index] ?? to) : index + 1;
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
