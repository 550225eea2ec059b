import type { TimeRange } from '../../../core/shared/time-range.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { NAMES, namedValue } from '../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { RangeOptions } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { trafficFigures, trafficSql } from '../../../core/traces/read/traffic-sql.ts';
import type { CallTraffic, MapCall, MapService, ServiceMap } from './schemas.ts';

/**
 * The services and the calls between them, from spans that started in the range. Plain SQL, because a
 * query cannot read a share of the traces, and calls either all of its rows estimates or none.
 */
export async function readServiceMap(
  store: SpanStore,
  range: TimeRange,
  options: RangeOptions = {},
): Promise<ServiceMap> {
  const { weighted, joined, read, hasField } = await spansInRange(store, range, options);
  const { kind, parentId, isDatabase } = spanColumns(store);
  const incoming = `${kind} IN ('server', 'consumer')`;
  const [services, work, calls, databases] = await Promise.all([
    read(ALL_SERVICES),
    // A statement of its own: of other spans it reads only the column of parents, and finds spans without a parent.
    read(byService(weighted), incoming, `NOT (${incoming}) AND ${parentId} IS NULL`),
    read(byCall(weighted), joined.condition),
    read(byDatabase(weighted), `${kind} = 'client' AND ${isDatabase}`),
  ]);
  const trafficBy = new Map(work.map(([service, ...traffic]) => [service, traffic]));
  const seconds = Math.max(1e-9, range.endTime - range.startTime);
  const databaseCalls = databases.map((row) => callOf(row, seconds, 1));
  const nodes = [
    ...services.map((row) => ({
      name: String(row[0]),
      type: 'service' as const,
      ...trafficOf(trafficBy.get(row[0]) ?? [], seconds, 1),
      ...(typeof row[1] === 'string' && row[1] !== '' && { namespace: row[1] }),
    })),
    ...databaseNodes(databaseCalls, seconds, hasField),
  ];
  const lines = [...calls.map((row) => callOf(row, seconds, joined.oneIn)), ...databaseCalls];
  return {
    start_time: range.startTime,
    end_time: range.endTime,
    estimated: weighted && [...nodes, ...lines].some(({ estimated }) => estimated),
    ...(joined.oneIn > 1 && { one_trace_in: joined.oneIn }),
    services: nodes,
    calls: lines,
  };
}

const SHARES = [0.5, 0.95, 0.99];

/** Includes services that answer no requests. */
const ALL_SERVICES = 'SELECT service, max(namespace) FROM s GROUP BY service ORDER BY service';

function byService(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  return `SELECT service, ${traffic.total}, ${traffic.columns} FROM ${traffic.from('s', ['service'])} GROUP BY service`;
}

function byCall(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  // Spans of these kinds stay within their service. Without them the join is small.
  const called = `NOT root AND kind NOT IN ('internal', 'client', 'producer')`;
  // Each call has one caller. When spans share an id (a faulty sender may have thousands), the caller is the service that
  // answers.
  const calls = `(SELECT p.service AS caller, c.service AS callee, c.error AS error, c.duration AS duration, c.weight AS weight
    FROM (SELECT * FROM s WHERE ${called}) c JOIN (
      SELECT id, coalesce(min(service) FILTER (WHERE kind IN ('server', 'consumer')), min(service)) AS service
      FROM s WHERE id IN (SELECT parent FROM s WHERE ${called}) GROUP BY id
    ) p ON p.id = c.parent WHERE p.service <> c.service)`;
  return `SELECT caller, callee, ${traffic.total}, ${traffic.columns} FROM ${traffic.from(calls, ['caller', 'callee'])}
    GROUP BY 1, 2 ORDER BY 1, 2`;
}

function byDatabase(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  return `SELECT service, database, ${traffic.total}, ${traffic.columns} FROM ${traffic.from('s', ['service', 'database'])} GROUP BY 1, 2 ORDER BY 1, 2`;
}

function callOf(row: readonly unknown[], seconds: number, times: number): MapCall {
  return { from: String(row[0]), to: String(row[1]), ...trafficOf(row.slice(2), seconds, times) };
}

/** @param row the milliseconds together, then columns of `trafficSql` */
function trafficOf([total, ...row]: readonly unknown[], seconds: number, times: number): CallTraffic {
  const { quantiles, ...figures } = trafficFigures(row, times);
  const { count, errors } = figures;
  const [p50_ms = 0, p95_ms = 0, p99_ms = 0] = quantiles;
  const error_share = count === 0 ? 0 : errors / count;
  const total_ms = Number(total ?? 0) * times;
  return { ...figures, rate_per_second: count / seconds, error_share, p50_ms, p95_ms, p99_ms, total_ms };
}

/** One node per database. Nobody can add up percentiles of several callers, so the node has the percentiles of the slowest caller. */
function databaseNodes(
  calls: readonly MapCall[],
  seconds: number,
  hasField: (name: string) => boolean,
): MapService[] {
  const byName = [...Map.groupBy(calls, (call) => call.to)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byName.map(([name, of]) => {
    const sum = (pick: (call: MapCall) => number) => of.reduce((total, call) => total + pick(call), 0);
    const most = (pick: (call: MapCall) => number) => of.reduce((top, call) => Math.max(top, pick(call)), 0);
    const quantiles = [most((call) => call.p50_ms), most((call) => call.p95_ms), most((call) => call.p99_ms)];
    const least = Math.min(...of.map((call) => call.effective ?? Infinity));
    const sampled = [of.some((call) => call.estimated), of.some((call) => call.errors_estimated), least];
    const row = [
      sum((call) => call.total_ms),
      sum((call) => call.count),
      sum((call) => call.errors),
      quantiles,
      sampled,
    ];
    const [system = '', ...namespace] = name.split(' ');
    const fields = [
      namedValue(NAMES.databaseSystem, hasField, system),
      ...(namespace.length > 0 ? [namedValue(NAMES.databaseName, hasField, namespace.join(' '))] : []),
    ];
    return { name, type: 'database' as const, fields, ...trafficOf(row, seconds, 1) };
  });
}
