import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { ErrorState } from '../../client/components/error-state.tsx';
import { formatCount } from '../../client/format.ts';
import { go } from '../../client/router.ts';
import type { Coloring } from './colors.ts';
import { useColoring, useFieldValues } from './colors.ts';
import { foldingOf, reveal, toggleFold } from './folding.ts';
import type { TimeRange } from './grid/geometry.ts';
import type { ExtraColumn } from './grid/waterfall.tsx';
import { Waterfall } from './grid/waterfall.tsx';
import { Toolbar } from './header/toolbar.tsx';
import { TraceHeader } from './header/trace-header.tsx';
import { TraceNotices } from './header/trace-notices.tsx';
import { KeyList } from './key-list.tsx';
import { criticalPathOf } from './model/critical-path.ts';
import type { TraceModel } from './model/trace-model.ts';
import { rowOf, visibleRows } from './model/visible-rows.ts';
import { Overview } from './overview/overview.tsx';
import { SpanPanel } from './panel/span-panel.tsx';
import { useShortcuts } from './shortcuts.ts';
import type { TraceState } from './trace-state.ts';
import { traceParams } from './trace-state.ts';
import { useSearch } from './use-search.ts';

export interface TraceScreenProps {
  readonly model: TraceModel;
  readonly state: TraceState;
  /** Spans that have arrived since. */
  readonly waiting: number;
  /** Of reading it anew, or of reading the other trace. */
  readonly error: Error | undefined;
  readonly onReload: () => void;
}

/** A trace on the whole screen: overview, waterfall, the selected span. */
export function TraceScreen({ model, state, waiting, error, onReload }: TraceScreenProps) {
  const [help, setHelp] = useState(false);
  const sight = useRef<(first: number, shown: number) => void>(undefined);
  const searchBox = useRef<HTMLInputElement>(null);
  const screen = useRef<HTMLDivElement>(null);
  const coloring = useColoring(model, state.color);
  const { colorOf } = coloring;
  const columns = useColumns(model, state.columns);
  const folding = useMemo(
    () => foldingOf(model, state),
    [model, state.folded.join(), state.opened.join(), state.depth, state.root],
  );
  const rows = useMemo(() => visibleRows(model, folding), [model, folding]);
  const full = useMemo(() => wholeRange(model, folding.root), [model, folding.root]);
  const range = clip(state.range, full);
  const selected = state.span === undefined ? -1 : model.placeOf(state.span);
  const found = useSearch(model, state.search);
  const matches = useMemo(() => found && new Set(found), [found]);
  const criticalPath = useMemo(
    () => (state.criticalPath && model.comparison === undefined ? criticalPathOf(model) : undefined),
    [model, state.criticalPath],
  );

  const latest = useRef({ model, state });
  latest.current = { model, state };
  const change = useCallback((changes: Partial<TraceState>, { step = false } = {}) => {
    const { columns, ...others } = { ...latest.current.state, ...changes };
    const next = { ...others, columns: columns.slice(-maxColumns) };
    latest.current = { ...latest.current, state: next };
    go({ view: 'trace', id: latest.current.model.traceId, params: traceParams(next) }, { replace: !step });
  }, []);
  const select = useCallback((place: number) => change({ span: latest.current.model.ref(place) }), [change]);
  const toggle = useCallback(
    (place: number) => change(toggleFold(latest.current.model, latest.current.state, place)),
    [change],
  );
  const open = useCallback(
    (place: number) => {
      select(place);
      requestAnimationFrame(() =>
        screen.current?.querySelector<HTMLElement>('.span-panel [role="tab"][tabindex="0"]')?.focus(),
      );
    },
    [select],
  );
  const onScroll = useCallback((first: number, shown: number) => sight.current?.(first, shown), []);
  const show = (place: number) => change({ ...reveal(model, state, place), span: model.ref(place) });
  const step = (places: readonly number[], by: 1 | -1) => {
    const at = nextOf(places, selected, by);
    if (at !== undefined) show(at);
  };
  const move = (by: number) => {
    const row = selected < 0 ? -1 : rowOf(rows, selected);
    const place = rows[Math.min(rows.length - 1, Math.max(0, row + by))];
    if (place !== undefined) select(place);
  };
  const zoomTo = (next: TimeRange | undefined) =>
    change({ range: next === undefined || isWhole(next, full) ? undefined : next });
  const subtree = () => {
    if (state.root !== undefined) change({ root: undefined, range: undefined }, { step: true });
    else if (selected >= 0) change({ root: model.ref(selected), range: undefined }, { step: true });
  };
  const close = () => {
    if (help) setHelp(false);
    else if (document.activeElement === searchBox.current) focusGrid();
    else if (state.search !== '') change({ search: '' });
    else if (selected >= 0) {
      change({ span: undefined });
      focusGrid();
    } else if (state.range !== undefined) change({ range: undefined });
    else if (state.root !== undefined) subtree();
  };
  const focusGrid = () => screen.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  // With the focus nowhere, arrows mean the tree.
  const enterGrid = (by: number) => {
    const focused = document.activeElement;
    if (focused !== document.body && focused?.id !== 'view') return false;
    focusGrid();
    return move(by);
  };
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => enterGrid(1),
    ArrowUp: () => enterGrid(-1),
    '/': () => searchBox.current?.focus(),
    n: () => step(found ?? [], 1),
    N: () => step(found ?? [], -1),
    e: () => step(model.errors, 1),
    E: () => step(model.errors, -1),
    z: subtree,
    c: () => change({ criticalPath: !state.criticalPath }),
    '+': () => zoomTo(scaled(range, full, 0.5)),
    '-': () => zoomTo(scaled(range, full, 2)),
    '0': () => zoomTo(undefined),
    '?': () => setHelp(!help),
    Escape: close,
  });
  return (
    <div class="trace-screen" ref={screen}>
      <TraceHeader
        model={model}
        span={state.span}
        compare={state.compare}
        onCompare={(compare) => change({ compare }, { step: true })}
        onHelp={() => setHelp(!help)}
      />
      <TraceNotices model={model} waiting={waiting} onReload={onReload} />
      {error !== undefined && <ErrorState error={error} onRetry={onReload} />}
      <Toolbar
        model={model}
        state={state}
        searchBox={searchBox}
        matches={found}
        match={found === undefined ? 0 : found.indexOf(selected) + 1}
        onChange={change}
        onMatch={(by) => step(found ?? [], by)}
        onError={(by) => step(model.errors, by)}
      />
      <Legend coloring={coloring} />
      <Overview
        model={model}
        rows={rows}
        full={full}
        range={range}
        colorOf={colorOf}
        sight={sight}
        onZoom={zoomTo}
        onJump={(row) => {
          const place = rows[Math.min(row, rows.length - 1)];
          if (place !== undefined) select(place);
        }}
      />
      <div class={selected >= 0 ? 'trace-body with-panel' : 'trace-body'}>
        <Waterfall
          model={model}
          rows={rows}
          folding={folding}
          range={range}
          selected={selected}
          colorOf={colorOf}
          columns={columns}
          criticalPath={criticalPath}
          matches={matches}
          onSelect={select}
          onToggle={toggle}
          onOpen={open}
          onScroll={onScroll}
        />
        {selected >= 0 && (
          <SpanPanel
            model={model}
            place={selected}
            tab={state.tab}
            criticalPath={criticalPath}
            columns={state.columns}
            onTab={(tab) => change({ tab })}
            onColumns={(next) => change({ columns: next })}
            onColor={(color) => change({ color })}
            onZoom={subtree}
            onClose={() => {
              change({ span: undefined });
              focusGrid();
            }}
          />
        )}
      </div>
      {help && <KeyList onClose={() => setHelp(false)} />}
    </div>
  );
}

/** What the colours mean. */
function Legend({ coloring: { legend } }: { coloring: Coloring }) {
  const shown = legend.slice(0, 8);
  const rest = legend.length - shown.length;
  return (
    <ul class="trace-legend" aria-label="Colours">
      {shown.map(({ label, color, spans, errors }) => (
        <li key={label}>
          <span class="service-mark" style={{ background: color }} aria-hidden="true" />
          {label} <span class="muted">{formatCount(spans)}</span>
          {errors > 0 && <span class="error-text"> ✗ {formatCount(errors)}</span>}
        </li>
      ))}
      {rest > 0 && <li class="muted">and {rest} more</li>}
    </ul>
  );
}

/** Up to this many columns; their values are read when they are chosen. */
const maxColumns = 4;

function useColumns(model: TraceModel, names: readonly string[]): readonly ExtraColumn[] {
  const id = model.traceId;
  const read = [
    useFieldValues(id, names[0]),
    useFieldValues(id, names[1]),
    useFieldValues(id, names[2]),
    useFieldValues(id, names[3]),
  ];
  return useMemo(
    () =>
      names.slice(0, maxColumns).map((name, index) => ({
        name,
        textOf(place) {
          const values = read[index];
          const at = values?.value[model.source(place)] ?? -1;
          return at < 0 ? undefined : String(values?.values[at]);
        },
      })),
    [model, names.join(), ...read],
  );
}

/** The next of some places after the selected one, around the end. */
function nextOf(places: readonly number[], selected: number, by: 1 | -1): number | undefined {
  if (by > 0) return places.find((place) => place > selected) ?? places[0];
  return places.findLast((place) => place < selected) ?? places.at(-1);
}

function wholeRange(model: TraceModel, root: number | undefined): TimeRange {
  if (root === undefined) return [0, Math.max(model.duration, 1)];
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (let place = root; place < (model.end[root] ?? 0); place++) {
    const start = model.offset[place] ?? 0;
    from = Math.min(from, start);
    to = Math.max(to, start + (model.length[place] ?? 0));
  }
  return [from, Math.max(to, from + 1)];
}

function clip(range: TimeRange | undefined, full: TimeRange): TimeRange {
  if (range === undefined) return full;
  const cut: TimeRange = [Math.max(full[0], range[0]), Math.min(full[1], range[1])];
  return cut[1] > cut[0] ? cut : full;
}

function scaled([from, to]: TimeRange, full: TimeRange, factor: number): TimeRange {
  const middle = (from + to) / 2;
  const half = Math.max(((to - from) / 2) * factor, 500);
  return [Math.max(full[0], middle - half), Math.min(full[1], middle + half)];
}

function isWhole(range: TimeRange, full: TimeRange): boolean {
  return range[0] <= full[0] && range[1] >= full[1];
}
