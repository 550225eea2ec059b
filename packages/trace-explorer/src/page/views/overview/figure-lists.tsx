import type { Overview, RouteFigures } from '../../../overview/overview.ts';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { visibleName } from '../../../shared/harmless-text.ts';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { failedShare } from '../../ask/failed-text.ts';
import { RootName } from '../../components/services/root-name.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import { about, formatAgo, formatCount, formatDuration } from '../../values/format.ts';
import { FigureList, ServiceText } from './figure-list.tsx';
import { dependencyPlace, routePlace, routesPlace, userPlace } from './overview-places.ts';

const ROWS = 6;
/** Routes with fewer requests come after the others: the P95 of fewer than 20 requests is that of the slowest one. */
const ENOUGH = 20;

interface Props {
  readonly overview: Overview;
  readonly range: Range;
}

/** Slow routes, users and dependencies. */
export function SlowLists({ overview, range }: Props) {
  const { routes, users, dependencies, requests } = overview;
  const byWeight = routes.toSorted((a, b) => Number(b.count >= ENOUGH) - Number(a.count >= ENOUGH));
  const all = dependencies.reduce((sum, { total_ms }) => sum + total_ms, 0);
  return (
    <>
      <FigureList
        title="Slowest routes"
        heads={['P95', 'requests']}
        none="No requests in this time."
        rows={byWeight.slice(0, ROWS).map((route) => ({
          key: keyOf(route),
          place: routePlace(route, range),
          name: <ServiceText service={route.service} text={visibleName(route.name)} title={route.name} />,
          figures: [
            about(formatDuration(route.p95_ms), route.estimated),
            about(formatCount(route.count), route.estimated),
          ],
        }))}
      />
      {routes.length > ROWS && (
        <a class="figure-all" href={hrefOf(routesPlace(range))}>
          All {formatCount(routes.length + overview.more_routes)} routes with their figures
        </a>
      )}
      {overview.user_field !== undefined && (
        <FigureList
          title="Slowest users"
          heads={['P50', 'beside all users']}
          none="No user has sent three requests or more."
          rows={users.slice(0, ROWS - 1).map((user) => ({
            key: user.user,
            place: userPlace(overview, user.user, range),
            name: <bdi class="ellipsis">{user.user}</bdi>,
            figures: [
              about(formatDuration(user.p50_ms), user.estimated),
              about(comparedWith(requests.p50_ms, user.p50_ms), user.estimated || requests.estimated),
            ],
          }))}
        />
      )}
      <FigureList
        title="Dependencies that cost most"
        heads={['time', 'P95']}
        none="No database or service outside was called."
        rows={dependencies.slice(0, ROWS - 1).map((dependency) => ({
          key: dependency.name,
          place: dependencyPlace(dependency, range),
          name: <ServiceName name={dependency.name} type="database" />,
          figures: [
            <>
              {about(formatDuration(dependency.total_ms), dependency.estimated)}{' '}
              <span class="muted">
                {about(`${Math.round((100 * dependency.total_ms) / (all || 1))} %`, dependency.estimated)}
              </span>
            </>,
            about(formatDuration(dependency.p95_ms), dependency.estimated),
          ],
        }))}
      />
    </>
  );
}

/** Failing routes, and errors. */
export function FailingLists({ overview, range }: Props) {
  const failing = overview.routes
    .filter(({ errors }) => errors > 0)
    .sort((a, b) => b.errors - a.errors || b.errors / b.count - a.errors / a.count);
  return (
    <>
      <FigureList
        title="Failing routes"
        heads={['errors', 'of requests']}
        none="No request failed in this time."
        rows={failing.slice(0, ROWS).map((route) => ({
          key: keyOf(route),
          place: routePlace(route, range, true),
          name: <ServiceText service={route.service} text={visibleName(route.name)} title={route.name} />,
          figures: [
            <span key="errors" class="error-text">
              ✗ {about(formatCount(route.errors), route.errors_estimated)}
            </span>,
            failedShare(route),
          ],
        }))}
      />
      <FigureList
        title="Newest errors"
        heads={['times', 'last']}
        none="No span says what went wrong."
        rows={overview.errors.slice(0, 2 * ROWS).map((error) => ({
          key: JSON.stringify([error.service, error.type, error.message]),
          place: tracePlace(error.trace_id, error.span_id),
          name: (
            <>
              <ServiceName name={error.service} />
              <bdi
                class="ellipsis error-text"
                title={`${error.type === undefined ? '' : `${error.type}: `}${error.message}, in ${visibleName(error.name)}`}
              >
                {error.message}
              </bdi>
              {error.routes_total > 1 && (
                <span class="figure-routes muted" title={routeNames(error)}>
                  {formatCount(error.routes_total)} routes
                </span>
              )}
            </>
          ),
          figures: [about(formatCount(error.count), error.estimated), formatAgo(Date.parse(error.last))],
        }))}
      />
    </>
  );
}

/** The names of an error's routes, one a line. */
function routeNames({ routes, routes_total }: Overview['errors'][number]): string {
  const others = routes_total - routes.length;
  return [...routes.map(visibleName), ...(others > 0 ? [`and ${formatCount(others)} more`] : [])].join('\n');
}

/** The newest traces and the slowest traces. */
export function TraceLists({ overview }: Pick<Props, 'overview'>) {
  return (
    <>
      <FigureList
        title="Newest traces"
        heads={['took', 'began']}
        none="No traces in this time."
        rows={overview.newest.map((trace) => traceRow(trace, formatAgo(Date.parse(trace.start))))}
      />
      <FigureList
        title="Slowest traces"
        heads={['took', 'errors']}
        none="No traces in this time."
        rows={overview.slowest.map((trace) =>
          traceRow(
            trace,
            trace.errors > 0 ? <span class="error-text">✗ {formatCount(trace.errors)}</span> : '',
          ),
        )}
      />
    </>
  );
}

function traceRow(trace: TraceSummary, figure: string | preact.JSX.Element) {
  return {
    key: trace.trace_id,
    place: tracePlace(trace.trace_id),
    name: <RootName trace={trace} />,
    figures: [formatDuration(trace.duration_ms), figure],
  };
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
