import { useMemo } from 'preact/hooks';
import { definedParams } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { rangePlace, secondsOf } from '../../../core/places/shown-range.ts';
import { isBad } from '../../../core/query/build/bad-share.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { CutLabel } from '../../../page/components/cut-label.tsx';
import { figureColumns } from '../../../page/components/figure-columns.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { estimatedTexts } from '../../../page/components/states/estimated.tsx';
import { about, formatCount, formatDuration } from '../../../page/values/format.ts';
import type { DependencyFigures, Overview, RouteFigures } from '../server/schemas.ts';
import type { Only } from './overview-places.ts';
import { dependencyPlace, routePlace, routesPlace, userPlace } from './overview-places.ts';

const WITH_METER = { '--columns': 'clamp(0px, 12vw - 77px, 96px) max-content', textAlign: 'right' };
/** Rows of the short lists. */
const FEW = 5;

/** An overview, and what it is about: all parts and their links are about it, also while another one is being read. */
export interface OverviewProps {
  readonly overview: Overview;
  readonly range: Range;
  /** The only service; undefined for all services. */
  readonly service: string | undefined;
}

/** An overview that a press on a figure may have narrowed. */
export interface NarrowedProps extends OverviewProps {
  readonly only: Only | undefined;
}

/** Routes, and where their time goes. */
export default function FigureLists({ only, ...shown }: NarrowedProps) {
  return (
    <div class="columns cards split">
      <RouteTable {...shown} only={only} />
      <div class="cards">
        <DependencyTable {...shown} />
        <UserTable {...shown} />
      </div>
    </div>
  );
}

/** Routes, the slowest first; or only the failing ones, or those slower than the P95 of all. */
function RouteTable({ overview, range, service, only }: NarrowedProps) {
  const { routes, more_routes, requests } = overview;
  const rows = routes.filter((route) =>
    only === 'failed' ? route.errors > 0 : only !== 'slow' || route.slow_ms > requests.p95_ms,
  );
  const slowest = Math.max(...rows.map(({ slow_ms }) => slow_ms));
  const title =
    only === undefined ? 'Routes' : only === 'failed' ? 'Routes that fail' : 'Routes slower than most';
  return (
    <Card
      title={<Why of={overview} title={title} />}
      tools={
        <Link isAction class="quiet muted" to={routesPlace(range, service)}>
          All {formatCount(routes.length + more_routes)}{' '}
          <span class="visually-hidden">routes as a query</span>
        </Link>
      }
    >
      <ListedTable<RouteFigures>
        key={only}
        none={only ? 'None of these routes.' : 'No requests in this time.'}
        caption="Figures of routes"
        rows={rows}
        keyOf={routeKey}
        by={only === 'failed' ? 'errors' : 'p95'}
        columns={[
          {
            title: 'Route',
            value: routeKey,
            cell: (route) => (
              <span class="root-name strip">
                {service === undefined && <ServiceLink name={route.service} />}{' '}
                <Link class="ellipsis quiet" to={routePlace(route, range)} title={route.name}>
                  <bdi>{visibleName(route.name)}</bdi>
                </Link>
              </span>
            ),
          },
          ...figureColumns<RouteFigures>(['p95', 'errors', 'count'], {
            counted: 'Requests',
            seconds: secondsOf(range),
            failed: (route, text) => (
              <Link
                class={isBad(route.errors / route.count, route.usual) ? 'error-text' : undefined}
                to={routePlace(route, range, true)}
              >
                {text}
              </Link>
            ),
          }).map((column) =>
            column.key !== 'p95'
              ? column
              : {
                  ...column,
                  value: ({ slow_ms }: RouteFigures) => slow_ms,
                  cell: ({ slow_ms, slow_of, stored }: RouteFigures) => (
                    <span class="parts inline" style={WITH_METER}>
                      <Meter share={slow_ms / slowest} />
                      <span style={{ minWidth: '6ch' }}>
                        {about(formatDuration(slow_ms), stored)}
                        {slow_of !== undefined && (
                          <span class="slow-of meta faint">
                            {slow_of > 1 ? `, slowest of ${slow_of}` : ', the only one'}
                          </span>
                        )}
                      </span>
                    </span>
                  ),
                },
          ),
        ]}
      />
    </Card>
  );
}

/** The title of a list; pointed at, why figures with ≈ in it are estimates. */
function Why({ title, ...estimated }: Parameters<typeof estimatedTexts>[0] & { title: string }) {
  return <span title={estimatedTexts(estimated).join('\n') || undefined}>{title}</span>;
}

/** Databases, queues and APIs that send no spans, the ones with most time first. */
function DependencyTable({ overview, range, service }: OverviewProps) {
  const { dependencies } = overview;
  const all = dependencies.reduce((sum, { total_ms }) => sum + total_ms, 0);
  const shades = new Map(dependencies.map(({ name }, rank) => [name, shadeOf(rank)]));
  const names = useMemo(() => dependencies.map(({ name }) => name), [dependencies]);
  const figures = (...keys: ('time' | 'p95' | 'count')[]) =>
    figureColumns<DependencyFigures>(keys, {
      counted: 'Calls',
      seconds: secondsOf(range),
      failed: (_row, text) => text,
    });
  return (
    <Card
      title={<Why of={overview} title="Where the time goes" part="Dependencies" />}
      tools={
        <Link
          isAction
          class="quiet muted"
          to={rangePlace('traces', range, definedParams({ order: 'slowest', service }))}
        >
          The slowest traces
        </Link>
      }
    >
      {dependencies.length > 0 && (
        <div class="inset">
          <div class="service-bar" aria-hidden="true">
            {dependencies.map(({ name, total_ms }) => (
              <span
                key={name}
                style={{ flexGrow: total_ms / (all || 1), background: shades.get(name) ?? '' }}
              />
            ))}
          </div>
        </div>
      )}
      <ListedTable<DependencyFigures>
        none="No calls of a database or of a service outside."
        caption="Figures of dependencies"
        rows={dependencies}
        keyOf={({ name }) => name}
        by="time"
        columns={[
          {
            title: 'Dependency',
            value: ({ name }) => name,
            cell: (dependency) => (
              <Link class="service-name quiet" to={dependencyPlace(dependency, range, service)}>
                <span
                  class="service-mark"
                  style={{ '--own': shades.get(dependency.name) ?? '' }}
                  aria-hidden="true"
                />
                <CutLabel text={dependency.name} all={names} />
              </Link>
            ),
          },
          ...figures('time'),
          {
            title: 'Share',
            numeric: true,
            cell: ({ total_ms, stored }) => {
              const percent = Math.round((100 * total_ms) / (all || 1));
              return <span class="muted">{percent > 0 && about(`${percent} %`, stored)}</span>;
            },
          },
          ...figures('p95', 'count'),
        ]}
      />
    </Card>
  );
}

/** The ink of a dependency, paler for each one with less time. */
function shadeOf(rank: number): string {
  return `color-mix(in oklab, var(--ink) ${Math.max(10, 70 - 13 * rank)}%, var(--press))`;
}

function UserTable({ overview, range, service }: OverviewProps) {
  const { users, requests, user_field } = overview;
  if (user_field === undefined) return null;
  return (
    <Card title="Slowest users" isTable>
      <ListedTable<Overview['users'][number]>
        none="No user has sent three requests or more."
        caption="Slowest users"
        rows={users.slice(0, FEW)}
        keyOf={({ user }) => user}
        columns={[
          {
            title: 'User',
            cell: ({ user }) => (
              <Link class="quiet" to={userPlace(overview, user, range, service)}>
                <bdi>{user}</bdi>
              </Link>
            ),
          },
          {
            title: 'P50',
            numeric: true,
            cell: ({ p50_ms, stored }) => about(formatDuration(p50_ms), stored),
          },
          {
            title: 'vs. others',
            numeric: true,
            cell: ({ p50_ms, stored = requests.stored }) =>
              about(comparedWith(requests.p50_ms, p50_ms), stored),
          },
        ]}
      />
    </Card>
  );
}

function routeKey({ service, name }: RouteFigures): string {
  return JSON.stringify([service, name]);
}

/** A duration compared with the usual one: `18 × slower`. */
function comparedWith(usual: number, duration: number): string {
  const factor = Math.max(duration / usual, usual / duration);
  if (!Number.isFinite(factor)) return '';
  const shown = Number(factor.toPrecision(2));
  return shown === 1 ? 'as fast' : `${shown} × ${duration > usual ? 'slower' : 'faster'}`;
}
