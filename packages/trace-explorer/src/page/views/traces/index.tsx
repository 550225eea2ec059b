import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { ServiceColors } from '../../components/service-colors.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount, formatDuration } from '../../format.ts';
import { setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { useLoad } from '../../use-load.ts';
import { useUntilSpans } from '../../use-until-spans.ts';
import { useLive } from '../live/use-live.ts';
import { ImportButton } from '../trace/import/import-button.tsx';
import { durationScale } from './duration-scale.ts';
import { TraceFilters } from './filters.tsx';
import { MostTime, servicesOf } from './most-time.tsx';
import { RootName } from './root-name.tsx';
import { TraceBar, TraceBarHead } from './trace-bar.tsx';
import { isFiltered, listQuery, pagesOf, readPages } from './trace-list.ts';
import { useArrived } from './use-arrived.ts';

/** `/traces`: one line per trace, newest or slowest first. */
export default function TracesView({ place }: ViewProps) {
  const query = listQuery(place);
  const key = JSON.stringify(place.params);
  const arrived = useArrived(isFiltered(place) ? query : undefined);
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => {
      arrived.forget();
      return readPages(pagesOf(place), query, signal);
    },
    [key],
  );
  const traces = value?.traces ?? [];
  useLive((message) => {
    if (message.type === 'reset') reload();
    if (message.type === 'traces') arrived.take(message.traces);
  });
  const empty = value !== undefined && traces.length === 0;
  useUntilSpans(empty && !isFiltered(place), reload);
  const shown = new Set(traces.map((trace) => trace.trace_id));
  const waiting = busy ? 0 : [...arrived.ids].filter((id) => !shown.has(id)).length;
  return (
    <>
      <h1 class="visually-hidden">Traces</h1>
      <div class="traces-head">
        <TraceFilters place={place} />
        <ImportButton />
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {busy && <Busy what="Looking for traces" onCancel={cancel} />}
      {waiting > 0 && (
        <p class="traces-waiting">
          <span role="status">
            {formatCount(waiting)} {waiting === 1 ? 'trace has' : 'traces have'} arrived or grown.
          </span>{' '}
          <button type="button" onClick={reload}>
            Show them
          </button>
        </p>
      )}
      {empty && !busy && <NoTraces filtered={isFiltered(place)} />}
      {traces.length > 0 && (
        <ServiceColors names={servicesOf(traces)}>
          <Table
            caption="Traces"
            columns={tableColumns(traces, place.params.order === 'slowest')}
            rows={traces}
            keyOf={(trace) => trace.trace_id}
          />
          {value?.next !== undefined && (
            <button
              type="button"
              class="traces-more"
              onClick={() => setParams({ pages: String(pagesOf(place) + 1) }, { replace: true })}
            >
              Older ones
            </button>
          )}
        </ServiceColors>
      )}
    </>
  );
}

function tableColumns(traces: readonly TraceSummary[], slowest: boolean): TableColumn<TraceSummary>[] {
  const scale = durationScale(traces.map(({ duration_ms }) => duration_ms));
  const order = (name?: string) => () => setParams({ order: name }, { replace: true });
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
      // Above the row's link, which it repeats: pointing at the bar tells its parts.
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

function NoTraces({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <EmptyState title="No trace fits the filters">
      <p>Remove one of them, or take a longer time.</p>
    </EmptyState>
  ) : (
    <EmptyState title="No traces yet">
      <p>
        Send a request from <a href="/try">Try it</a>, or point any OpenTelemetry exporter at this explorer.
      </p>
    </EmptyState>
  );
}
