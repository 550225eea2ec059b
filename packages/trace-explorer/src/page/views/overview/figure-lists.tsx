import { useState } from 'preact/hooks';
import type { Overview, RouteFigures } from '../../../overview/schemas.ts';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { visibleName } from '../../../shared/harmless-text.ts';
import { failedText } from '../../api/failed-text.ts';
import { RootName } from '../../components/services/root-name.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { about, formatCount, formatDuration } from '../../values/format.ts';
import { FigureList, ServiceText } from './figure-list.tsx';
import { dependencyPlace, routePlace, routesPlace, userPlace } from './overview-places.ts';

const ROWS = 12;
const FEW = 5;
/** Routes with fewer requests come after the others: the P95 of fewer than 20 requests is that of the slowest one. */
const ENOUGH = 20;

interface Props {
  readonly overview: Overview;
  readonly range: Range;
}

/** A column whose head sorts: the largest figure first. */
interface Figure<Row> {
  readonly key: string;
  readonly title: string;
  readonly of: (row: Row) => number;
  readonly cell: TableColumn<Row>['cell'];
}

/** A table of names with figures. The first figure orders it, until a head is pressed. */
function FigureTable<Row>(props: {
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly most: number;
  readonly keyOf: (row: Row) => string;
  readonly name: Omit<TableColumn<Row>, 'key'>;
  readonly figures: readonly Figure<Row>[];
  /** A condition of the rows that come first. */
  readonly isFirst?: (row: Row) => boolean;
}) {
  const { rows, figures, isFirst = () => true, name, most, keyOf, caption } = props;
  const [by, setBy] = useState(figures[0]?.key);
  const of = figures.find(({ key }) => key === by)?.of ?? (() => 0);
  const sorted = rows.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || of(b) - of(a));
  const columns: TableColumn<Row>[] = [
    { key: 'name', ...name },
    ...figures.map(({ key, title, cell }) => ({
      key,
      title,
      cell,
      numeric: true,
      sorted: key === by ? ('descending' as const) : ('none' as const),
      onSort: () => setBy(key),
    })),
  ];
  return <Table caption={caption} columns={columns} rows={sorted.slice(0, most)} keyOf={keyOf} />;
}

/** Routes, the slowest first. */
export function RouteTable({ overview: { routes, more_routes }, range }: Props) {
  if (routes.length === 0) return <p class="muted">No requests in this time.</p>;
  return (
    <>
      <FigureTable<RouteFigures>
        caption="Figures of routes"
        rows={routes}
        most={ROWS}
        keyOf={keyOf}
        isFirst={({ count }) => count >= ENOUGH}
        name={{
          title: 'Route',
          cell: (route) => (
            <a class="figure-name" href={hrefOf(routePlace(route, range))}>
              <ServiceText service={route.service} text={visibleName(route.name)} title={route.name} />
            </a>
          ),
        }}
        figures={[
          {
            key: 'p95',
            title: 'P95',
            of: ({ p95_ms }) => p95_ms,
            cell: (route) => about(formatDuration(route.p95_ms), route.estimated),
          },
          {
            key: 'failed',
            title: 'failed',
            of: ({ errors }) => errors,
            cell: (route) =>
              route.errors === 0 ? (
                <span class="muted">0</span>
              ) : (
                <a
                  class={route.errors / route.count > BAD_SHARE ? 'error-text' : undefined}
                  href={hrefOf(routePlace(route, range, true))}
                >
                  {failedText(route)}
                </a>
              ),
          },
          {
            key: 'requests',
            title: 'requests',
            of: ({ count }) => count,
            cell: (route) => about(formatCount(route.count), route.estimated),
          },
        ]}
      />
      {routes.length > ROWS && (
        <a class="figure-all" href={hrefOf(routesPlace(range))}>
          All {formatCount(routes.length + more_routes)} routes with their figures
        </a>
      )}
    </>
  );
}

/** A larger share of failed requests is red. */
const BAD_SHARE = 0.01;

/** Databases, queues and APIs that send no spans, those with most time first. */
export function DependencyTable({ overview: { dependencies }, range }: Props) {
  const all = dependencies.reduce((sum, { total_ms }) => sum + total_ms, 0);
  if (dependencies.length === 0) return <p class="muted">No database or service outside was called.</p>;
  return (
    <FigureTable<Overview['dependencies'][number]>
      caption="Figures of dependencies"
      rows={dependencies}
      most={dependencies.length}
      keyOf={({ name }) => name}
      name={{
        title: 'Dependency',
        cell: (dependency) => (
          <a class="figure-name" href={hrefOf(dependencyPlace(dependency, range))}>
            <ServiceName name={dependency.name} type="database" />
          </a>
        ),
      }}
      figures={[
        {
          key: 'total',
          title: 'total time',
          of: ({ total_ms }) => total_ms,
          cell: ({ total_ms, estimated }) => (
            <>
              {about(formatDuration(total_ms), estimated)}{' '}
              <span class="muted">{about(`${Math.round((100 * total_ms) / (all || 1))} %`, estimated)}</span>
            </>
          ),
        },
        {
          key: 'p95',
          title: 'P95',
          of: ({ p95_ms }) => p95_ms,
          cell: ({ p95_ms, estimated }) => about(formatDuration(p95_ms), estimated),
        },
        {
          key: 'calls',
          title: 'calls',
          of: ({ count }) => count,
          cell: ({ count, estimated }) => about(formatCount(count), estimated),
        },
      ]}
    />
  );
}

/** The slowest users. */
export function UserList({ overview, range }: Props) {
  const { users, requests, user_field } = overview;
  if (user_field === undefined) return null;
  return (
    <FigureList
      title="Slowest users"
      heads={['P50', 'vs. others']}
      none="No user has sent three requests or more."
      rows={users.slice(0, FEW).map((user) => ({
        key: user.user,
        place: userPlace(overview, user.user, range),
        name: <bdi class="ellipsis">{user.user}</bdi>,
        figures: [
          about(formatDuration(user.p50_ms), user.estimated),
          about(comparedWith(requests.p50_ms, user.p50_ms), user.estimated || requests.estimated),
        ],
      }))}
    />
  );
}

/** The slowest traces. */
export function SlowestTraces({ overview }: Pick<Props, 'overview'>) {
  return (
    <FigureList
      title="Slowest traces"
      heads={['took', 'errors']}
      none="No traces in this time."
      rows={overview.slowest.slice(0, FEW).map((trace) => ({
        key: trace.trace_id,
        place: tracePlace(trace.trace_id),
        name: <RootName trace={trace} />,
        figures: [
          formatDuration(trace.duration_ms),
          trace.errors > 0 ? <span class="error-text">✗ {formatCount(trace.errors)}</span> : '',
        ],
      }))}
    />
  );
}

function keyOf({ service, name }: RouteFigures): string {
  return JSON.stringify([service, name]);
}

/** A duration compared with the usual one: `18 × slower`. */
function comparedWith(usual: number, duration: number): string {
  const factor = Math.max(duration / usual, usual / duration);
  if (!Number.isFinite(factor)) return '';
  const shown = Number(factor.toPrecision(2));
  return shown === 1 ? 'as fast' : `${shown} × ${duration > usual ? 'slower' : 'faster'}`;
}
