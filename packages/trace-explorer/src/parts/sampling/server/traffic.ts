import { problems } from '../../../core/errors.ts';
import { PULL_NAME } from '../../../core/fields/pulled.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { localRootSql } from '../../../core/traces/read/local-roots.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { Gathered } from './rules/gathered.ts';

/** Spans, events and links that rules are tried on. */
const MOST_ROWS = 4_000_000;
const IN_RANGE = '_time >= $1 AND _time < $2';

/** The answers about each trace: by the index of the question, then by the number of the trace. */
export type Values = readonly (readonly unknown[])[];

/** The first span of a trace. */
export interface Root {
  readonly trace: number;
  readonly ms: number;
  readonly failed: boolean;
  /** How many spans it stands for already. */
  readonly weight: number;
}

interface Route {
  readonly service: string;
  readonly route: string;
  readonly roots: Root[];
}

/** The traces of a range, by number, in the order in which they came. */
export type Traffic = Awaited<ReturnType<typeof readTraffic>>;

/** Where the spans of a time range are. */
export type TrafficBounds = Awaited<ReturnType<typeof readStretch>>;

/**
 * Looks where the spans of a time range are, in nanoseconds since the epoch.
 * @returns also `last`, which counts from the begin, and the log records: events too, which the samplers of traces do not see
 * @throws QUERY_TOO_LARGE for too many rows
 */
export async function readStretch(store: SpanStore, { start, end }: TimeInterval, options: ReadOptions = {}) {
  const { within, isLog, isSpan, duration } = rowsOf(store);
  const spanEnd = `max(CASE WHEN ${isSpan} THEN CAST(_time + ${duration} AS BIGINT) END) FILTER (${within})`;
  const { rows } = await store.read(
    `SELECT count(*) FILTER (${within}), min(_time) FILTER (${within}), ${spanEnd}, count(*) FILTER (${isLog})
      FROM spans WHERE ${IN_RANGE}`,
    [start, end],
    options,
  );
  const [count = 0, first, last, logs = 0] = (rows[0] ?? []).map((value) =>
    value === null ? undefined : BigInt(value as number),
  );
  if (count > MOST_ROWS)
    throw problems.QUERY_TOO_LARGE({
      detail: `The range has ${count} spans, events and links. Rules are tried on at most ${MOST_ROWS}: choose a shorter range.`,
    });
  const begin = first ?? start;
  return { start, end, begin, last: Number((last ?? begin) - begin), logs: Number(logs) };
}

/** Which rows of the store are of traces. */
function rowsOf(store: SpanStore) {
  const columns = spanColumns(store);
  const isLog = `coalesce(${columns.isLog}, false)`;
  return { ...columns, isLog, within: `${IN_RANGE} AND ${columns.traceId} IS NOT NULL AND NOT ${isLog}` };
}

/** Reads the traces of a range. */
export async function readTraffic(
  store: SpanStore,
  { start, end, begin }: TrafficBounds,
  options: ReadOptions = {},
) {
  const c = rowsOf(store);
  const { within } = c;
  const read = (sql: string, take: (row: readonly unknown[]) => void) =>
    store.read(sql, [start, end], { ...options, large: true, take });
  const kind = firstField(store.fields(), 'meta.annotation_type');
  const rows = (columns: Iterable<string> = []) =>
    `r AS NOT MATERIALIZED (SELECT *, ${c.traceId} AS t_trace, ${c.isSpan} AS t_span, ${kind} = 'span_event' AS t_event,
      ${c.isSpan} AND ${c.parentId} IS NULL AS t_root, CAST(_time - ${begin} AS DOUBLE) AS t_start,
      CASE WHEN ${c.isSpan} THEN CAST(_time - ${begin} + ${c.duration} AS DOUBLE) END AS t_end
      ${[...columns].map((column) => `, ${column}`).join('')} FROM spans WHERE ${within})`;
  const rate = store.sampleRate()?.sql;
  const weight = rate === undefined ? '1' : `coalesce(CAST(${rate} AS DOUBLE), 1)`;

  const field = (...names: readonly string[]) => firstField(store.fields(), ...names);
  const route = `coalesce(ltrim(coalesce(${field('http.request.method', 'http.method')}, '') || ' ' || ${field('http.route')}), ${c.name}, '')`;
  // A second span without a parent is not the first span. Refinery's root is only a span without a parent.
  const first = `arg_min({service: coalesce(${field('service.name')}, ''), route: ${route}, ms: ${c.duration} / 1e6, failed: ${c.error}, weight: ${weight}}, _seq) FILTER (t_entry)`;
  const userField = NAMES.user.find((name) => store.fields().has(name)) ?? '';
  const user = field(userField);
  const userNames = `list_sort(list(DISTINCT ${user}) FILTER (t_span AND ${user} IS NOT NULL))`;
  const numbers = new Map<string, number>();
  const failed: number[] = [];
  const routes = new Map<string, Route>();
  const users = new Map<string, number[]>();
  const isPulled = store.fields().has(PULL_NAME);
  /** The rows and bytes of each trace, a pulled one with those it stands for; `weighted` are its rows before an earlier sampling. */
  const volumes = {
    traces: [] as number[],
    spans: [] as number[],
    events: [] as number[],
    links: [] as number[],
    bytes: [] as number[],
    weighted: [] as number[],
  };
  await read(
    `WITH ${rows([`${c.isSpan} AND ${localRootSql(c)} AS t_entry`])} SELECT t_trace, bool_or(t_span AND ${c.error}), ${first},
      ${userField === '' ? 'NULL' : userNames}, ${isPulled ? `max(${weight})` : '1'}, 1, count(*) FILTER (t_span),
      count(*) FILTER (t_event), count(*) FILTER (${kind} = 'link'), sum(_bytes), sum(${weight}) FROM r GROUP BY t_trace ORDER BY min(_seq)`,
    ([id, hasFailed, root, names, rate, ...own]) => {
      const trace = numbers.size;
      numbers.set(String(id), trace);
      for (const [at, list] of Object.values(volumes).entries())
        list.push(Number(own[at]) * (list === volumes.weighted ? 1 : Number(rate)));
      if (hasFailed === true) failed.push(trace);
      for (const name of (names ?? []) as readonly string[]) getOrMake(users, name, () => []).push(trace);
      if (root === null) return;
      const { service, route, ...span } = root as Omit<Root, 'trace'> & Pick<Route, 'service' | 'route'>;
      const of = getOrMake(routes, JSON.stringify([service, route]), () => ({ service, route, roots: [] }));
      of.roots.push({ trace, ...span });
    },
  );

  return {
    /** Nanoseconds since the epoch. */
    begin,
    isPulled,
    traceIds: [...numbers.keys()] as readonly string[],
    /** The number of each trace. */
    numbers: numbers as ReadonlyMap<string, number>,
    volumes,
    /** Traces with a failed span. */
    failed: failed as readonly number[],
    /** Most traces first. */
    routes: [...routes.values()].sort((a, b) => b.roots.length - a.roots.length) as readonly Route[],
    userField,
    /** The traces of each user. */
    users: users as ReadonlyMap<string, readonly number[]>,
    /** Answers the gathered questions. */
    async ask({ values, facts, columns, when, sizes }: Gathered): Promise<Values> {
      const more = sizes ? [...columns, await sizeColumn(store)] : columns;
      const asked = values.map(() => new Array<unknown>(numbers.size).fill(null));
      const known = ['t_trace AS f_trace', ...facts.map((sql, at) => `${sql} AS t_fact${at}`)].join(', ');
      const of = `, f AS (SELECT ${known} FROM r GROUP BY t_trace)`;
      const [facing, joined] = facts.length === 0 ? ['', ''] : [of, 'JOIN f ON t_trace = f_trace'];
      await read(
        `WITH ${rows(more)}${facing}
        SELECT t_trace, ${values.join(', ')} FROM r ${joined} WHERE ${when} GROUP BY t_trace`,
        ([id, ...own]) => {
          const trace = numbers.get(String(id));
          // A trace may have begun since.
          if (trace !== undefined) for (const [at, value] of own.entries()) (asked[at] ?? [])[trace] = value;
        },
      );
      return asked;
    },
  };
}

/** A span that comes alone: protobuf frames each message with a tag and its length. */
async function sizeColumn(store: SpanStore): Promise<string> {
  const { rows } = await store.read('SELECT DISTINCT _scope FROM spans');
  const cases: string[] = [];
  for (const [id, { resource, scope }] of await store.scopes(rows.map(([id]) => Number(id)))) {
    const spans = framed(`${framed(String(scope.byteLength))} + ${framed('_bytes')}`);
    cases.push(`WHEN ${id} THEN ${framed(String(resource.byteLength))} + ${spans}`);
  }
  return `CASE WHEN t_span THEN CASE _scope ${cases.join(' ')} END END AS t_size`;
}

/** Bytes of a message within another one: a tag, the length in groups of 7 bits, and the message. */
function framed(bytes: string): string {
  return `(1 + greatest(1, ceil(log2(${bytes} + 1) / 7)) + ${bytes})`;
}
