import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogDensity, LogEntry } from '../../../core/logs/schemas.ts';
import type { LogsState } from '../../../core/places/logs-place.ts';
import {
  isNarrowed,
  LOGS_PARAMS,
  logsPlace,
  logsQuery,
  readLogsState,
} from '../../../core/places/logs-place.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { useRetry } from '../../../page/api/use-retry.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { go } from '../../../page/browser/router.ts';
import { useKeys } from '../../../page/browser/use-keys.ts';
import { useLater, usePaused } from '../../../page/browser/use-paused.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import type { LineParts } from '../../../page/log-lines/log-list.tsx';
import { LogList } from '../../../page/log-lines/log-list.tsx';
import { NothingFits } from '../../../page/start/nothing-fits.tsx';
import { counted, formatCount, formatTime, formatUtc } from '../../../page/values/format.ts';
import { DensityBars } from './density.tsx';
import { LogFilters } from './filters.tsx';
import type { LogLines } from './log-pages.ts';
import { MOST_LINES } from './log-pages.ts';
import { useLogPages, useLogTail } from './use-log-source.ts';

const OpenLine = lazy(() => import('./open-line.tsx'));

/** Milliseconds between reads of an empty list, and between counts of a tail. */
const LOOK_MS = 2000;
const COUNT_MS = 5000;
/** Milliseconds from the last letter of a text to the lines that contain it. */
const TYPED_MS = 300;

/** `/logs`: lines of all services, newest first or as they arrive. */
export default function LogsView({ place }: ViewProps) {
  const state = readLogsState(place);
  const [turn, setTurn] = useState(0);
  const refresh = () => setTurn((before) => before + 1);
  // A line that opens is a step of the browser's history, as the page of a row is elsewhere.
  const change = (changes: Partial<LogsState>) =>
    go(logsPlace({ ...state, ...changes }), {
      replace: state.open !== undefined || changes.open === undefined,
    });
  const text = usePaused(state.text, TYPED_MS);
  const asked = JSON.stringify({ ...state, text, open: undefined });
  // The query stays equal until it is asked again: `last` counts back from one moment.
  const query = useMemo(() => logsQuery({ ...state, text }).toString(), [asked, turn]);
  useViewTools({ refresh });
  // Loaded ahead of its use, so that the focus has somewhere to go when it opens.
  useEffect(() => void OpenLine.load().catch(() => {}), []);
  useKeys({
    Escape: () => {
      if (state.open === undefined) return false;
      change({ open: undefined });
    },
  });
  const list = { state, asked, query, turn, onChange: change, onRefresh: refresh };
  return (
    <div class="logs">
      <h1 class="visually-hidden">Logs</h1>
      <LogFilters state={state} turn={turn} onChange={(changes) => change({ ...changes, open: undefined })} />
      <div class={state.open === undefined ? 'logs-body' : 'logs-body with-line'}>
        <div class="logs-main">
          <Counts {...list} />
          {state.tail ? <Tail key={query} {...list} /> : <Newest {...list} />}
        </div>
        {state.open !== undefined && <OpenLine key={state.open} id={state.open} {...list} />}
      </div>
    </div>
  );
}
LogsView.params = () => LOGS_PARAMS;

interface ListProps {
  readonly state: LogsState;
  readonly asked: string;
  readonly query: string;
  readonly turn: number;
  readonly onChange: (changes: Partial<LogsState>) => void;
  readonly onRefresh: () => void;
}

function Counts({ state, query, turn, onChange }: ListProps) {
  const load = useJson<LogDensity>(`/api/logs/density?${query}`, [query, turn]);
  const { value, error, busy, reload } = load;
  useLater(reload, state.tail && !busy ? COUNT_MS : undefined, [state.tail, busy]);
  // The list shows the error.
  if (value === undefined || error !== undefined || value.total === 0) return null;
  return (
    <Stale load={load}>
      <DensityBars
        density={value}
        onRange={(start, end) => onChange({ tail: false, last: undefined, start, end })}
      />
    </Stale>
  );
}

function Newest(props: ListProps) {
  const { state, asked, query, turn, onRefresh } = props;
  const { pages, isReading } = useLogPages(asked, query, turn);
  const empty = pages !== undefined && pages.lines.length === 0;
  const nothing = empty && !pages.hasMore;
  // New lines fall into the last seconds.
  const narrowed = isNarrowed({ ...state, last: undefined });
  useLater(onRefresh, nothing && !narrowed ? LOOK_MS : undefined, [nothing, turn]);
  useRetry(pages?.error, () => pages?.retry());
  if (pages?.error !== undefined)
    return <ErrorState isAll error={pages.error} onRetry={() => pages.retry()} />;
  if (nothing)
    return (
      <NothingFits
        one="line"
        all="log lines"
        isNarrowed={narrowed}
        isTimed={state.last !== undefined}
        how="Send OTLP logs to this explorer: any OpenTelemetry SDK and the Collector can. They appear by themselves."
      />
    );
  if (pages === undefined || empty) return <Busy what="Reading log lines" rows />;
  return (
    <>
      {isReading && <Busy what="Reading log lines" />}
      <Stale load={{ stale: isReading }}>
        <Lines {...props} shown={pages} onMore={() => void pages.more()} />
      </Stale>
      {pages.lines.length >= MOST_LINES && (
        <p class="logs-more muted">
          The newest {formatCount(MOST_LINES)} lines. Narrow them, or take another time, for older ones.
        </p>
      )}
    </>
  );
}

function Tail(props: ListProps) {
  const { lines, skipped, connected, error } = useLogTail(props.query);
  const end = useRef<HTMLDivElement>(null);
  const toEnd = () => end.current?.scrollIntoView({ block: 'end' });
  const [atEnd, setAtEnd] = useState(true);
  useLayoutEffect(() => {
    const observer = new IntersectionObserver((changes) => setAtEnd(changes.at(-1)?.isIntersecting === true));
    if (end.current !== null) observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  // While the end of the list is in sight, the page scrolls with new lines.
  useLayoutEffect(() => {
    if (atEnd) toEnd();
  }, [atEnd, lines]);
  return (
    <>
      <p class="logs-tail band">
        <span role="status">
          {error !== undefined && <span class="error-text">{error.message} </span>}
          {connected ? 'Following new lines.' : 'Connecting …'}{' '}
          {skipped > 0 && `${counted(skipped, 'line')} skipped, narrow the filter. `}
        </span>
        {!atEnd && (
          <button type="button" onClick={toEnd}>
            To the end <Icon name="arrow-down" />
          </button>
        )}
      </p>
      <Lines {...props} shown={{ lines, hasMore: false }} />
      <div ref={end}>&nbsp;</div>
    </>
  );
}

interface LinesProps extends ListProps {
  readonly shown: LogLines;
  readonly onMore?: () => void;
}

/** The lines. Enter or a press shows a line beside them. */
function Lines({ state, onChange, shown, onMore }: LinesProps) {
  const { open } = state;
  const [chosen, setChosen] = useState(open);
  return (
    <>
      <h2 class="visually-hidden">Lines</h2>
      <div class="wide-only" aria-hidden="true">
        <p class="log-line log-head label">
          <span class="log-time">Time</span>
          <span class="level-word">Level</span>
          <span class="log-service">Service</span>
          <span class="log-text">Line</span>
          <span class="numeric">Trace</span>
        </p>
      </div>
      <LogList
        class="log-rows"
        lines={shown.lines}
        hasMore={shown.hasMore}
        {...(onMore && { onMore })}
        partsOf={partsOf}
        chosen={chosen}
        open={undefined}
        inSight={open}
        onMove={({ id }) => {
          setChosen(id);
          if (open !== undefined) onChange({ open: id });
        }}
        onPress={({ id }) => {
          setChosen(id);
          onChange({ open: id === open ? undefined : id });
        }}
      />
    </>
  );
}

function partsOf({ time_ns, trace_id }: LogEntry): LineParts {
  const at = Number(BigInt(time_ns) / 1_000_000n);
  return {
    time: formatTime(at),
    timeTitle: formatUtc(at),
    unfolds: false,
    ...(trace_id !== undefined && {
      note: (
        <span class="mono muted" title={`Trace ${trace_id}`}>
          {trace_id.slice(0, 8)}
        </span>
      ),
    }),
  };
}
