import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import { BAD_SHARE } from '../../../page/api/failed-text.ts';
import { figureColumns } from '../../../page/components/figure-columns.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ServiceLink, ServiceName } from '../../../page/components/services/service-name.tsx';
import { SortedTable } from '../../../page/components/sorted-table.tsx';
import { about, formatCount, formatDuration } from '../../../page/values/format.ts';
import type { DependencyFigures, Overview, RouteFigures } from '../server/schemas.ts';
import { dependencyPlace, routePlace, routesPlace, userPlace } from './overview-places.ts';

/** Rows of the short lists. */
const FEW = 5;
/** Routes with fewer requests come after the others: the P95 of fewer than 20 requests is that of the slowest one. */
const ENOUGH = 20;

/** An overview, and what it is about: all parts and their links are about it, also while another one is being read. */
export interface OverviewProps {
  readonly overview: Overview;
  readonly range: Range;
  /** The only service; undefined for all services. */
  readonly service: string | undefined;
}

/** Routes, the slowest first. */
export function RouteTable({ overview: { routes, more_routes }, range, service }: OverviewProps) {
  if (routes.length === 0) return <p class="muted">No requests in this time.</p>;
  return (
    <>
      <SortedTable<RouteFigures>
        caption="Figures of routes"
        rows={routes}
        keyOf={keyOf}
        by="p95"
        columns={[
          {
            title: 'Route',
            value: keyOf,
            cell: (route) => (
              <span class="figure-name">
                {service === undefined && <ServiceLink name={route.service} />}{' '}
                <Link to={routePlace(route, range)} title={route.name}>
                  <bdi>{visibleName(route.name)}</bdi>
                </Link>
              </span>
            ),
          },
          ...figureColumns<RouteFigures>(['p95', 'errors', 'count'], {
            counted: 'Requests',
            seconds: secondsOf(range),
            isSure: ({ count }) => count >= ENOUGH,
            failed: (route, text) => (
              <Link
                class={route.errors / route.count > BAD_SHARE ? 'error-text' : undefined}
                to={routePlace(route, range, true)}
              >
                {text}
              </Link>
            ),
          }),
        ]}
      />
      <Link isAction class="figure-all" to={routesPlace(range, service)}>
        All {formatCount(routes.length + more_routes)} routes with their figures
      </Link>
    </>
  );
}

/** Databases, queues and APIs that send no spans, the ones with most time first. */
export function DependencyTable({ overview: { dependencies }, range, service }: OverviewProps) {
  const all = dependencies.reduce((sum, { total_ms }) => sum + total_ms, 0);
  if (dependencies.length === 0) return <p class="muted">No calls of a database or of a service outside.</p>;
  const figures = (...keys: ('time' | 'p95' | 'count')[]) =>
    figureColumns<DependencyFigures>(keys, {
      counted: 'Calls',
      seconds: secondsOf(range),
      failed: (_row, text) => text,
    });
  return (
    <SortedTable<DependencyFigures>
      caption="Figures of dependencies"
      rows={dependencies}
      keyOf={({ name }) => name}
      by="time"
      columns={[
        {
          title: 'Dependency',
          value: ({ name }) => name,
          cell: (dependency) => (
            <Link to={dependencyPlace(dependency, range, service)}>
              <ServiceName name={dependency.name} type="database" />
            </Link>
          ),
        },
        ...figures('time'),
        {
          title: 'Share',
          numeric: true,
          cell: ({ total_ms, estimated }) => (
            <span class="muted">{about(`${Math.round((100 * total_ms) / (all || 1))} %`, estimated)}</span>
          ),
        },
        ...figures('p95', 'count'),
      ]}
    />
  );
}

/** The slowest users. */
export function UserTable({ overview, range, service }: OverviewProps) {
  const { users, requests, user_field } = overview;
  if (user_field === undefined) return null;
  return (
    <section>
      <h3>Slowest users</h3>
      {users.length === 0 && <p class="muted">No user has sent three requests or more.</p>}
      {users.length > 0 && (
        <SortedTable<Overview['users'][number]>
          caption="Slowest users"
          rows={users.slice(0, FEW)}
          keyOf={({ user }) => user}
          by=""
          columns={[
            {
              title: 'User',
              cell: ({ user }) => (
                <Link to={userPlace(overview, user, range, service)}>
                  <bdi>{user}</bdi>
                </Link>
              ),
            },
            {
              title: 'P50',
              numeric: true,
              cell: ({ p50_ms, estimated }) => about(formatDuration(p50_ms), estimated),
            },
            {
              title: 'vs. others',
              numeric: true,
              cell: ({ p50_ms, estimated }) =>
                about(comparedWith(requests.p50_ms, p50_ms), estimated || requests.estimated),
            },
          ]}
        />
      )}
    </section>
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
