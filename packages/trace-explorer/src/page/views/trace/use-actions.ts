import { useCallback, useRef } from 'preact/hooks';
import { nextError } from '../../../traces/model/errors.ts';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import { go } from '../../shell/router.ts';
import { reveal, toggleFold } from './folding.ts';
import type { TimeRange } from './grid/geometry.ts';
import { toggleGroup } from './grouping.ts';
import type { TraceLog } from './logs/trace-logs.ts';
import { isWhole, middleOf, scaled } from './time-range.ts';
import type { TraceState } from './trace-state.ts';
import { NO_SPAN, traceParams } from './trace-state.ts';
import { MAX_COLUMNS } from './use-columns.ts';
import type { TraceDrawing } from './use-drawing.ts';
import { rowOf } from './visible-rows.ts';

/** What a person can do with a trace, by pointer and by key; all of it ends in the URL. */
export interface TraceActions {
  /** Changes the state: in place, or as a step of the browser's history. */
  change(changes: Partial<TraceState>, options?: { step?: boolean }): void;
  select(place: number): void;
  /** Folds an open span, opens a folded one. */
  toggle(place: number): void;
  /** Selects the row that is `by` rows further down. */
  move(by: number): void;
  /** Selects the next or previous of some places and opens whatever hides it; after the last comes the first. */
  step(places: readonly number[], by: 1 | -1): void;
  /** The same through errors: first to the one that caused the others. */
  stepErrors(by: 1 | -1): void;
  /** Selects a place and opens whatever hides it. */
  goTo(place: number): void;
  /** Chooses a log line: its span is selected, and its events and lines are shown; one without a span is shown by itself. */
  choose(line: TraceLog): void;
  zoomTo(range: TimeRange | undefined): void;
  zoomBy(factor: number): void;
  /** Shows the selected subtree alone, or everything again. */
  subtree(): void;
}

/** The actions. `change`, `select` and `toggle` stay the same functions, so that rows are not drawn again. */
export function useActions(model: TraceModel, state: TraceState, drawing: TraceDrawing): TraceActions {
  const { rows, full, range, selected, groups } = drawing;
  const latest = useRef({ model, state, groups });
  latest.current = { model, state, groups };
  /** The error that was stepped to last. */
  const stepped = useRef(-1);
  const change = useCallback((changes: Partial<TraceState>, { step = false } = {}) => {
    const { columns, ...others } = { ...latest.current.state, ...changes };
    const next = { ...others, columns: columns.slice(-MAX_COLUMNS) };
    latest.current = { ...latest.current, state: next };
    go({ view: 'trace', id: latest.current.model.traceId, params: traceParams(next) }, { replace: !step });
  }, []);
  const select = useCallback(
    (place: number) => change({ span: latest.current.model.ref(place), line: undefined }),
    [change],
  );
  const toggle = useCallback(
    (place: number) => {
      const { model: shown, state: now, groups: known } = latest.current;
      const group = known.at(place);
      change(group === undefined ? toggleFold(shown, now, place) : toggleGroup(shown, now, group));
    },
    [change],
  );
  /** Opens what hides a place, a group of equal neighbours too. */
  const revealed = (shown: TraceModel, now: TraceState, place: number) => {
    const group = latest.current.groups.of(place);
    const isApart = group === undefined || drawing.folding.groupAt?.(group.first) === undefined;
    return { ...reveal(shown, now, place), ...(isApart ? {} : toggleGroup(shown, now, group)) };
  };
  const goTo = (place: number | undefined) => {
    if (place !== undefined)
      change({ ...revealed(model, state, place), span: model.ref(place), line: undefined });
  };
  const zoomTo = (next: TimeRange | undefined) =>
    change({ range: next === undefined || isWhole(next, full) ? undefined : next });
  return {
    change,
    select,
    toggle,
    move(by) {
      const row = selected < 0 ? -1 : rowOf(rows, selected);
      const place = rows[Math.min(rows.length - 1, Math.max(0, row + by))];
      if (place !== undefined) select(place);
    },
    step(places, by) {
      goTo(nextOf(places, selected, by));
    },
    stepErrors(by) {
      const next = nextError(model, { selected, stepped: stepped.current }, by);
      stepped.current = next ?? -1;
      goTo(next);
    },
    goTo,
    choose({ entry, place }) {
      const { model: shown, state: now } = latest.current;
      if (place < 0) change({ line: entry.id, span: NO_SPAN });
      else change({ ...revealed(shown, now, place), span: shown.ref(place), tab: 'events', line: entry.id });
    },
    zoomTo,
    zoomBy(factor) {
      const start = model.offset[selected] ?? 0;
      const end = start + (model.length[selected] ?? 0);
      // Inwards to what is selected: by keys there is no other way to say where.
      const middle = factor < 1 && selected >= 0 ? middleOf(start, end, range) : undefined;
      zoomTo(scaled(range, full, factor, middle));
    },
    subtree() {
      if (state.root !== undefined) change({ root: undefined, range: undefined }, { step: true });
      else if (selected >= 0) change({ root: model.ref(selected), range: undefined }, { step: true });
    },
  };
}

/** The next of some places after the selected one; after the last comes the first. */
function nextOf(places: readonly number[], selected: number, by: 1 | -1): number | undefined {
  if (by > 0) return places.find((place) => place > selected) ?? places[0];
  return places.findLast((place) => place < selected) ?? places.at(-1);
}
