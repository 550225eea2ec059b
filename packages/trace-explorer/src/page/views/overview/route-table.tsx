import type { Overview, RouteFigures } from '../../../overview/overview.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { secondsOf } from '../../../places/shown-range.ts';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { failedText } from '../../failed-text.ts';
import { about, formatCount, formatDuration, formatRate } from '../../format.ts';
import { setParams } from '../../shell/router.ts';
import { RouteName } from './figure-lists.tsx';
import { deployPlace, routePlace } from './overview-places.ts';

const ORDERS = {
  service: (a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : b.count - a.count),
  count: (a, b) => b.count - a.count,
  errors: (a, b) => b.errors - a.errors || b.errors / b.count - a.errors / a.count,
  p50: (a, b) => b.p50_ms - a.p50_ms,
  p95: (a, b) => b.p95_ms - a.p95_ms,
} as const satisfies Record<string, (a: RouteFigures, b: RouteFigures) => number>;
type Order = keyof typeof ORDERS;

/** The order when the URL names none. */
const USUAL: Order = 'count';

export interface RouteTableProps {
  readonly overview: Overview;
  readonly range: Range;
  /** The params of the URL, which have the order. */
  readonly params: Place['params'];
}

/** Requests by service and route. Each figure links to its spans. */
export function RouteTable({ overview, range, params }: RouteTableProps) {
  const order = Object.keys(ORDERS).find((name): name is Order => name === params.order) ?? USUAL;
  const rows = overview.routes.toSorted(ORDERS[order]);
  const by = (key: Order) => ({
    sorted:
      order !== key
        ? ('none' as const)
        : key === 'service'
          ? ('ascending' as const)
          : ('descending' as const),
    onSort: () => setParams({ order: key === USUAL ? undefined : key }, { replace: true }),
  });
  const link = (route: RouteFigures, shown: string, failed = false) => (
    <a class="figure-link" href={hrefOf(routePlace(route, range, failed))}>
      {shown}
    </a>
  );
  // The newest deploy of a service comes first.
  const deployOf = (route: RouteFigures) => overview.deploys.find(({ service }) => service === route.service);
  const deploys: TableColumn<RouteFigures> = {
    key: 'deploy',
    title: 'Last deploy',
    cell: (route) => {
      const deploy = deployOf(route);
      return (
        deploy && (
          <a
            href={hrefOf(deployPlace(deploy, route.name))}
            aria-label={`${route.service} ${route.name} before and after the last deploy, ${deploy.version}`}
          >
            before and after
          </a>
        )
      );
    },
  };
  const columns: TableColumn<RouteFigures>[] = [
    {
      key: 'route',
      title: 'Service and route',
      cell: (route) => (
        <a class="figure-link route-name" href={hrefOf(routePlace(route, range))}>
          <RouteName {...route} />
        </a>
      ),
      ...by('service'),
    },
    {
      key: 'count',
      title: 'Requests',
      numeric: true,
      cell: (route) => link(route, about(formatCount(route.count), route.estimated)),
      ...by('count'),
    },
    {
      key: 'rate',
      title: 'Rate',
      numeric: true,
      cell: ({ count, estimated }) => about(formatRate(count, secondsOf(range)), estimated),
    },
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      cell: (route) =>
        route.errors === 0 ? (
          <span class="muted">0</span>
        ) : (
          <span class="error-text">{link(route, failedText(route), true)}</span>
        ),
      ...by('errors'),
    },
    {
      key: 'p50',
      title: 'P50',
      numeric: true,
      cell: (route) => link(route, about(formatDuration(route.p50_ms), route.estimated)),
      ...by('p50'),
    },
    {
      key: 'p95',
      title: 'P95',
      numeric: true,
      cell: (route) => link(route, about(formatDuration(route.p95_ms), route.estimated)),
      ...by('p95'),
    },
    ...(rows.some(deployOf) ? [deploys] : []),
  ];
  return (
    <section class="overview-routes">
      <div class="figure-title">
        <h2>Requests by service and route</h2>
        <span class="muted">
          {formatCount(rows.length)}
          {overview.more_routes > 0 && ` of ${formatCount(rows.length + overview.more_routes)}, the slowest`}
        </span>
      </div>
      <Table
        caption="Requests by service and route"
        columns={columns}
        rows={rows}
        keyOf={({ service, name }) => JSON.stringify([service, name])}
      />
    </section>
  );
}
