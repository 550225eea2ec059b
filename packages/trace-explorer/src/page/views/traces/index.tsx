import { useEffect, useMemo } from 'preact/hooks';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { Busy } from '../../components/states/busy.tsx';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount, formatDuration } from '../../format.ts';
import { setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { useLive } from '../../use-live.ts';
import { useLoad } from '../../use-load.ts';
import { ImportButton } from '../trace/import/import-button.tsx';
import { durationScale } from './duration-scale.ts';
import { TraceFilters } from './filters.tsx';
import { MostTime } from './most-time.tsx';
import { RootName } from './root-name.tsx';
import { countWaiting, useShownTraces } from './shown-traces.ts';
import { TraceBar, TraceBarHead } from './trace-bar.tsx';
import { isFiltered, listQuery, liveFilter, pagesOf, readPages } from './trace-list.ts';
import { useHold } from './use-hold.ts';

/** `/traces`: one line per trace, newest or slowest first, or as they arrive. */
export default function TracesView({ place }: ViewProps) {
  const { live, ...params } = place.params;
  const isLive = live === 'true';
  const asked = JSON.stringify(params);
  // `last` counts back from one moment, so the filter of an open connection does not change.
  const arriving = useMemo(() => liveFilter(listQuery(place)), [asked]);
  const { lines, begin, show, take } = useShownTraces();
  const hold = useHold();
  const { value, error, busy, reload, cancel } = useLoad(
    async (signal) => {
      begin();
      const page = await readPages(pagesOf(place), listQuery(place), signal);
      show(page.traces);
      return page;
    },
    [asked],
  );
  const held = !isLive || hold.held || busy;
  const traces = lines.shown;
  const empty = value !== undefined && traces.length === 0;
  useEffect(() => {
    if (!held) take([], held);
  }, [held]);
  useLive((message) => {
    if (message.type === 'reset') reload();
    // An empty list takes arrivals at once, even while it is held.
    if (message.type === 'traces') take(message.traces, held && !empty);
  }, arriving);
  const waiting = busy || !held ? 0 : countWaiting(lines);
  return (
    <>
      <h1 class="visually-hidden">Traces</h1>
      <div class="traces-head">
        <TraceFilters place={place} />
        <ImportButton />
      </div>
      <div class="traces-live">
        <button type="button" class="toggle" aria-pressed={isLive} onClick={() => setLive(!isLive)}>
          <span aria-hidden="true">{isLive ? '●' : '○'}</span> Live
        </button>
        <span role="status">
          {isLive && !held
            ? 'New traces appear by themselves.'
            : waiting === 0
              ? isLive && 'The list holds still while you are in it.'
              : `${formatCount(waiting)} ${waiting === 1 ? 'trace has' : 'traces have'} arrived or grown.`}
        </span>
        {waiting > 0 && (
          <button type="button" onClick={isLive ? hold.release : reload}>
            Show them
          </button>
        )}
        {busy && traces.length > 0 && <Busy what="Looking for traces" onCancel={cancel} />}
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {busy && traces.length === 0 && <Busy what="Looking for traces" onCancel={cancel} rows />}
      {empty && !busy && <NoTraces place={place} />}
      {traces.length > 0 && (
        <>
          <div {...hold.listeners}>
            <Table
              caption="Traces"
              columns={tableColumns(traces, place.params.order === 'slowest')}
              rows={traces}
              keyOf={(trace) => trace.trace_id}
            />
          </div>
          {value?.next !== undefined && (
            <button
              type="button"
              class="traces-more"
              onClick={() => setParams({ pages: String(pagesOf(place) + 1) }, { replace: true })}
            >
              Older ones
            </button>
          )}
        </>
      )}
    </>
  );
}

/** A list that updates itself is short, with the newest trace on top. */
function setLive(isLive: boolean): void {
  const changes = isLive ? { live: 'true', order: undefined, pages: undefined } : { live: undefined };
  setParams(changes, { replace: true });
}

function tableColumns(traces: readonly TraceSummary[], slowest: boolean): TableColumn<TraceSummary>[] {
  const scale = durationScale(traces.map(({ duration_ms }) => duration_ms));
  const order = (name?: string) => () =>
    setParams({ order: name, live: undefined, pages: undefined }, { replace: true });
  return [
    {
      key: 'start',
      title: 'Start',
      cell: (trace) => <Time at={Date.parse(trace.start)} />,
      sorted: slowest ? 'none' : 'descending',
      onSort: order(),
    },
    {
      key: 'root',
      title: 'Root',
      cell: (trace) => (
        <a class="trace-link" href={hrefOf(tracePlace(trace.trace_id))}>
          <RootName trace={trace} />
        </a>
      ),
    },
    {
      key: 'bar',
      title: <TraceBarHead scale={scale} />,
      // The bar covers the row's link and repeats it, so that pointing at the bar names its parts.
      cell: (trace) => (
        <a class="trace-bar-link" tabIndex={-1} href={hrefOf(tracePlace(trace.trace_id))}>
          <TraceBar trace={trace} scale={scale} />
        </a>
      ),
    },
    {
      key: 'duration',
      title: 'Took',
      numeric: true,
      cell: (trace) => formatDuration(trace.duration_ms),
      sorted: slowest ? 'descending' : 'none',
      onSort: order('slowest'),
    },
    { key: 'most', title: 'Most time in', cell: (trace) => <MostTime trace={trace} /> },
    { key: 'spans', title: 'Spans', numeric: true, cell: (trace) => formatCount(trace.spans) },
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      cell: (trace) =>
        trace.errors > 0 ? (
          <span class="error-text">✗ {formatCount(trace.errors)}</span>
        ) : (
          <span class="muted">0</span>
        ),
    },
    { key: 'id', title: 'Id', cell: (trace) => <code class="muted">{trace.trace_id.slice(0, 8)}</code> },
  ];
}

function NoTraces({ place }: ViewProps) {
  const { last, ...others } = place.params;
  return isFiltered({ params: others }) ? (
    <EmptyState title="No trace fits the filters">
      <p>Remove one of them, or take a longer time.</p>
    </EmptyState>
  ) : (
    <EmptyState title={last === undefined ? 'No traces yet' : 'No traces in this time'}>
      <p>
        {last !== undefined && 'Take a longer time. '}Send a request from <a href="/try">Try it</a>, or point
        any OpenTelemetry exporter at this explorer.
      </p>
    </EmptyState>
  );
}
