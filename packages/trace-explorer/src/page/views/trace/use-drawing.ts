import { useMemo } from 'preact/hooks';
import type { CriticalPath } from '../../../traces/model/critical-path.ts';
import { criticalPathOf } from '../../../traces/model/critical-path.ts';
import { SpanGroups } from '../../../traces/model/span-groups.ts';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { Coloring } from './colors.ts';
import { useColoring } from './colors.ts';
import { foldingOf } from './folding.ts';
import type { TimeRange } from './grid/geometry.ts';
import type { ExtraColumn } from './grid/waterfall.tsx';
import { groupingOf } from './grouping.ts';
import { clip, wholeRange } from './time-range.ts';
import type { TraceState } from './trace-state.ts';
import { NO_SPAN } from './trace-state.ts';
import { useColumns } from './use-columns.ts';
import { useSearch } from './use-search.ts';
import type { Folding } from './visible-rows.ts';
import { visibleRows } from './visible-rows.ts';

/** What is drawn of a trace, as the state has it. */
export interface TraceDrawing {
  readonly coloring: Coloring;
  readonly columns: readonly ExtraColumn[];
  readonly folding: Folding;
  readonly groups: SpanGroups;
  /** Places from top to bottom. */
  readonly rows: Int32Array;
  /** The time that zooming ends at, and the part of it that is shown. */
  readonly full: TimeRange;
  readonly range: TimeRange;
  /** Place of the selected span, -1 for none. */
  readonly selected: number;
  /** Places that match the search, in order; undefined while there is none. */
  readonly found: readonly number[] | undefined;
  readonly matches: ReadonlySet<number> | undefined;
  readonly criticalPath: CriticalPath | undefined;
}

/**
 * Works out what is drawn; each part only when what it depends on has changed. `withRoot` selects the first row where
 * the state names none.
 */
export function useDrawing(model: TraceModel, state: TraceState, withRoot: boolean): TraceDrawing {
  const coloring = useColoring(model, state.color);
  const columns = useColumns(model, state.columns);
  const found = useSearch(model, state.search);
  const groups = useMemo(() => new SpanGroups(model), [model]);
  const folding = useMemo(
    () => ({ ...foldingOf(model, state), groupAt: groupingOf(groups, model, state, found) }),
    [
      model,
      state.folded.join(),
      state.opened.join(),
      state.depth,
      state.root,
      groups,
      state.apart.join(),
      state.each,
      state.criticalPath,
      groups.of(state.span === undefined ? -1 : model.placeOf(state.span)) && state.span,
      found,
    ],
  );
  const rows = useMemo(() => visibleRows(model, folding), [model, folding]);
  const full = useMemo(() => wholeRange(model, folding.root), [model, folding.root]);
  const matches = useMemo(() => found && new Set(found), [found]);
  const criticalPath = useMemo(
    () => (state.criticalPath && model.comparison === undefined ? criticalPathOf(model) : undefined),
    [model, state.criticalPath],
  );
  return {
    coloring,
    columns,
    folding,
    groups,
    rows,
    full,
    range: clip(state.range, full),
    selected: selectedPlace(model, state, rows, withRoot),
    found,
    matches,
    criticalPath,
  };
}

function selectedPlace(model: TraceModel, { span }: TraceState, rows: Int32Array, withRoot: boolean): number {
  if (span === NO_SPAN) return -1;
  if (span !== undefined) return model.placeOf(span);
  return withRoot ? (rows[0] ?? -1) : -1;
}
