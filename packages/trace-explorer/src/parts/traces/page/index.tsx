import { useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { counted } from '../../../lib/text/words.ts';
import {
  isFiltered,
  listForms,
  listQuery,
  liveFilter,
  pagesOf,
  placeInList,
  readPages,
} from '../../../page/api/trace-list.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Link } from '../../../page/components/link.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import type { TableColumn } from '../../../page/components/table.tsx';
import { Table } from '../../../page/components/table.tsx';
import { Time } from '../../../page/components/times/time.tsx';
import { NothingFits } from '../../../page/start/nothing-fits.tsx';
import { formatCount, formatDuration } from '../../../page/values/format.ts';
import { durationScale } from './duration-scale.ts';
import { TraceFilters } from './filters.tsx';
import { TraceBar } from './trace-bar.tsx';

/** Columns for which a part of another view has no room. A bar's parts are told under the pointer. */
const APART: ReadonlySet<string | undefined> = new Set(['most']);

/** Most counted traces while the list holds still. */
const MOST_TOLD = 1000;

/**
 * `/traces`: one line per trace, newest or slowest first, or as they arrive.
 * @param isPart whether another view shows the list as its part, with a time range and a heading of its own, and no filters
 */
export default function TracesView({ place, isPart = false }: ViewProps & { readonly isPart?: boolean }) {
  const { live, ...params } = place.params;
  const isLive = live === 'true';
  const asked = JSON.stringify(params);
  // `last` counts back from one moment, so the filter of an open connection does not change.
  const arriving = useMemo(() => liveFilter(listQuery(place)), [asked]);
  const list = useRef<HTMLDivElement>(null);
  const [told, setTold] = useState<readonly string[]>([]);
  const load = useLoad(
    (signal) => {
      setTold([]);
      return readPages(pagesOf(place), listQuery(place), signal);
    },
    [asked],
  );
  const { value, error, busy, reload, cancel } = load;
  const traces = value?.traces ?? [];
  const known = new Set(traces.map(({ trace_id }) => trace_id));
  const waiting = told.filter((id) => !known.has(id)).length;
  const empty = value !== undefined && traces.length === 0;
  useLive((message) => {
    if (params.cause !== undefined) return;
    const isTold = message.type === 'traces' && !empty && (!isLive || isUsed(list.current));
    if (!isTold) return reload();
    const ids = message.traces.map(({ trace_id }) => trace_id);
    setTold((before) => [...new Set([...before, ...ids])].slice(-MOST_TOLD));
  }, arriving);
  const set = (on: boolean) => {
    // A list that updates itself is short, with the newest trace on top.
    const changes = on ? { live: 'true', order: undefined, pages: undefined } : { live: undefined };
    setParams(changes, { replace: true });
    if (on) reload();
  };
  useViewTools(isPart ? undefined : { refresh: reload, live: { on: isLive, set } });
  const onLeave = () => {
    if (isLive && told.length > 0) setTimeout(() => isUsed(list.current) || reload());
  };
  return (
    <>
      {!isPart && <h1 class="visually-hidden">Traces</h1>}
      {!isPart && <TraceFilters place={place} />}
      <section class={isPart ? undefined : 'card'} aria-label={isPart ? undefined : 'List of traces'}>
        <header class="traces-live line">
          {!isPart && <h2>Traces</h2>}
          <span class="faint" role="status">
            {waiting > 0
              ? `${counted(waiting, 'trace')} ${waiting === 1 ? 'has' : 'have'} arrived.`
              : isLive && 'New traces appear by themselves. The list holds still while you are in it.'}
          </span>
          {waiting > 0 && (
            <button type="button" onClick={reload}>
              Show them
            </button>
          )}
          {busy && traces.length > 0 && <Busy what="Looking for traces" onCancel={cancel} />}
        </header>
        {error !== undefined && (
          <ErrorState error={error} onRetry={reload} isAll={!isPart && value === undefined} />
        )}
        {busy && traces.length === 0 && <Busy what="Looking for traces" onCancel={cancel} rows />}
        {empty && !busy && (
          <NothingFits
            one="trace"
            all="traces"
            isNarrowed={isFiltered({ params: { ...place.params, last: '' } })}
            isTimed={params.last !== undefined}
            how="Point any OpenTelemetry exporter at this explorer."
          />
        )}
        {traces.length > 0 && (
          <Stale load={load}>
            <div class="trace-list" ref={list} onPointerLeave={onLeave} onFocusOut={onLeave}>
              <Table
                caption="Traces"
                columns={tableColumns(traces, place).filter(({ key }) => !isPart || !APART.has(key))}
                rows={traces}
                keyOf={(trace) => trace.trace_id}
              />
            </div>
            {value?.next !== undefined && (
              <div class="card-foot">
                <button
                  type="button"
                  class="ghost"
                  onClick={() => setParams({ pages: String(pagesOf(place) + 1) }, { replace: true })}
                >
                  Older ones
                </button>
              </div>
            )}
          </Stale>
        )}
      </section>
    </>
  );
}
TracesView.params = listForms;

/** Whether a mouse is over a list, or the focus is in it. A touch does not stay. */
function isUsed(list: HTMLElement | null): boolean {
  const { matches: hasMouse } = matchMedia('(hover: hover)');
  return list?.matches(hasMouse ? ':hover, :focus-within' : ':focus-within') ?? false;
}

function tableColumns(traces: readonly TraceSummary[], place: Place): TableColumn<TraceSummary>[] {
  const slowest = place.params.order === 'slowest';
  const placeOf = ({ trace_id }: TraceSummary) => placeInList(trace_id, place);
  const scale = durationScale(traces.map(({ duration_ms }) => duration_ms));
  const order = (name?: string) => () =>
    setParams({ order: name, live: undefined, pages: undefined }, { replace: true });
  return [
    {
      title: 'Start',
      cell: (trace) => <Time at={Date.parse(trace.start)} />,
      sorted: slowest ? 'none' : 'descending',
      onSort: order(),
    },
    {
      title: 'Root',
      cell: (trace) => <RootName trace={trace} to={placeOf(trace)} />,
    },
    {
      key: 'bar',
      title: (
        <span
          class="trace-bar strip apart"
          title="Time in each service's spans while none of their children ran; the bar is as long as the trace took"
        >
          Self time by service
          <span class="muted" title={`A bar of full length is ${formatDuration(scale.full)}`}>
            {scale.cut && '≫ '}
            {formatDuration(scale.full)}
          </span>
        </span>
      ),
      // The bar covers the row's link and repeats it, so that pointing at the bar names its parts.
      cell: (trace) => (
        <Link class="trace-bar-link quiet" tabIndex={-1} to={placeOf(trace)}>
          <TraceBar trace={trace} scale={scale} />
        </Link>
      ),
    },
    {
      title: 'Took',
      numeric: true,
      cell: (trace) => formatDuration(trace.duration_ms),
      sorted: slowest ? 'descending' : 'none',
      onSort: order('slowest'),
    },
    {
      title: 'Errors',
      numeric: true,
      cell: (trace) =>
        trace.errors > 0 ? (
          <span class="error-text">{formatCount(trace.errors)}</span>
        ) : (
          <span class="faint">0</span>
        ),
    },
    {
      key: 'most',
      title: 'Most time in',
      cell: ({ services }) => {
        const all = services.reduce((sum, { self_ms }) => sum + self_ms, 0);
        const [first] = services;
        if (first === undefined || all <= 0) return null;
        return (
          <span class="root-name most-time strip">
            <ServiceLink name={first.name} />{' '}
            <span class="muted">{Math.round((first.self_ms / all) * 100)} %</span>
          </span>
        );
      },
    },
    { title: 'Spans', numeric: true, cell: (trace) => formatCount(trace.spans) },
  ];
}

/**
 * Service and name of a trace's root: the service leads to its page, the name to the trace. When the root has not arrived, says so
 * and names another span.
 */
function RootName({ trace: { root, sample_rate }, to }: { trace: TraceSummary; to: Place }) {
  return (
    <span class="root-name strip">
      <span class="muted root-service">
        <ServiceLink name={root.service} />
      </span>{' '}
      <Link class="row-link trace-link quiet strip" to={to} isRow>
        <bdi class="ellipsis" title={root.name}>
          {visibleName(root.name)}
        </bdi>
        {sample_rate !== undefined && (
          <span class="muted" title={`Stands for ${sample_rate} traces`}>
            {' '}
            ×{sample_rate}
          </span>
        )}
        {root.provisional && <span class="muted"> (root not here yet)</span>}
      </Link>
    </span>
  );
}
