import { readUsualShares } from '../../../core/range/usual-shares.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { NAMES, namedValue } from '../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { RangeOptions } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { trafficFigures, trafficSql } from '../../../core/traces/read/traffic-sql.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { epochSeconds } from '../../../lib/time/time-range.ts';
import type { CallTraffic, MapCall, MapService, ServiceMap } from './schemas.ts';

/**
 * The services and the calls between them, from spans that started in the range. Plain SQL, because a
 * query cannot read a share of the traces, and calls either all of its rows estimates or none.
 */
export async function readServiceMap(
  store: SpanStore,
  range: TimeInterval,
  options: RangeOptions = {},
): Promise<ServiceMap> {
  const { weighted, joined, read, hasField } = await spansInRange(store, range, options);
  const { kind, parentId, isDatabase } = spanColumns(store);
  const incoming = `${kind} IN ('server', 'consumer')`;
  const [services, work, calls, databases] = await Promise.all([
    read(ALL_SERVICES),
    // A statement of its own: of other spans it reads only the column of parents, and finds spans without a parent.
    read(byService(weighted), incoming, `NOT (${incoming}) AND ${parentId} IS NULL`),
    read(byCall(weighted, joined.oneIn), joined.condition),
    read(byDatabase(weighted), `${kind} = 'client' AND ${isDatabase}`),
  ]);
  const trafficBy = new Map(work.map(([service, ...traffic]) => [service, traffic]));
  const seconds = Math.max(1, Number(range.end - range.start)) / 1e9;
  const own = services.map((row) => ({
    name: String(row[0]),
    type: 'service' as const,
    ...trafficOf(trafficBy.get(row[0]) ?? [], seconds),
    ...(typeof row[1] === 'string' && row[1] !== '' && { namespace: row[1] }),
  }));
  const failing = own.map(({ name: service, count, errors }) => ({ service, count, errors }));
  const usualOf = await readUsualShares(store, range, failing, options);
  const nodes = [
    ...own.map((each) => ({ ...each, ...usualOf({ service: each.name }) })),
    ...databases.filter(isNode).map((row) => databaseOf(row, seconds, hasField)),
  ];
  const ofDatabases = databases.filter((row) => !isNode(row)).map(([, ...row]) => row);
  const lines = [...calls, ...ofDatabases]
    .map((row) => callOf(row, seconds))
    .map((call) => ({ ...call, ...usualOf({ service: call.to }) }));
  return {
    ...epochSeconds(range),
    estimated: weighted && [...nodes, ...lines].some(({ stored }) => stored !== undefined),
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

/** @param oneIn one trace in this many is read */
function byCall(weighted: boolean, oneIn: number): string {
  const traffic = trafficSql(weighted || oneIn > 1, SHARES);
  // Spans of these kinds stay within their service. Without them the join is small.
  const called = `NOT root AND kind NOT IN ('internal', 'client', 'producer')`;
  // Each call has one caller. When spans share an id (a faulty sender may have thousands), the caller is the service that
  // answers.
  const calls = `(SELECT p.service AS caller, c.service AS callee, c.error AS error, c.duration AS duration,
      c.weight * ${oneIn} AS weight
    FROM (SELECT * FROM s WHERE ${called}) c JOIN (
      SELECT id, coalesce(min(service) FILTER (WHERE kind IN ('server', 'consumer')), min(service)) AS service
      FROM s WHERE id IN (SELECT parent FROM s WHERE ${called}) GROUP BY id
    ) p ON p.id = c.parent WHERE p.service <> c.service)`;
  return `SELECT caller, callee, ${traffic.total}, ${traffic.columns} FROM ${traffic.from(calls, ['caller', 'callee'])}
    GROUP BY 1, 2 ORDER BY 1, 2`;
}

/** The calls of a database by each service, and by all together: percentiles do not add up. */
function byDatabase(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  const figures = traffic.bySets('s', ['service', 'database'], [['service', 'database'], ['database']]);
  return `SELECT part, service, database, * EXCLUDE (part, stored, service, database) FROM (${figures}) ORDER BY 1, 2, 3`;
}

function isNode([part]: readonly unknown[]): boolean {
  return Number(part) > 0;
}

function callOf(row: readonly unknown[], seconds: number): MapCall {
  return { from: String(row[0]), to: String(row[1]), ...trafficOf(row.slice(2), seconds) };
}

/** @param row the milliseconds together, then columns of `trafficSql` */
function trafficOf([total, ...row]: readonly unknown[], seconds: number): CallTraffic {
  const { quantiles, ...figures } = trafficFigures(row);
  const { count, errors } = figures;
  const [p50_ms = 0, p95_ms = 0, p99_ms = 0] = quantiles;
  return {
    ...figures,
    rate_per_second: count / seconds,
    error_share: count === 0 ? 0 : errors / count,
    p50_ms,
    p95_ms,
    p99_ms,
    total_ms: Number(total ?? 0),
  };
}

function databaseOf(
  [, , database, ...traffic]: readonly unknown[],
  seconds: number,
  hasField: (name: string) => boolean,
): MapService {
  const name = String(database);
  const [system = '', ...namespace] = name.split(' ');
  const fields = [
    namedValue(NAMES.databaseSystem, hasField, system),
    ...(namespace.length > 0 ? [namedValue(NAMES.databaseName, hasField, namespace.join(' '))] : []),
  ];
  return { name, type: 'database' as const, fields, ...trafficOf(traffic, seconds) };
}
