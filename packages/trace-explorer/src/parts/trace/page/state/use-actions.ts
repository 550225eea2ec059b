import { useRef } from 'preact/hooks';
import { findingKey } from '../../../../core/traces/findings/finding.ts';
import { nextError } from './error-order.ts';
import { closedRun, openRun, reveal, rowOf, runRef, toggleFold } from './folding.ts';
import type { LineRange } from './geometry.ts';
import { middleOf, scaled } from './geometry.ts';
import type { TraceLog } from './trace-logs.ts';
import type { TraceState } from './trace-state.ts';
import { MAX_COLUMNS } from './trace-state.ts';
import type { TraceDrawing } from './use-drawing.ts';
import type { ShownFinding } from './use-findings.ts';

/** A displayed trace with all of its actions. */
export type ShownTrace = ReturnType<typeof useActions>;

/**
 * A drawing with actions on its trace, by pointer and by key. Each action changes the state.
 * @param write adds changes to the newest state, which may be newer than the drawn one: a letter typed meanwhile stays. The
 *   result replaces the present entry, or is a step of the browser's history
 */
export function useActions(
  drawing: TraceDrawing,
  write: (changes: Partial<TraceState>, step: boolean) => void,
) {
  const { model, rows, folding, full, range, selected, state } = drawing;
  /** The error that the last step selected. */
  const stepped = useRef(-1);
  /** Changes the state: in the present entry, or as a step of the browser's history. */
  const change = (changes: Partial<TraceState>, { step = false } = {}) => write(changes, step);
  const selection = (index: number) => ({ span: model.ref(index), line: undefined });
  const select = (index: number) => change(selection(index));
  const revealed = (index: number) => reveal(model, drawing, index);
  /** Selects an index and unfolds everything that hides it. */
  const goTo = (index: number | undefined) => {
    if (index !== undefined) change({ ...revealed(index), ...selection(index) });
  };
  const zoomTo = (next: LineRange | undefined) => {
    const isWhole = next !== undefined && next[0] <= full[0] && next[1] >= full[1];
    change({ range: isWhole ? undefined : next });
  };
  return {
    ...drawing,
    change,
    select,
    toggleColumn(name: string) {
      const others = state.columns.filter((column) => column !== name);
      const columns = others.length < state.columns.length ? others : [...others, name];
      change({ columns: columns.slice(-MAX_COLUMNS) });
    },
    /** Opens the row of equal siblings; else folds an unfolded span, or unfolds a folded one. */
    toggle(index: number) {
      const ref = model.ref(index);
      change({ folded: toggleFold(state.folded, closedRun(folding, index) ? runRef(ref) : ref) });
    },
    /** Makes one row of the open equal siblings of a span. */
    closeRun(index: number) {
      const first = openRun(folding, index);
      if (first === undefined) return;
      change({ folded: toggleFold(state.folded, runRef(model.ref(first))), ...selection(first) });
    },
    /** Selects the row that is `by` rows further down. */
    move(by: number) {
      const row = selected < 0 ? -1 : rowOf(rows, selected);
      const index = rows[Math.min(rows.length - 1, Math.max(0, row + by))];
      if (index !== undefined) select(index);
    },
    /** Selects the next or previous match, and unfolds everything that hides it. */
    stepMatches(by: 1 | -1) {
      goTo(nextOf(drawing.found ?? [], selected, by));
    },
    /** Selects the next or previous error. The first step goes to the error that caused the others. */
    stepErrors(by: 1 | -1) {
      const next = nextError(model, { selected, stepped: stepped.current }, by);
      stepped.current = next ?? -1;
      goTo(next);
    },
    goTo,
    /** Marks a finding's spans and selects the first one. Choosing the finding again removes the marks. */
    chooseFinding(finding: ShownFinding) {
      const [key, [first = -1]] = [findingKey(model, finding), finding.indexes];
      if (state.finding === key || first < 0) return change({ finding: undefined });
      change({ ...revealed(first), ...selection(first), finding: key, search: '' });
    },
    /** Chooses a log line and shows it among its span's events. A line without a span unfolds, then folds again. */
    choose({ entry, index }: TraceLog) {
      if (index < 0) change({ line: entry.id === state.line ? undefined : entry.id });
      else change({ ...revealed(index), span: model.ref(index), tab: 'events', line: entry.id });
    },
    zoomTo,
    zoomBy(factor: number) {
      const start = model.offset[selected] ?? 0;
      const end = start + (model.length[selected] ?? 0);
      // Zooms towards the selected span, because a key names no other span.
      const middle = factor < 1 && selected >= 0 ? middleOf(start, end, range) : undefined;
      zoomTo(scaled(range, full, factor, middle));
    },
    /** Shows only the selected subtree, or everything again. */
    subtree() {
      if (state.root !== undefined) change({ root: undefined, range: undefined }, { step: true });
      else if (selected >= 0) change({ root: model.ref(selected), range: undefined }, { step: true });
    },
  };
}

/** The next of some indexes after the selected one. After the last index comes the first. */
function nextOf(indexes: readonly number[], selected: number, by: 1 | -1): number | undefined {
  if (by > 0) return indexes.find((index) => index > selected) ?? indexes[0];
  return indexes.findLast((index) => index < selected) ?? indexes.at(-1);
}
