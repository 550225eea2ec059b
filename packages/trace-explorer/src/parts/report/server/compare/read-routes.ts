import { namesFor } from '../../../../core/conventions/attributes.ts';
import { problems } from '../../../../core/errors.ts';
import { runOf } from '../../../../core/runs/read-runs.ts';
import type { Run, Side } from '../../../../core/runs/schemas.ts';
import { getOrMake } from '../../../../core/shared/get-or-make.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { firstField } from '../../../../core/traces/read/field-sql.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import { effectiveValues } from './chance.ts';

/** Most routes to compare: the routes with most requests. */
const MAX_ROUTES = 200;
/** Operations of all routes together. */
const MAX_OPERATIONS = 100_000;
/** Spans of one look-up of parents. */
const PART = 200_000;

/** A route's requests in two runs, the base first. */
export interface RouteRequests {
  readonly service: string;
  readonly route: string;
  readonly sides: readonly [Side, Side];
  /** Milliseconds, in order: as many as say as much as the sampled ones. */
  readonly durations: readonly [readonly number[], readonly number[]];
  /** Bytes of the answers that say their size, in order. */
  readonly sizes: readonly [readonly number[], readonly number[]];
  /** Requests by the status of their answer. */
  readonly statuses: readonly [Map<number, number>, Map<number, number>];
  readonly calls: Map<string, OperationCalls>;
}

/** Requests of two runs by how often they call an operation. */
export interface OperationCalls {
  readonly to: string;
  readonly operation: string;
  readonly counts: readonly [Map<number, number>, Map<number, number>];
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
): Promise<{ routes: RouteRequests[]; count: number }> {
  const { traceId, parentId, kind } = spanColumns(store);
  const ofRuns = `${runOf(store)} IN ($1, $2)`;
  const read = async (sql: string) => (await store.read(sql, [base.id, head.id], options)).rows;
  const requests = nodes(store, `${ofRuns} AND (${kind} = 'server' OR ${parentId} IS NULL)`);
  const found = await read(requestsSql(requests));
  const routes = new Map(found.map((row) => [keyOf(row[0], row[1]), routeOf(row)]));
  for (const [side, service, route, status, count] of await read(statusesSql(requests)))
    routes.get(keyOf(service, route))?.statuses[side === 0 ? 0 : 1].set(Number(status), Number(count));
  const parts = Math.ceil((base.spans + head.spans) / PART);
  for (let part = 0; part < parts; part++) {
    const own = `hash(${traceId}) % ${parts} = ${part}`;
    const whole = `${own} AND ${traceId} IN (SELECT ${traceId} FROM spans WHERE ${ofRuns} AND ${own})`;
    for (const [side, service, route, to, operation, calls, count] of await read(
      callsSql(nodes(store, whole)),
    )) {
      const known = routes.get(keyOf(service, route))?.calls;
      if (known === undefined) continue;
      const { counts } = getOrMake(known, keyOf(to, operation), (): OperationCalls => {
        return { to: String(to), operation: String(operation), counts: [new Map(), new Map()] };
      });
      const requests = counts[side === 0 ? 0 : 1];
      requests.set(Number(calls), (requests.get(Number(calls)) ?? 0) + Number(count));
    }
    if ([...routes.values()].reduce((sum, { calls }) => sum + calls.size, 0) > MAX_OPERATIONS)
      throw problems.QUERY_TOO_LARGE({
        detail: `More than ${MAX_OPERATIONS} operations are called. A CLIENT span's name should have no id in it.`,
      });
  }
  return { routes: [...routes.values()], count: Number(found[0]?.[2] ?? 0) };
}

function keyOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

function routeOf([service, route, , base, head, ...lists]: readonly unknown[]): RouteRequests {
  const [ofBase = [], ofHead = [], baseSizes = [], headSizes = []] = lists.map((list) => {
    const each = (list ?? []) as readonly { value: number; weight: number }[];
    const isSampled = each.some(({ weight }) => weight > 1);
    return effectiveValues(
      each.map(({ value }) => value),
      isSampled ? each.map(({ weight }) => weight) : undefined,
    );
  });
  return {
    service: String(service),
    route: String(route),
    sides: [base as Side, head as Side],
    durations: [ofBase, ofHead],
    sizes: [baseSizes, headSizes],
    statuses: [new Map(), new Map()],
    calls: new Map(),
  };
}

/** Spans that match a condition. Spans with the same id are one. */
function nodes(store: SpanStore, condition: string): string {
  const c = spanColumns(store);
  const text = (...names: readonly string[]) => firstField(store.fields(), ...names);
  const method = text(...NAMES.method);
  const address = text(...NAMES.destination, ...NAMES.host, ...NAMES.callee);
  const rate = store.sampleRate()?.sql ?? 'NULL';
  return `SELECT hash(${c.traceId}, ${c.spanId}) AS id, min(hash(${c.traceId}, ${c.parentId})) AS parent,
      min(${c.traceId}) AS trace, min(${c.service}) AS service, min(${runOf(store)}) AS run,
      bool_or(${c.kind} = 'server') AS answers, bool_or(${c.kind} = 'server' OR ${c.parentId} IS NULL) AS request,
      bool_or(${c.kind} IN ('client', 'producer')) AS calls, bool_or(${c.error}) AS error, min(${c.duration}) / 1e6 AS duration,
      min(coalesce(${method} || ' ' || ${text('http.route')}, ${c.name}, '')) AS route,
      min(coalesce(${c.database}, ${address}, '')) AS destination, max(coalesce(CAST(${rate} AS DOUBLE), 1)) AS weight,
      min(TRY_CAST(${c.statusCode} AS INTEGER)) AS status, min(TRY_CAST(${text(...namesFor('http.response.body.size'))} AS DOUBLE)) AS size
    FROM spans WHERE ${c.isSpan} AND ${condition} GROUP BY 1`;
}

function requestsSql(requests: string): string {
  const own = (run: string) => `FILTER (WHERE run = ${run})`;
  const sides = ['$1', '$2'].map((run) => {
    const middle = `(list(trace ORDER BY duration, trace) ${own(run)})[CAST(ceil(count(*) ${own(run)} / 2) AS INTEGER)]`;
    const sum = (of: string, and = '') => `coalesce(sum(${of}) FILTER (WHERE run = ${run}${and}), 0)`;
    return `{requests: round(${sum('weight')}), errors: round(${sum('weight', ' AND error')}), seen: count(*) ${own(run)},
      effective: coalesce(${sum('weight')} ** 2 / nullif(${sum('weight * weight')}, 0), 0), trace_id: ${middle}}`;
  });
  const lists = ['duration', 'size'].flatMap((field) =>
    ['$1', '$2'].map(
      (run) =>
        `list({value: ${field}, weight: weight} ORDER BY ${field}) FILTER (WHERE run = ${run} AND ${field} IS NOT NULL)`,
    ),
  );
  return `SELECT service, route, count(*) OVER (), ${[...sides, ...lists].join(', ')} FROM (${requests})
    GROUP BY service, route ORDER BY count(*) DESC, service, route LIMIT ${MAX_ROUTES}`;
}

function statusesSql(requests: string): string {
  return `SELECT CASE WHEN run = $1 THEN 0 ELSE 1 END, service, route, status, sum(weight) FROM (${requests})
    WHERE status IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY ALL`;
}

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
      SELECT r.run AS run, r.service AS service, r.route AS route, r.id AS request, r.weight AS weight, coalesce(a.service, c.destination) AS target,
        coalesce(a.route, c.route) AS operation, count(*) AS calls
      FROM climb JOIN nodes r ON r.id = climb.up JOIN nodes c ON c.id = climb.call LEFT JOIN answers a ON a.parent = c.id
      WHERE r.request AND r.run IN ($1, $2) GROUP BY ALL
    )
    SELECT CASE WHEN run = $1 THEN 0 ELSE 1 END, service, route, target, operation, calls, sum(weight) FROM made
    GROUP BY run, service, route, target, operation, calls
    ORDER BY ALL`;
}
