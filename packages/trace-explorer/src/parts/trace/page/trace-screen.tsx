import { useEffect, useRef, useState } from 'preact/hooks';
import { NO_SPAN } from '../../../core/places/place.ts';
import type { ToldFinding } from '../../../core/traces/model/outline.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { go, placeNow } from '../../../page/browser/router.ts';
import { useKeys } from '../../../page/browser/use-keys.ts';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { StallLegend } from './grid/stall-bars.tsx';
import { Waterfall } from './grid/waterfall.tsx';
import { Findings } from './header/findings.tsx';
import { SelfTimeLegend } from './header/self-time.tsx';
import { SpanSearch } from './header/span-search.tsx';
import { TraceToolbar } from './header/toolbar.tsx';
import { TraceHeader } from './header/trace-header.tsx';
import { TraceNotices } from './header/trace-notices.tsx';
import { useIsNarrow } from './layout/use-is-narrow.ts';
import { useSplitter } from './layout/use-splitter.tsx';
import { useHasLogs } from './log-pane/use-has-logs.ts';
import { useTraceLogs } from './log-pane/use-trace-logs.ts';
import { Minimap } from './minimap/minimap.tsx';
import type { TraceState } from './state/trace-state.ts';
import { readTraceState, stateParams } from './state/trace-state.ts';
import { useActions } from './state/use-actions.ts';
import { useDrawing } from './state/use-drawing.ts';
import { useFindings } from './state/use-findings.ts';

export interface TraceScreenProps {
  readonly model: TraceModel;
  /** What is wrong with it, where its outline says so. */
  readonly told: readonly ToldFinding[] | undefined;
  readonly state: TraceState;
  readonly waiting: number;
  /** The reason that reading the trace again, or reading the other trace, failed. */
  readonly error: Error | undefined;
  readonly onReload: () => void;
}

const later = () => import('./header/later.ts');
const Help = lazy(async () => ({ default: (await later()).Help }));
const LogsPane = lazy(async () => ({ default: (await later()).LogsPane }));
const SpanPanel = lazy(async () => ({ default: (await later()).SpanPanel }));

/** A window with at least this width has room for whole names and values. */
const WIDE = 1800;

/** A trace on the whole screen: its faults, waterfall, the whole trace as a small picture, selected span. */
export function TraceScreen({ model, told, state, waiting, error, onReload }: TraceScreenProps) {
  const [help, setHelp] = useState(false);
  const [tools, setTools] = useState(false);
  const screen = useRef<HTMLDivElement>(null);
  const isWide = innerWidth >= WIDE;
  const isNarrow = useIsNarrow();
  const names = useSplitter({
    name: 'names',
    label: 'Width of the names',
    usual: isWide ? 520 : Math.max(300, 0.27 * innerWidth),
    limits: [220, 900],
    side: 'left',
  });
  const panel = useSplitter({
    name: 'panel',
    label: "Width of the span's details",
    usual: isWide ? 520 : 392,
    limits: [280, 900],
    side: 'right',
  });
  const { logs, ...read } = useTraceLogs(model, state.asSent);
  const { findings, error: unread } = useFindings(model, told);
  const shown = useActions(useDrawing(model, state, logs, findings), (changes, step) => {
    const params = stateParams({ ...readTraceState(placeNow()), ...changes });
    go({ view: 'trace', id: model.traceId, params }, { replace: !step });
  });
  const { coloring, selected, found = [], change, select, move, zoomTo, zoomBy, subtree } = shown;
  const withPanel = selected >= 0;
  const main = useRef<HTMLDivElement>(null);
  const hasLogs = useHasLogs(main, shown);
  // Loaded ahead of its use, because keys that are pressed meanwhile would be lost. A failure is shown in its place.
  useEffect(() => void SpanPanel.load().catch(() => {}), []);
  // A new search goes to its first match. A link to a search shows the span that it names.
  const searched = useRef(state.search);
  const isNewSearch = state.search !== '' && state.search !== searched.current;
  useEffect(() => {
    if (isNewSearch) shown.goTo(found.includes(selected) ? selected : found[0]);
  }, [isNewSearch, shown.found]);

  const focusPanel = () => {
    const tab = '.span-panel [role="tab"][tabindex="0"]';
    requestAnimationFrame(() => screen.current?.querySelector<HTMLElement>(tab)?.focus());
  };
  const open = (index: number) => {
    select(index);
    focusPanel();
  };
  const focusGrid = () => screen.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  const closePanel = () => {
    change({ span: NO_SPAN, line: undefined });
    focusGrid();
  };
  const closeLogs = () => {
    if (document.activeElement?.closest('.trace-logs')) focusGrid();
    change({ logs: false });
  };
  /** Clears one thing: first the search, then the selection, then the zoom. */
  const close = () => {
    if (document.activeElement?.matches('.span-search input')) focusGrid();
    else if (state.search !== '') change({ search: '' });
    else if (state.finding !== undefined) change({ finding: undefined });
    else if (withPanel) closePanel();
    else if (state.logs) closeLogs();
    else if (state.range !== undefined) change({ range: undefined });
    else if (state.root !== undefined) subtree();
  };
  // Without a focused element, arrow keys go to the tree.
  const enterGrid = (by: number) => {
    const focused = document.activeElement;
    if (focused !== document.body && focused?.id !== 'view') return false;
    focusGrid();
    return move(by);
  };
  /** Moves the focus along, so that a screen reader names the new row. */
  const walk = (by: number) => {
    focusGrid();
    move(by);
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => enterGrid(1),
    ArrowUp: () => enterGrid(-1),
    n: () => shown.stepMatches(1),
    N: () => shown.stepMatches(-1),
    e: () => shown.stepErrors(1),
    E: () => shown.stepErrors(-1),
    z: subtree,
    c: () => change({ criticalPath: !state.criticalPath }),
    l: () => change({ logs: !hasLogs }),
    o: () => model.linked.length > 0 && change({ linked: !state.linked }),
    '+': () => zoomBy(0.5),
    '-': () => zoomBy(2),
    '0': () => zoomTo(undefined),
    '?': () => setHelp(true),
    Escape: close,
  });
  const toolbar = <TraceToolbar shown={shown} hasLogs={hasLogs} />;
  return (
    <div class={tools ? 'trace-parts tools-open' : 'trace-parts'} ref={screen}>
      <section class="trace-head band parts">
        <TraceHeader
          shown={shown}
          hasTools={tools}
          onTools={() => setTools(!tools)}
          onHelp={() => setHelp(true)}
        />
        <div class="own-time strip">
          <SelfTimeLegend coloring={coloring} />
          <StallLegend model={model} />
        </div>
        {!isNarrow && toolbar}
        <Findings shown={shown} />
        <TraceNotices shown={shown} waiting={waiting} onReload={onReload} />
        {error !== undefined && <ErrorState error={error} onRetry={onReload} />}
        {unread !== undefined && <ErrorState error={unread} onRetry={onReload} />}
        {read.error !== undefined && <ErrorState error={read.error} onRetry={read.reload} />}
      </section>
      <div
        class={`trace-body${withPanel ? ' with-panel' : ''}${state.span === undefined ? ' by-itself' : ''}`}
        style={{ '--panel-set': `${panel.width}px` }}
      >
        <div class="trace-main" ref={main} style={{ '--names-set': `${names.width}px` }}>
          <Minimap shown={shown} />
          <div class={shown.found === undefined ? 'span-tools strip' : 'span-tools line'}>
            <SpanSearch shown={shown} />
            {isNarrow && toolbar}
          </div>
          <Waterfall shown={shown} onOpen={open} names={names} />
          {hasLogs && <LogsPane shown={shown} onOpen={focusPanel} onClose={closeLogs} />}
        </div>
        {withPanel && (
          // Here before the panel's code, so that nothing moves when that comes.
          <aside class="span-panel sheet" aria-label="Selected span">
            {panel.splitter}
            <SpanPanel shown={shown} onClose={closePanel} />
          </aside>
        )}
      </div>
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}
