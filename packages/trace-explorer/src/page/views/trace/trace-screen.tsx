import { useCallback, useRef, useState } from 'preact/hooks';
import { ErrorState } from '../../components/error-state.tsx';
import { Waterfall } from './grid/waterfall.tsx';
import { Toolbar } from './header/toolbar.tsx';
import { TraceHeader } from './header/trace-header.tsx';
import { TraceNotices } from './header/trace-notices.tsx';
import { KeyList } from './key-list.tsx';
import { Legend } from './legend.tsx';
import type { TraceModel } from './model/trace-model.ts';
import { Overview } from './overview/overview.tsx';
import { SpanPanel } from './panel/span-panel.tsx';
import { useShortcuts } from './shortcuts.ts';
import type { TraceState } from './trace-state.ts';
import { useActions } from './use-actions.ts';
import { useDrawing } from './use-drawing.ts';

export interface TraceScreenProps {
  readonly model: TraceModel;
  readonly state: TraceState;
  /** Spans that have arrived since. */
  readonly waiting: number;
  /** Why reading it again, or reading the other trace, failed. */
  readonly error: Error | undefined;
  readonly onReload: () => void;
}

/** A trace on the whole screen: overview, waterfall, the selected span. */
export function TraceScreen({ model, state, waiting, error, onReload }: TraceScreenProps) {
  const [help, setHelp] = useState(false);
  const sight = useRef<(first: number, shown: number) => void>(undefined);
  const searchBox = useRef<HTMLInputElement>(null);
  const screen = useRef<HTMLDivElement>(null);
  const drawing = useDrawing(model, state);
  const { coloring, columns, folding, rows, full, range, selected, found, matches, criticalPath } = drawing;
  const { change, select, toggle, move, step, zoomTo, zoomBy, subtree } = useActions(model, state, drawing);

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
  const focusGrid = () => screen.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  const closePanel = () => {
    change({ span: undefined });
    focusGrid();
  };
  /** Takes one thing back: first the list of keys, then the search, the selection, and the zoom. */
  const close = () => {
    if (help) setHelp(false);
    else if (document.activeElement === searchBox.current) focusGrid();
    else if (state.search !== '') change({ search: '' });
    else if (selected >= 0) closePanel();
    else if (state.range !== undefined) change({ range: undefined });
    else if (state.root !== undefined) subtree();
  };
  // When nothing has the focus, arrow keys go to the tree.
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
    '+': () => zoomBy(0.5),
    '-': () => zoomBy(2),
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
        colorOf={coloring.colorOf}
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
          colorOf={coloring.colorOf}
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
            onClose={closePanel}
          />
        )}
      </div>
      {help && <KeyList onClose={() => setHelp(false)} />}
    </div>
  );
}
