import '../../common.ts';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogDensity } from '../../../logs/log-density.ts';
import type { LogsState } from '../../../places/logs-place.ts';
import { isNarrowed, logsPlace, logsQuery, readLogsState } from '../../../places/logs-place.ts';
import { getJson } from '../../api.ts';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { formatCount } from '../../format.ts';
import { LogDetail } from '../../logs/log-detail.tsx';
import { go } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { useLoad } from '../../use-load.ts';
import { useRetry } from '../../use-retry.ts';
import { Density } from './density.tsx';
import { LogFilters } from './filters.tsx';
import type { LogLines } from './log-pages.ts';
import { MOST_LINES } from './log-pages.ts';
import { LogRows, toEnd } from './log-rows.tsx';
import { useLogPages, useLogTail } from './use-log-source.ts';

/** Milliseconds between looks while there is nothing, and between counts of a tail. */
const LOOK_MS = 2000;
const COUNT_MS = 5000;

/** `/logs`: lines of all services, the newest first or as they come. */
export default function LogsView({ place }: ViewProps) {
  const state = readLogsState(place);
  const [turn, setTurn] = useState(0);
  const refresh = () => setTurn((before) => before + 1);
  const goesOn = useRef(false);
  const change = (changes: Partial<LogsState>) => go(logsPlace({ ...state, ...changes }), { replace: true });
  const asked = JSON.stringify({ ...state, open: undefined });
  // The same question as long as it is not asked anew: `last` counts back from one moment.
  const query = useMemo(() => logsQuery(state).toString(), [asked, turn]);
  const list = {
    state,
    asked,
    query,
    turn,
    goesOn,
    onChange: change,
    onRefresh: refresh,
  };
  return (
    <div class="logs">
      <h1 class="visually-hidden">Logs</h1>
      <LogFilters state={state} onChange={change} onRefresh={refresh} />
      <Counts {...list} />
      {state.tail ? <Tail key={query} {...list} /> : <Newest key={`${query} ${turn}`} {...list} />}
    </div>
  );
}

interface ListProps {
  readonly state: LogsState;
  readonly asked: string;
  readonly query: string;
  readonly turn: number;
  /** Whether the list was narrowed from within: then the focus goes on in what is left of it. */
  readonly goesOn: RefObject<boolean>;
  readonly onChange: (changes: Partial<LogsState>) => void;
  readonly onRefresh: () => void;
}

function Counts({ state, query, turn, onChange }: ListProps) {
  const { value, error, reload } = useLoad(
    (signal) => getJson<LogDensity>(`/api/logs/density?${query}`, signal),
    [query, turn],
  );
  useEffect(() => {
    if (!state.tail) return;
    const timer = setInterval(reload, COUNT_MS);
    return () => clearInterval(timer);
  }, [state.tail, query]);
  // The list says what is wrong.
  if (value === undefined || error !== undefined || value.total === 0) return null;
  return (
    <Density
      density={value}
      onRange={(start, end) => onChange({ tail: false, last: undefined, start, end })}
    />
  );
}

function Newest(props: ListProps) {
  const { state, asked, query, turn, onRefresh } = props;
  const pages = useLogPages(asked, query, turn);
  const grid = useRef<HTMLDivElement>(null);
  const empty = pages !== undefined && pages.lines.length === 0;
  const nothing = empty && !pages.hasMore;
  useEffect(() => {
    if (!nothing || isNarrowed(state)) return;
    const timer = setTimeout(onRefresh, LOOK_MS);
    return () => clearTimeout(timer);
  }, [nothing]);
  useRetry(pages?.error, () => pages?.retry());
  if (pages?.error !== undefined) return <ErrorState error={pages.error} onRetry={() => pages.retry()} />;
  if (nothing) return <NoLines narrowed={isNarrowed(state)} />;
  if (pages === undefined || empty) return <Busy what="Reading log lines" rows />;
  return (
    <>
      <Lines {...props} shown={pages} onMore={() => void pages.more()} grid={grid} />
      {pages.lines.length >= MOST_LINES && (
        <p class="muted">
          The newest {formatCount(MOST_LINES)} lines. Narrow them, or take another time, for older ones.
        </p>
      )}
    </>
  );
}

function Tail(props: ListProps) {
  const grid = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const { lines, skipped, connected, error } = useLogTail(props.query);
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (atEnd) setSeen(lines.length);
  }, [atEnd, lines.length]);
  const waiting = Math.max(0, lines.length - seen);
  return (
    <>
      <p class="logs-tail" role="status">
        {error !== undefined && <span class="error-text">✗ {error.message} </span>}
        {connected ? 'Following what comes.' : 'Connecting …'}{' '}
        {skipped > 0 &&
          `${formatCount(skipped)} ${skipped === 1 ? 'line' : 'lines'} skipped, narrow the filter. `}
        {!atEnd && (
          <button
            type="button"
            onClick={() => {
              setAtEnd(true);
              toEnd();
            }}
          >
            {waiting > 0 ? `${formatCount(waiting)} new lines` : 'To the end'} ↓
          </button>
        )}
      </p>
      <Lines {...props} shown={{ lines, hasMore: false }} grid={grid} sticks={atEnd} onEnd={setAtEnd} />
    </>
  );
}

interface LinesProps extends ListProps {
  readonly shown: LogLines;
  readonly onMore?: () => void;
  readonly grid: RefObject<HTMLDivElement | null>;
  readonly sticks?: boolean;
  readonly onEnd?: (inSight: boolean) => void;
}

/** The lines, and a line that a link names where it is not among them. */
function Lines({ state, goesOn, onChange, ...list }: LinesProps) {
  const { grid, shown } = list;
  const { open } = state;
  const [given] = useState(open);
  const lone = open !== undefined && open === given && !shown.lines.some(({ id }) => id === open);
  const onField = (name: string, value: string) => {
    goesOn.current = true;
    onChange({ fields: [...new Set([...state.fields, `${name}=${value}`])] });
  };
  useLayoutEffect(() => {
    if (goesOn.current) grid.current?.focus({ preventScroll: true });
    goesOn.current = false;
  }, []);
  return (
    <>
      <h2 class="visually-hidden">Lines</h2>
      {lone && (
        <section
          class="logs-linked"
          aria-label="The line of the link"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || event.defaultPrevented) return;
            event.preventDefault();
            onChange({ open: undefined });
          }}
        >
          <button
            type="button"
            class="icon"
            aria-label="Close the line"
            onClick={() => onChange({ open: undefined })}
          >
            ✕
          </button>
          <LogDetail key={open} id={open} onField={onField} toTrace />
        </section>
      )}
      <LogRows {...list} open={open} onOpen={(id) => onChange({ open: id })} onField={onField} />
    </>
  );
}

function NoLines({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <EmptyState title="No line fits the filters">
      <p>Remove one of them, or take a longer time.</p>
    </EmptyState>
  ) : (
    <EmptyState title="No log lines yet">
      <p>
        Send a request from <a href="/try">Try it</a>, or send OTLP logs to this explorer: any OpenTelemetry
        SDK and the Collector can. They appear by themselves.
      </p>
    </EmptyState>
  );
}
