import type { Static } from 'typebox';
import Type from 'typebox';
import { getOrMake } from '../shared/get-or-make.ts';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { findingKey } from '../traces/findings/finding.ts';
import { findingsOf, RULE_NAMES } from '../traces/findings/rules.ts';
import { readTrees } from '../traces/list/summaries.ts';
import { buildModel } from '../traces/model/trace-model.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import { outlineTree } from '../traces/tree/outline-tree.ts';
import type { TraceTree } from '../traces/tree/tree.ts';

/** Most traces to examine; and how many of them are read at once. */
const MOST_TRACES = 5_000;
const READ_TOGETHER = 200;
/** Traces of each route that are chosen for their number of spans: a loop of calls makes a trace larger than others. */
const LARGEST = 10;
/** Milliseconds for examining traces. The first ones are always examined. */
const LOOK_FOR_MS = 1_500;
/** Findings of routes in the list. Findings of a single rule are all listed. */
const MOST = 20;

const text = Type.String();

/** The routes with findings, and the number of their traces in a sample of the range. */
export const RouteFindings = Type.Object({
  traces: Type.Integer({
    description: 'examined traces: of each route the largest and others by chance, no very large ones',
  }),
  of: Type.Integer({ description: 'all traces that begin in the range' }),
  findings: Type.Array(
    Type.Object({
      service: text,
      name: Type.String({ description: 'name of the first span of the route’s traces' }),
      rule: text,
      sentence: Type.String({ description: 'the sentence in one of the traces' }),
      traces: Type.Integer({ description: 'traces of the route with the finding' }),
      of: Type.Integer({ description: 'examined traces of the route' }),
      trace_id: text,
      finding: Type.String({ description: 'the name of the finding in the URL of trace_id' }),
    }),
    { description: 'the finding in most traces first' },
  ),
});

export type RouteFindings = Static<typeof RouteFindings>;

/** Chooses the traces to examine, and the rule. */
export const FindingsFilter = Type.Object({
  service: Type.Optional(Type.String({ description: 'only traces that begin in this service' })),
  name: Type.Optional(Type.String({ description: 'only traces whose first span has this name' })),
  rule: Type.Optional(Type.Enum(RULE_NAMES, { description: 'only findings of this rule' })),
});

interface FindingsRange extends Static<typeof FindingsFilter> {
  readonly startTime: number;
  readonly endTime: number;
}

/**
 * Looks for findings in a sample of the traces that began in a range; seconds. The sample takes one trace of each route, then a
 * second one of each, until the time is over. So a frequent route does not hide a rare one. Traces with the most spans are
 * among the first, so that thousands do not hide a rare loop of calls. Equal ranges have equal orders.
 */
export async function readFindings(
  store: SpanStore,
  { startTime, endTime, rule: only, ...first }: FindingsRange,
  options: ReadOptions = {},
): Promise<RouteFindings> {
  const c = spanColumns(store);
  const values: unknown[] = [nanosecondsOf(startTime), nanosecondsOf(endTime)];
  const begins = (['service', 'name'] as const).map((key) =>
    first[key] === undefined ? '' : ` AND ${c[key]} = $${values.push(first[key])}`,
  );
  const root = `${c.parentId} IS NULL${begins.join('')}`;
  const { rows } = await store.read(
    `SELECT trace, count(*) OVER () FROM (
      SELECT trace, row_number() OVER (PARTITION BY service, name ORDER BY hash(trace)) AS by_chance,
        row_number() OVER (PARTITION BY service, name ORDER BY spans DESC, hash(trace)) AS by_size
      FROM (
        SELECT ${c.traceId} AS trace, count(*) AS spans,
          any_value(${c.service}) FILTER (${root}) AS service, any_value(${c.name}) FILTER (${root}) AS name
        FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan} GROUP BY 1 HAVING coalesce(bool_or(${root}), false)))
    ORDER BY least(by_chance, CASE WHEN by_size <= ${LARGEST} THEN by_size END), hash(trace) LIMIT ${MOST_TRACES}`,
    values,
    options,
  );
  const found = new Map<string, RouteFindings['findings'][number]>();
  const looked = new Map<string, number>();
  const until = performance.now() + LOOK_FOR_MS;
  for (let at = 0; at < rows.length && (at === 0 || performance.now() < until); at += READ_TOGETHER) {
    const ids = rows.slice(at, at + READ_TOGETHER).map(([traceId]) => String(traceId));
    const { trees } = await readTrees(store, ids, options);
    for (const [traceId, tree] of trees) look(traceId, tree);
  }
  const most = [...found.values()]
    .map((each) => ({ ...each, of: looked.get(routeOf(each)) ?? 0 }))
    .sort((a, b) => b.traces - a.traces);
  return {
    traces: [...looked.values()].reduce((sum, count) => sum + count, 0),
    of: Number(rows[0]?.[1] ?? 0),
    findings: only === undefined ? most.slice(0, MOST) : most,
  };

  function look(traceId: string, tree: TraceTree): void {
    const model = buildModel(outlineTree(traceId, tree));
    const [service, name] = [model.service(0), model.name(0)];
    const route = routeOf({ service, name });
    looked.set(route, (looked.get(route) ?? 0) + 1);
    for (const [rule, [finding]] of Map.groupBy(findingsOf(model), ({ rule }) => rule)) {
      if (finding === undefined || (only !== undefined && only !== rule)) continue;
      const { sentence } = finding;
      const first = {
        service,
        name,
        rule,
        sentence,
        traces: 0,
        of: 0,
        trace_id: traceId,
        finding: findingKey(model, finding),
      };
      getOrMake(found, JSON.stringify([service, name, rule]), () => first).traces += 1;
    }
  }
}

function routeOf({ service, name }: { readonly service: string; readonly name: string }): string {
  return JSON.stringify([service, name]);
}
