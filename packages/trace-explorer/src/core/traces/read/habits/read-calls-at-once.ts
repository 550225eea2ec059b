import { firstField, readField } from '../../../store/read/field-sql.ts';
import { bigint, namedColumns, number, text } from '../../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../store/store.ts';
import { pathShapeSql } from '../../model/shapes.ts';
import { NAMES } from '../meanings.ts';
import { spanColumns } from '../span-columns.ts';
import type { SpanRecord } from '../span-record.ts';
import type { RequestCall } from './calls-at-once.ts';
import { callsAtOnce, LEAST_NS, mayBeAtOnce } from './calls-at-once.ts';
import { isBeside, isNear, sliceOf } from './near-spans.ts';

/** How many requests, and how many calls, are looked at of half an hour. Of more, a request may seem to have made no call. */
const MOST = 20_000;
/** Nanoseconds around a call in which most calls show that they were no such ones: their arguments differ, or they go on and on. */
const CLOSE_NS = 1_000_000_000n;
const MOST_CLOSE = 2_000;

/**
 * The records, where of a call that reads is known that requests of one path made it at once, with equal arguments, although one would
 * have served all: see `callsAtOnce`. As JSON: how many calls, the milliseconds of all, and how many requests after them made none.
 */
export async function withCallsAtOnce(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const placeOf = ({ traceId, service }: SpanRecord) => `${traceId} ${service}`;
  const keyed = new Set(records.flatMap((record) => (record.isDatabase ? placeOf(record) : [])));
  const all = records.filter(
    (record) => isAsked(record) && (keyed.has(placeOf(record)) || isOfOneThing(record)),
  );
  const told = new Map<number, string>();
  for (const [slice, asked] of Map.groupBy(all, sliceOf)) {
    const calls = new Set(asked.map(({ sequence }) => sequence));
    const near = records.filter((record) => record.kind === 'server' && sliceOf(record) === slice);
    const close = await readRequests(
      store,
      asked,
      isNear([...asked, ...near], CLOSE_NS),
      MOST_CLOSE,
      options,
    );
    if (close !== undefined && !mayBeAtOnce(close, calls)) continue;
    const beside = await readRequests(store, asked, isBeside(slice), MOST, options);
    for (const burst of callsAtOnce(beside ?? []))
      for (const call of burst.calls)
        if (calls.has(call))
          told.set(call, JSON.stringify([burst.calls.length, burst.took / 1e6, burst.after]));
  }
  if (told.size === 0) return records;
  return records.map((record) => {
    const atOnce = told.get(record.sequence);
    return atOnce === undefined ? record : { ...record, atOnce };
  });
}

function isAsked({ kind, name, shape, call, statement, error, duration }: SpanRecord): boolean {
  const isReading = /^(?:HTTP )?(?:GET|HEAD|SELECT)\b/.test(name) || shape.startsWith('SELECT ');
  return kind === 'client' && isReading && call + statement > 0 && !error && duration >= LEAST_NS;
}

/** Whether its address may be that of one thing. A route without a parameter names what depends on who asks. */
function isOfOneThing({ name, shape }: SpanRecord): boolean {
  const path = shape.startsWith('/') ? shape : name;
  return !path.includes('/') || /[:{<[*\d]/.test(path);
}

/**
 * Requests in a part of the time, each with its calls that are named like some. Equal arguments are known of a statement without values, of the URL of
 * one thing (what `/me` answers depends on who asks), and where the request had just looked for the same key of a store.
 * @param isWithin SQL of whether a row is in that part
 * @returns undefined where there are `most` or more
 */
async function readRequests(
  store: SpanStore,
  asked: readonly SpanRecord[],
  isWithin: string,
  most: number,
  options: ReadOptions,
): Promise<readonly RequestCall[] | undefined> {
  const fields = store.fields();
  const first = (...names: readonly string[]) => firstField(fields, ...names);
  const c = spanColumns(store);
  const services = [...new Set(asked.map(({ service }) => service))];
  const names = [...new Set(asked.map(({ name }) => name))];
  const listed = (values: readonly string[], from: number) =>
    values.map((_, nth) => `$${from + nth + 1}`).join(', ');
  const near = `${isWithin} AND ${c.service} IN (${listed(services, 0)})`;
  const path = `coalesce(${first(...NAMES.path)} || coalesce('?' || ${readField(fields, 'url.query', 'VARCHAR')}, ''), ${readField(fields, 'http.target', 'VARCHAR')})`;
  const url = first(...NAMES.url);
  const hasId = `contains(${pathShapeSql(`regexp_replace(${url}, '^[a-z]+://[^/?#]*', '')`)}, ':id')`;
  const place = `${c.traceId} AS trace, ${c.service} AS service, coalesce(${c.instance}, '') AS instance, ${c.start} AS start, ${c.start} + ${c.duration} AS until`;
  const columns = namedColumns({
    request: text('id'),
    path: text("concat_ws(' ', service, instance, status, path)"),
    start: bigint('start'),
    until: bigint('until'),
    call: number('call'),
    took: number('took'),
    what: text('what'),
    same: text('same'),
    seen: number(
      '(SELECT max(seen) FROM (SELECT count(*) AS seen FROM requests UNION ALL SELECT count(*) FROM calls))',
    ),
  });
  const { rows } = await store.read(
    `WITH requests AS MATERIALIZED (
      SELECT _seq AS id, ${place}, ${path} AS path, ${c.statusCode} AS status
      FROM (SELECT * FROM spans WHERE ${near} AND ${c.kind} = 'server' AND NOT ${c.error} AND ${first(...NAMES.method)} = 'GET' LIMIT ${most}) AS spans),
    calls AS MATERIALIZED (
      SELECT _seq AS call, ${place}, ${c.duration} AS took, concat(${c.name}, ' ', ${c.shape}) AS what,
        CASE WHEN ${c.isDatabase} OR ${hasId} THEN CAST(${c.call} AS VARCHAR) END AS own
      FROM (SELECT * FROM spans WHERE ${near} AND ${c.kind} = 'client' AND NOT ${c.error} AND ${c.name} IN (${listed(names, services.length)}) LIMIT ${most}) AS spans),
    looks AS (
      SELECT ${place}, ${c.resource} AS key
      FROM (SELECT * FROM spans WHERE ${near} AND ${c.kind} = 'client' AND ${c.isDatabase}) AS spans
      WHERE key IS NOT NULL AND trace IN (SELECT trace FROM calls)),
    keyed AS (
      SELECT calls.*, coalesce(own, 'key ' || looks.key) AS same FROM calls
      LEFT JOIN looks ON looks.trace = calls.trace AND looks.service = calls.service AND looks.until <= calls.start
      QUALIFY row_number() OVER (PARTITION BY call ORDER BY looks.until DESC NULLS LAST) = 1),
    made AS (
      SELECT requests.id, call, took, what, same FROM keyed
      JOIN requests USING (trace, service, instance)
      WHERE requests.start <= keyed.start AND keyed.start < requests.until
      QUALIFY row_number() OVER (PARTITION BY call ORDER BY requests.start DESC) = 1)
    SELECT ${columns.sql} FROM requests LEFT JOIN made USING (id)
    WHERE path IS NOT NULL AND (service, instance, path) IN (SELECT (service, instance, path) FROM requests WHERE id IN (SELECT id FROM made))`,
    [...services, ...names],
    options,
  );
  const found = rows.map(columns.rowOf);
  return found.some(({ seen }) => seen >= most) ? undefined : found;
}
