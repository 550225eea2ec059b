import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { lazy } from '../../components/lazy.tsx';
import { ServiceColors } from '../../components/service-colors.tsx';
import { Waterfall } from './grid/waterfall.tsx';
import { SelfTime } from './header/self-time.tsx';
import { Toolbar } from './header/toolbar.tsx';
import { TraceHeader } from './header/trace-header.tsx';
import { TraceNotices } from './header/trace-notices.tsx';
import { KeyList } from './key-list.tsx';
import { Splitter } from './layout/splitter.tsx';
import { useMedia } from './layout/use-media.ts';
import { useStoredSize } from './layout/use-stored.ts';
import { LinePanel } from './logs/line-panel.tsx';
import { useTraceLogs } from './logs/use-trace-logs.ts';
import { Overview } from './overview/overview.tsx';
import { SpanPanel } from './panel/span-panel.tsx';
import { useShortcuts } from './shortcuts.ts';
import type { TraceState } from './trace-state.ts';
import { NO_SPAN } from './trace-state.ts';
import { useActions } from './use-actions.ts';
import { useDrawing } from './use-drawing.ts';

const LogsPane = lazy(() => import('./logs/logs-pane.tsx'));

export interface TraceScreenProps {
  readonly model: TraceModel;
  readonly state: TraceState;
  /** Spans that have arrived since. */
  readonly waiting: number;
  /** Why reading it again, or reading the other trace, failed. */
  readonly error: Error | undefined;
  readonly onReload: () => void;
}

/** From this width of the window on the panel has room beside the waterfall. */
const PANEL_ROOM = '(min-width: 1080px)';

/** Pixels. */
const NAMES = [140, 900] as const;
const PANEL = [280, 900] as const;

/** A trace on the whole screen: overview, waterfall, the selected span. */
export function TraceScreen({ model, state, waiting, error, onReload }: TraceScreenProps) {
  const [help, setHelp] = useState(false);
  const searchBox = useRef<HTMLInputElement>(null);
  const screen = useRef<HTMLDivElement>(null);
  const hasPanelRoom = useMedia(PANEL_ROOM);
  const [names, setNames] = useStoredSize('names', 300, NAMES);
  const [panel, setPanel] = useStoredSize('panel', 400, PANEL);
  const drawing = useDrawing(model, state, hasPanelRoom);
  const { coloring, columns, folding, groups, rows, full, range, selected, found, matches, criticalPath } =
    drawing;
  const { logs, ...read } = useTraceLogs(model, state.asSent);
  const line = state.line === undefined ? undefined : logs.lines.find(({ entry }) => entry.id === state.line);
  /** A line that no span's panel has. */
  const lone = selected < 0 && line !== undefined && line.place < 0 ? line : undefined;
  const withPanel = selected >= 0 || lone !== undefined;
  const { change, select, toggle, move, step, stepErrors, goTo, choose, zoomTo, zoomBy, subtree } =
    useActions(model, state, drawing);

  /** The focus goes to the span's tabs; a line without a span has a heading only. */
  const focusPanel = useCallback(() => {
    const find = (selector: string) => screen.current?.querySelector<HTMLElement>(`.span-panel ${selector}`);
    requestAnimationFrame(() => (find('[role="tab"][tabindex="0"]') ?? find('h2'))?.focus());
  }, []);
  const open = useCallback(
    (place: number) => {
      select(place);
      focusPanel();
    },
    [select],
  );
  const focusGrid = () => screen.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  const closePanel = () => {
    change({ span: NO_SPAN, line: undefined });
    focusGrid();
  };
  const closeLogs = () => {
    if (document.activeElement?.closest('.trace-logs')) focusGrid();
    change({ logs: false });
  };
  /** Takes one thing back: first the list of keys, then the search, the selection, and the zoom. */
  const close = () => {
    if (help) setHelp(false);
    else if (document.activeElement === searchBox.current) focusGrid();
    else if (state.search !== '') change({ search: '' });
    else if (withPanel) closePanel();
    else if (state.logs) closeLogs();
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
  /** The focus goes along, so that a screen reader says where. */
  const walk = (by: number) => {
    focusGrid();
    move(by);
  };
  // On a small screen the panel lies over the lower part: the waterfall goes to the top of what is left.
  useEffect(() => {
    if (withPanel && !hasPanelRoom) {
      screen.current?.querySelector('.trace-main')?.scrollIntoView({ block: 'start' });
    }
  }, [withPanel, hasPanelRoom]);
  useShortcuts({
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => enterGrid(1),
    ArrowUp: () => enterGrid(-1),
    '/': () => searchBox.current?.focus(),
    n: () => step(found ?? [], 1),
    N: () => step(found ?? [], -1),
    e: () => stepErrors(1),
    E: () => stepErrors(-1),
    z: subtree,
    c: () => change({ criticalPath: !state.criticalPath }),
    u: () => change({ each: !state.each, apart: [] }),
    l: () => change({ logs: !state.logs }),
    '+': () => zoomBy(0.5),
    '-': () => zoomBy(2),
    '0': () => zoomTo(undefined),
    '?': () => setHelp(!help),
    Escape: close,
  });
  const panelSplitter = (what: 'line' | 'span') => (
    <Splitter
      label={`Width of the ${what}'s details`}
      size={panel}
      limits={PANEL}
      side="right"
      onSize={setPanel}
    />
  );
  return (
    <div class="trace-parts" ref={screen}>
      <TraceHeader
        model={model}
        span={selected < 0 ? undefined : model.ref(selected)}
        selected={selected}
        compare={state.compare}
        onCompare={(compare) => change({ compare }, { step: true })}
        onHelp={() => setHelp(!help)}
        onGoTo={goTo}
      />
      <TraceNotices
        model={model}
        waiting={waiting}
        logs={logs}
        onReload={onReload}
        onLines={() => change({ logs: true, logLevel: undefined, logText: '' })}
        onStep={(places) => step(places, 1)}
      />
      {error !== undefined && <ErrorState error={error} onRetry={onReload} />}
      {read.error !== undefined && <ErrorState error={read.error} onRetry={read.reload} />}
      <SelfTime coloring={coloring} />
      <Toolbar
        model={model}
        state={state}
        searchBox={searchBox}
        matches={found}
        match={found === undefined ? 0 : found.indexOf(selected) + 1}
        onChange={change}
        onMatch={(by) => step(found ?? [], by)}
        onError={stepErrors}
        hasGroups={groups.size > 0}
        logs={logs}
      />
      <div class={withPanel ? 'trace-body with-panel' : 'trace-body'} style={{ '--panel-set': `${panel}px` }}>
        <div class="trace-main">
          <Overview
            model={model}
            rows={rows}
            groupAt={folding.groupAt}
            full={full}
            range={range}
            colorOf={coloring.colorOf}
            onZoom={zoomTo}
            onJump={(row) => {
              const place = rows[Math.min(row, rows.length - 1)];
              if (place !== undefined) select(place);
            }}
          />
          <Waterfall
            model={model}
            rows={rows}
            folding={folding}
            groups={groups}
            range={range}
            selected={selected}
            colorOf={coloring.colorOf}
            columns={columns}
            criticalPath={criticalPath}
            logs={logs.byPlace}
            matches={matches}
            names={{
              width: names,
              splitter: (
                <Splitter
                  label="Width of the names"
                  size={names}
                  limits={NAMES}
                  side="left"
                  onSize={setNames}
                />
              ),
            }}
            onSelect={select}
            onToggle={toggle}
            onOpen={open}
          />
          {state.logs && (
            <ServiceColors names={coloring.services}>
              <LogsPane
                traceId={model.traceId}
                logs={logs}
                level={state.logLevel}
                text={state.logText}
                chosen={state.line}
                span={selected}
                onChange={change}
                onChoose={choose}
                onOpen={focusPanel}
                onClose={closeLogs}
              />
            </ServiceColors>
          )}
        </div>
        {lone !== undefined && (
          <LinePanel line={lone} splitter={panelSplitter('line')} onClose={closePanel} />
        )}
        {selected >= 0 && (
          <ServiceColors names={coloring.services}>
            <SpanPanel
              model={model}
              place={selected}
              tab={state.tab}
              logs={logs.byPlace.get(selected) ?? []}
              line={state.line}
              criticalPath={criticalPath}
              columns={state.columns}
              splitter={panelSplitter('span')}
              onTab={(tab) => change({ tab })}
              onColumns={(next) => change({ columns: next })}
              onColor={(color) => change({ color })}
              onZoom={subtree}
              onClose={closePanel}
            />
          </ServiceColors>
        )}
      </div>
      {help && <KeyList onClose={() => setHelp(false)} />}
    </div>
  );
}
