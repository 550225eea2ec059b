import { useRef, useState } from 'preact/hooks';
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
import { useKept } from '../../shell/kept.ts';
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
import { isFiltered, listQuery, PAGE, readAtLeast, readTraces } from './trace-list.ts';
import { useArrived } from './use-arrived.ts';

/** Pixels of the page that are not the table. */
const OTHER_HEIGHT = 176;

/** `/traces`: one line per trace, newest or slowest first. */
export default function TracesView({ place }: ViewProps) {
  const query = listQuery(place);
  const key = JSON.stringify(place.params);
  const arrived = useArrived(isFiltered(place) ? query : undefined);
  /** Traces that were asked for: pages that a person has read stay when they come back. */
  const wanted = useRef(PAGE);
  const before = useKept('traces', () => ({ key, count: wanted.current }));
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => {
      arrived.forget();
      wanted.current = before?.key === key ? before.count : PAGE;
      // A page more than before, as others may have come above it.
      return readAtLeast(before?.key === key ? before.count + PAGE : PAGE, query, signal);
    },
    [key],
  );
  const { traces, more, moreError, loadMore } = useMore(query, value);
  useLive((message) => {
    if (message.type === 'connected' && message.late) reload();
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
            maxHeight={Math.max(280, innerHeight - OTHER_HEIGHT)}
          />
          {moreError !== undefined && <ErrorState error={moreError} />}
          {more && (
            <button
              type="button"
              class="traces-more"
              onClick={() => {
                wanted.current = traces.length + PAGE;
                loadMore();
              }}
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

/** The pages after the first one, while the filters stay the same. */
function useMore(
  query: URLSearchParams,
  first: { traces: readonly TraceSummary[]; next?: string } | undefined,
) {
  const [rest, setRest] = useState<{
    first: unknown;
    traces: readonly TraceSummary[];
    next: string | undefined;
    error?: Error;
  }>();
  const mine = rest?.first === first ? rest : undefined;
  const next = mine === undefined ? first?.next : mine.next;
  const traces = [...(first?.traces ?? []), ...(mine?.traces ?? [])];
  const loadMore = async () => {
    if (next === undefined) return;
    const known = mine?.traces ?? [];
    try {
      const page = await readTraces(query, undefined, next);
      setRest({ first, traces: [...known, ...page.traces], next: page.next });
    } catch (error) {
      setRest({
        first,
        traces: known,
        next,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  };
  return { traces, more: next !== undefined, moreError: mine?.error, loadMore };
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
