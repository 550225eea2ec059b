import { namedColumns, number, text } from '../../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../store/store.ts';
import type { SpanColumns } from '../span-columns.ts';
import { spanColumns } from '../span-columns.ts';
import type { SpanRecord } from '../span-record.ts';
import { bySlices, rowsBeside, sliceOf } from './near-spans.ts';

/** Calls that are alike, and those of them that opened connections: so many, and of their time such a share. */
const LEAST_CALLS = 5;
const LEAST_OPENED = 0.9;
const LEAST_SHARE = 0.3;
/** Connections that open faster, in nanoseconds each, cost nothing that anybody notices. */
const LEAST_NS = 5e6;
const LEAST_SUM_NS = 50e6;
/** A client keeps a connection for a few seconds: so long after a call, its connection should serve the next one, in nanoseconds. */
const KEPT_NS = 1_000_000_000;
/** How many calls are looked at of ten minutes. */
const MOST_CALLS = 10_000;
/** Names of spans that open the connection of a database, and of those that ask a pool for one. Patterns of RE2 and JavaScript. */
const CONNECT = '(?:^|[._-])[cC]onnect$|^connect ';
const OF_POOL = '[pP]ool|[aA]cquire|[gG]et_?[cC]onnection';

/**
 * The records, where of a call that opened a connection is known that its like do so each time, although a call before had just
 * ended: of HTTP the calls of its line, and of a database that no pool is asked for its statements. As JSON: how many calls, how many
 * connections, the milliseconds that opening took, and those of all.
 */
export async function withOwnConnections(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const [lines, databases] = await Promise.all([
    readHttp(store, records.filter(opensHttp), options),
    readDatabases(store, records.filter(opensDatabase), options),
  ]);
  if (lines.size + databases.size === 0) return records;
  return records.map((record) => {
    const { service, line, peer } = record;
    const slice = Number(sliceOf(record));
    const ownConnections = opensHttp(record)
      ? lines.get(habitKey(slice, service, line))
      : opensDatabase(record)
        ? databases.get(habitKey(slice, service, peer))
        : undefined;
    return ownConnections === undefined ? record : { ...record, ownConnections };
  });
}

function opensHttp({ kind, line, isDatabase, duration, dns, connecting, tls }: SpanRecord): boolean {
  // A connection to this machine, or to a near one, is there at once: then only its handshake has a time.
  const isLong = connecting + tls > 0 && 1e6 * (dns + connecting + tls) >= LEAST_SHARE * duration;
  return kind === 'client' && line !== '' && !isDatabase && isLong;
}

function opensDatabase({ kind, name, line, peer, isDatabase, statement, error }: SpanRecord): boolean {
  const isSuccess = kind === 'client' && isDatabase && statement === 0 && !error;
  return isSuccess && line !== '' && peer !== '' && isConnect.test(name) && !isOfPool.test(name);
}

const isConnect = new RegExp(CONNECT);
const isOfPool = new RegExp(OF_POOL);

function habitKey(slice: number, service: string, of: string): string {
  return JSON.stringify([slice, service, of]);
}

async function readHttp(store: SpanStore, asked: readonly SpanRecord[], options: ReadOptions) {
  const c = spanColumns(store);
  const parts = [c.dns, c.connecting, c.tls].map((part) => `coalesce(${part}, 0)`);
  return readCounts(
    store,
    asked,
    { key: c.line, of: ({ line }) => line },
    {
      from: `${c.kind} = 'client'`,
      opening: `1e6 * (${parts.join(' + ')})`,
      isCall: 'true',
      isOfPool: 'false',
    },
    options,
  );
}

async function readDatabases(store: SpanStore, asked: readonly SpanRecord[], options: ReadOptions) {
  const c = spanColumns(store);
  const named = (pattern: string) => `regexp_matches(coalesce(${c.name}, ''), '${pattern}')`;
  const isOpening = `NOT ${c.hasStatement} AND ${named(CONNECT)}`;
  return readCounts(
    store,
    asked,
    { key: c.peer, of: ({ peer }) => peer },
    {
      from: `${c.isDatabase}`,
      opening: `CASE WHEN ${isOpening} THEN ${c.duration} ELSE 0 END`,
      isCall: c.hasStatement,
      isOfPool: `NOT ${c.hasStatement} AND ${named(OF_POOL)}`,
    },
    options,
  );
}

/** SQL about a span: which ones are looked at, how long it opened a connection, and whether it is a call, or asks a pool. */
interface Looked {
  readonly from: string;
  readonly opening: string;
  readonly isCall: string;
  readonly isOfPool: string;
}

/** The counts of what opens a connection each time, by slice, service and key. @param asked of these keys */
async function readCounts(
  store: SpanStore,
  asked: readonly SpanRecord[],
  by: { readonly key: string; of(record: SpanRecord): string },
  looked: Looked,
  options: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  if (asked.length === 0) return new Map();
  const parts = bySlices(asked).map((part) => readPart(store, part, by, looked, options));
  return new Map((await Promise.all(parts)).flat());
}

async function readPart(
  store: SpanStore,
  asked: readonly SpanRecord[],
  { key, of }: { readonly key: string; of(record: SpanRecord): string },
  { from, opening, isCall, isOfPool }: Looked,
  options: ReadOptions,
): Promise<[key: string, counts: string][]> {
  const keys = [...new Set(asked.map(of))];
  const c: SpanColumns = spanColumns(store);
  const columns = namedColumns({
    slice: number('slice'),
    service: text('service'),
    key: text('key'),
    calls: number('calls'),
    opened: number('opened'),
    openingMs: number('opening / 1e6'),
    tookMs: number('took / 1e6'),
  });
  const isLike = `${from} AND ${key} IN (${keys.map((_, nth) => `$${nth + 1}`).join(', ')})`;
  const { rows } = await store.read(
    `WITH near AS (
      SELECT _slice AS slice, ${c.service} AS service, ${key} AS key, ${c.start} AS start, ${c.duration} AS duration, ${opening} AS opening,
        ${isCall} AS called, ${isOfPool} AS pooled, max(${c.start} + ${c.duration}) OVER (
          PARTITION BY ${['_slice', c.service, c.instance, key, c.peer].join(', ')} ORDER BY ${c.start} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
      FROM ${rowsBeside(asked, isLike, MOST_CALLS)}),
    counts AS (
      SELECT slice, service, key, count_if(called) AS calls, count_if(opening > 0) AS opened, sum(opening) AS opening, sum(duration) AS took,
        count_if(opening > 0 AND before <= start AND before > start - ${KEPT_NS}) AS again, bool_or(pooled) AS pooled
      FROM near GROUP BY slice, service, key)
    SELECT ${columns.sql} FROM counts
    WHERE calls >= ${LEAST_CALLS} AND opened >= ${LEAST_OPENED} * calls AND again >= ${LEAST_CALLS - 1} AND NOT pooled
      AND opening >= greatest(${LEAST_SUM_NS}, ${LEAST_SHARE} * took, ${LEAST_NS} * calls)`,
    keys,
    options,
  );
  return rows
    .map(columns.rowOf)
    .map(({ slice, service, key: found, calls, opened, openingMs, tookMs }) => [
      habitKey(slice, service, found),
      JSON.stringify([calls, opened, openingMs, tookMs]),
    ]);
}
