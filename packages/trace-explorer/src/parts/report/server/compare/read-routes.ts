import { aliasesOf } from '../../../../core/conventions/attributes.ts';
import { problems } from '../../../../core/errors.ts';
import { noCopyFor, runOf, weightOf } from '../../../../core/runs/read-runs.ts';
import type { Run } from '../../../../core/runs/schemas.ts';
import { firstField } from '../../../../core/store/read/field-sql.ts';
import { flag, list, namedColumns, number, text } from '../../../../core/store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import type { WeightedValue } from './chance.ts';
import { atEqualShares } from './chance.ts';
import type { Side } from './change.ts';

/** Most routes to compare: the routes with most requests. */
const MAX_ROUTES = 200;
/** Operations of all routes of a run together. */
const MAX_OPERATIONS = 100_000;
/** Spans of one look-up of parents. */
const PART = 200_000;

/** All requests of a run by route, the routes with most requests of both runs. */
export interface RoutesReading {
  readonly routes: ReadonlyMap<string, RouteRequests>;
}

/** A route's requests in a run. */
export interface RouteRequests {
  readonly service: string;
  readonly route: string;
  readonly side: Side;
  /** Milliseconds of the stored requests, in order, at equal shares of their weights. */
  readonly durations: readonly number[];
  /** Bytes of the answers that say their size, likewise. */
  readonly sizes: readonly number[];
  /** Requests by the status of their answer. */
  readonly statuses: Map<number, number>;
  readonly calls: Map<string, OperationCalls>;
}

/** Requests by how often they call an operation. */
export interface OperationCalls {
  readonly to: string;
  readonly operation: string;
  readonly counts: Map<number, number>;
}

/**
 * Requests of two runs by service and route (`http.route` with its method, else the name), and the calls of each request: its
 * CLIENT and PRODUCER spans, down to the requests that they cause. A call below another call of its own service is part of that
 * call. Each span counts once, and a sampled request by its rate.
 * @throws QUERY_TOO_LARGE for too many operations
 */
export async function readRoutes(
  store: SpanStore,
  { base, head }: { readonly base: Run; readonly head: Run },
  options: ReadOptions,
): Promise<{ base: RoutesReading; head: RoutesReading; count: number }> {
  const { parentId, kind } = spanColumns(store);
  const ofRuns = `${runOf(store)} IN ($1, $2)`;
  const read = async (sql: string) => (await store.read(sql, [base.id, head.id], options)).rows;
  const isRequest = `(${kind} = 'server' OR ${parentId} IS NULL)`;
  const requests = nodes(store, `${ofRuns} AND ${isRequest}`, runOf(store));
  const requestRows = (await read(requestsSql(requests))).map(ROUTE.rowOf);
  const routesOf = (side: 'base' | 'head') =>
    new Map(requestRows.map((row) => [jsonKey(row.service, row.route), routeOf(row, side)]));
  const [before, now] = [routesOf('base'), routesOf('head')];
  for (const { isHead, service, route, status, count } of (await read(statusesSql(requests))).map(
    STATUS.rowOf,
  ))
    (isHead ? now : before).get(jsonKey(service, route))?.statuses.set(status, count);
  await addCalls(store, before, base, options);
  await addCalls(store, now, head, options);
  return { base: { routes: before }, head: { routes: now }, count: requestRows[0]?.all ?? 0 };
}

/** Adds the calls of a run to its routes. @throws QUERY_TOO_LARGE for too many operations */
async function addCalls(
  store: SpanStore,
  routes: ReadonlyMap<string, RouteRequests>,
  { id, spans }: Run,
  options: ReadOptions,
): Promise<void> {
  const { traceId } = spanColumns(store);
  const parts = Math.ceil(spans / PART);
  for (let part = 0; part < parts; part++) {
    const own = `hash(${traceId}) % ${parts} = ${part}`;
    const ofRun = `${traceId} IN (SELECT ${traceId} FROM spans WHERE ${runOf(store)} = $1 AND ${own})`;
    const whole = nodes(store, `${own} AND ${ofRun} AND ${noCopyFor(store, '$1')}`);
    const { rows } = await store.read(callsSql(whole), [id], options);
    for (const { service, route, to, operation, calls, count } of rows.map(CALLS.rowOf)) {
      const known = routes.get(jsonKey(service, route))?.calls;
      if (known === undefined) continue;
      const { counts } = getOrMake(known, jsonKey(to, operation), (): OperationCalls => {
        return { to, operation, counts: new Map() };
      });
      counts.set(calls, (counts.get(calls) ?? 0) + count);
    }
    if ([...routes.values()].reduce((sum, { calls }) => sum + calls.size, 0) > MAX_OPERATIONS)
      throw problems.QUERY_TOO_LARGE({
        detail: `More than ${MAX_OPERATIONS} operations are called. A CLIENT span's name should have no id in it.`,
      });
  }
}

function jsonKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function routeOf(row: ReturnType<typeof ROUTE.rowOf>, of: 'base' | 'head'): RouteRequests {
  const {
    service,
    route,
    [of]: side,
    [`${of}Durations` as const]: durations,
    [`${of}Sizes` as const]: sizes,
  } = row;
  return {
    ...{ service, route, side },
    durations: atEqualShares(durations),
    sizes: atEqualShares(sizes),
    statuses: new Map(),
    calls: new Map(),
  };
}

/** Spans that match a condition. Spans with the same id are one. @param apart SQL of what keeps them apart in spite of that */
function nodes(store: SpanStore, condition: string, apart = 'true'): string {
  const c = spanColumns(store);
  const text = (...names: readonly string[]) => firstField(store.fields(), ...names);
  const method = text(...NAMES.method);
  const address = text(...NAMES.destination, ...NAMES.host, ...NAMES.callee);
  return `SELECT hash(${c.traceId}, ${c.spanId}) AS id, min(hash(${c.traceId}, ${c.parentId})) AS parent,
      min(${c.traceId}) AS trace, min(${c.service}) AS service, min(${runOf(store)}) AS run,
      bool_or(${c.kind} = 'server') AS answers, bool_or(${c.kind} = 'server' OR ${c.parentId} IS NULL) AS request,
      bool_or(${c.kind} IN ('client', 'producer')) AS calls, bool_or(${c.error}) AS error, min(${c.duration}) / 1e6 AS duration,
      min(coalesce(${method} || ' ' || ${text('http.route')}, ${c.name}, '')) AS route,
      min(coalesce(${c.database}, ${address}, '')) AS destination, max(${weightOf(store)}) AS weight,
      min(TRY_CAST(${c.statusCode} AS INTEGER)) AS status, min(TRY_CAST(${text(...aliasesOf('http.response.body.size'))} AS DOUBLE)) AS size
    FROM spans WHERE ${c.isSpan} AND ${condition} GROUP BY 1, ${apart}`;
}

const [OF_BASE, OF_HEAD] = ['run = $1', 'run = $2'] as const;

function sideColumn(ofRun: string) {
  const middle = `(list(trace ORDER BY duration, trace) FILTER (${ofRun}))[CAST(ceil(count(*) FILTER (${ofRun}) / 2) AS INTEGER)]`;
  const sum = (of: string, and = '') => `coalesce(sum(${of}) FILTER (${ofRun}${and}), 0)`;
  const sql = `{requests: round(${sum('weight')}), errors: round(${sum('weight', ' AND error')}),
    seen: count(DISTINCT trace) FILTER (${ofRun}), trace_id: ${middle},
    stored: CASE WHEN max(weight) FILTER (${ofRun}) > 1 THEN count(*) FILTER (${ofRun}) END}`;
  const read = (value: unknown): Side => {
    const { stored, ...side } = value as Side & { readonly stored: number | null };
    return stored === null ? side : { ...side, stored };
  };
  return { sql, read };
}

/** Values in order, each with how many it stands for. */
function ordered(field: 'duration' | 'size', ofRun: string) {
  return list<WeightedValue>(
    `list({value: ${field}, weight: weight} ORDER BY ${field}) FILTER (${ofRun} AND ${field} IS NOT NULL)`,
  );
}

const ROUTE = namedColumns({
  service: text('service'),
  route: text('route'),
  all: number('count(*) OVER ()'),
  base: sideColumn(OF_BASE),
  head: sideColumn(OF_HEAD),
  baseDurations: ordered('duration', OF_BASE),
  headDurations: ordered('duration', OF_HEAD),
  baseSizes: ordered('size', OF_BASE),
  headSizes: ordered('size', OF_HEAD),
});

function requestsSql(requests: string): string {
  return `SELECT ${ROUTE.sql} FROM (${requests})
    GROUP BY service, route ORDER BY count(*) DESC, service, route LIMIT ${MAX_ROUTES}`;
}

const STATUS = namedColumns({
  isHead: flag('run <> $1'),
  service: text('service'),
  route: text('route'),
  status: number('status'),
  count: number('sum(weight)'),
});

function statusesSql(requests: string): string {
  return `SELECT ${STATUS.sql} FROM (${requests}) WHERE status IS NOT NULL GROUP BY run, service, route, status ORDER BY ALL`;
}

const CALLS = namedColumns({
  service: text('service'),
  route: text('route'),
  to: text('target'),
  operation: text('operation'),
  calls: number('calls'),
  count: number('sum(weight)'),
});

/** The calls of the requests of the run $1. @param all the spans of its traces */
function callsSql(all: string): string {
  return `WITH RECURSIVE nodes AS MATERIALIZED (${all}),
    climb AS (
      SELECT c.id AS call, c.parent AS up, 1 AS depth FROM nodes c JOIN nodes p ON p.id = c.parent
      WHERE c.calls AND NOT c.request AND NOT (p.calls AND p.service = c.service)
      UNION ALL
      SELECT climb.call, p.parent, depth + 1 FROM climb JOIN nodes p ON p.id = climb.up
      WHERE NOT p.request AND depth < 100
    ),
    answers AS (SELECT parent, min(service) AS service, min(route) AS route FROM nodes WHERE answers GROUP BY parent),
    made AS (
      SELECT r.service AS service, r.route AS route, r.id AS request, r.weight AS weight, coalesce(a.service, c.destination) AS target,
        coalesce(a.route, c.route) AS operation, count(*) AS calls
      FROM climb JOIN nodes r ON r.id = climb.up JOIN nodes c ON c.id = climb.call LEFT JOIN answers a ON a.parent = c.id
      WHERE r.request AND r.run = $1 GROUP BY ALL
    )
    SELECT ${CALLS.sql} FROM made GROUP BY service, route, target, operation, calls ORDER BY ALL`;
}
