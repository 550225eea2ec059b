import type { Range } from '../../../../core/places/range.ts';
import { secondsOf, timesOf } from '../../../../core/places/shown-range.ts';
import { IS_REQUEST, SPANS } from '../../../../core/query/build/scope.ts';
import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { QueryData } from '../../../../core/query/result/query-result.ts';
import { FAILED } from '../../../../core/shared/failed-spans.ts';
import { visibleName } from '../../../../core/shared/harmless-text.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import { timesBefore } from '../../../../page/api/times-before.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { figureColumns } from '../../../../page/components/figure-columns.tsx';
import { FigureLine } from '../../../../page/components/figure-line.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { SortedTable } from '../../../../page/components/sorted-table.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { routePlace, servicePlace } from '../overview-places.ts';

const NAMES = ['count', 'errors', 'p50_ms', 'p95_ms', 'total_ms'] as const;

type Figures = Readonly<Record<(typeof NAMES)[number], number>>;

/** Requests of a service, their failures and durations, each with its value in the range of equal length before where that is stored. */
export function ServiceFigures({ service, range }: { service: string; range: Range }) {
  const seconds = secondsOf(range);
  const load = useLoad(
    async (signal) => {
      const read = async (times: object) =>
        figuresOf(await sendQuery('__all__', figuresQuery(service, times), { series: false, signal }));
      const [now, before] = await Promise.all([
        read(timesOf(range)),
        timesBefore(range, signal).then((times) => times && read(times)),
      ]);
      return { now, before };
    },
    [service, JSON.stringify(range)],
  );
  return (
    <Loaded load={load} what="Reading the figures">
      {({ now, before }) => (
        <FigureLine
          now={now}
          before={before}
          seconds={seconds}
          all={servicePlace(service, range)}
          failed={servicePlace(service, range, FAILED)}
        />
      )}
    </Loaded>
  );
}

/** The routes of a service with their figures. */
export function ServiceRoutes({ service, range }: { service: string; range: Range }) {
  const load = useLoad(
    (signal) =>
      sendQuery(
        '__all__',
        { ...figuresQuery(service, timesOf(range)), breakdowns: ['name'], limit: 1000 },
        { series: false, signal },
      ),
    [service, JSON.stringify(range)],
  );
  return (
    <Loaded load={load} what="Reading the routes">
      {({ results }) => (
        <SortedTable
          caption="Routes"
          rows={results.map(({ data }) => ({ name: String(data.name ?? ''), ...rowOf(data) }))}
          keyOf={({ name }) => name}
          by="time"
          columns={[
            {
              title: 'Route',
              value: ({ name }) => name,
              cell: ({ name }) => (
                <Link to={routePlace({ service, name }, range)}>
                  <bdi>{visibleName(name)}</bdi>
                </Link>
              ),
            },
            ...figureColumns<Figures & { readonly name: string }>(['count', 'errors', 'p50', 'p95', 'time'], {
              counted: 'Requests',
              seconds: secondsOf(range),
              failed: (_row, text) => text,
            }),
          ]}
        />
      )}
    </Loaded>
  );
}

function figuresQuery(service: string, times: object): QuerySpecInput {
  const own: Filter = { column: 'service.name', op: '=', value: service };
  return {
    calculated_fields: [IS_REQUEST.field],
    calculations: [
      { op: 'COUNT', name: 'count' },
      { op: 'COUNT', name: 'errors', filters: [...FAILED] },
      { op: 'P50', column: 'duration_ms', name: 'p50_ms' },
      { op: 'P95', column: 'duration_ms', name: 'p95_ms' },
      { op: 'SUM', column: 'duration_ms', name: 'total_ms' },
    ],
    filters: [SPANS, IS_REQUEST.filter, own],
    ...times,
  };
}

function figuresOf({ results }: QueryData): Figures {
  return rowOf(results[0]?.data ?? {});
}

function rowOf(data: Readonly<Record<string, unknown>>): Figures {
  return Object.fromEntries(NAMES.map((name) => [name, Number(data[name] ?? 0)])) as Figures;
}
