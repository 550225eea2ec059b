import { useMemo } from 'preact/hooks';
import { NO_SPAN } from '../../../../core/places/place.ts';
import { findingKey } from '../../../../core/traces/findings/finding.ts';
import { criticalPathOf } from '../../../../core/traces/model/critical-path.ts';
import { movedTimes } from '../../../../core/traces/model/stalls.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useColoring } from './colors.ts';
import { useFieldTexts } from './field-texts.ts';
import { foldingOf, visibleRows } from './folding.ts';
import { clip, wholeRange } from './geometry.ts';
import { runsOf } from './runs.ts';
import type { TraceLogs } from './trace-logs.ts';
import type { TraceState } from './trace-state.ts';
import type { ShownFinding } from './use-findings.ts';
import { useSearch } from './use-search.ts';

/** The drawn parts of a trace in a state. */
export type TraceDrawing = ReturnType<typeof useDrawing>;

/**
 * Works out the drawn parts. Each part is worked out again only when its inputs have changed.
 * @param findings of which one can be chosen
 */
export function useDrawing(
  model: TraceModel,
  state: TraceState,
  logs: TraceLogs,
  findings: readonly ShownFinding[] = [],
) {
  const texts = useFieldTexts(
    model,
    state.color === undefined ? state.columns : [...state.columns, state.color],
  );
  const coloring = useColoring(model, state.color === undefined ? undefined : texts.get(state.color));
  const columns = state.columns.map((name) => ({ name, textOf: texts.get(name) }));
  const chosen = findings.find((finding) => findingKey(model, finding) === state.finding);
  /** Spans that match the search, or of the chosen finding, in order. Undefined without either. */
  const found = useSearch(model, state.search) ?? chosen?.indexes;
  const { folded, depth, root, span } = state;
  const runs = useMemo(() => runsOf(model), [model]);
  const matching = state.onlyMatches ? found : undefined;
  const folding = useMemo(
    () => foldingOf(model, state, { runs, matches: matching }),
    [model, folded.join(), depth, root, matching],
  );
  /** Indexes from top to bottom. */
  const rows = useMemo(() => visibleRows(model, folding), [model, folding]);
  /** The largest range of zooming. */
  const full = useMemo(() => wholeRange(model, folding.root), [model, folding.root]);
  const matches = useMemo(() => found && new Set(found), [found]);
  const criticalPath = useMemo(
    () =>
      state.criticalPath && model.own === undefined ? criticalPathOf(model, movedTimes(model)) : undefined,
    [model, state.criticalPath],
  );
  /** Index of the selected span, -1 for none. */
  const selected = span === NO_SPAN ? -1 : span === undefined ? (rows[0] ?? -1) : model.indexOf(span);
  const range = clip(state.range, full);
  const drawn = { coloring, columns, folding, rows, full, range, findings, found, matches, criticalPath };
  return { model, state, logs, selected, ...drawn };
}
