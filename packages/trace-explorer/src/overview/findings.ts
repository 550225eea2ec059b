import type { Static } from 'typebox';
import Type from 'typebox';
import { getOrMake } from '../shared/get-or-make.ts';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { findingKey } from '../traces/findings/describe-findings.ts';
import { findingsOf, RULE_NAMES } from '../traces/findings/rules.ts';
import { readTrees } from '../traces/list/summaries.ts';
import { buildModel } from '../traces/model/trace-model.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import { outlineTree } from '../traces/tree/outline-tree.ts';
import type { TraceTree } from '../traces/tree/tree.ts';

/** Traces that are looked at, at most; and how many of them are read at once. */
const MOST_TRACES = 5_000;
const READ_TOGETHER = 200;
/** Milliseconds in which traces are looked at. The first ones are looked at in any case. */
const LOOK_FOR_MS = 1_500;
/** Findings of routes that are listed; of one rule all are. */
const MOST = 20;

const text = Type.String();

/** Which routes have which findings, and in how many traces of a sample of the range. */
export const RouteFindings = Type.Object({
  traces: Type.Integer({
    description: 'that were looked at: of each route as many, without very large ones',
  }),
  of: Type.Integer({ description: 'traces that begin in the range' }),
  findings: Type.Array(
    Type.Object({
      service: text,
      name: Type.String({ description: 'of the first span of its traces' }),
      rule: text,
      sentence: Type.String({ description: 'of one trace that has it' }),
      traces: Type.Integer({ description: 'that have it' }),
      of: Type.Integer({ description: 'traces of the route that were looked at' }),
      trace_id: text,
      finding: Type.String({ description: 'its name in the address of that trace' }),
    }),
    { description: 'in most traces first' },
  ),
});

export type RouteFindings = Static<typeof RouteFindings>;

/** Which traces are looked at, and for what. */
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
 * Looks for findings in a sample of the traces that began in a range; seconds. The sample has one trace of each route, then
 * a second one of each, until the time for it is over: a rare route is not hidden by a frequent one. The same range has
 * the same order.
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
  const { rows } = await store.read(
    `SELECT trace, count(*) OVER () FROM (
      SELECT ${c.traceId} AS trace, any_value(${c.service}) AS service, any_value(${c.name}) AS name FROM spans
      WHERE _time >= $1 AND _time < $2 AND ${c.parentId} IS NULL AND ${c.isSpan}${begins.join('')} GROUP BY 1)
    ORDER BY row_number() OVER (PARTITION BY service, name ORDER BY hash(trace)), hash(trace) LIMIT ${MOST_TRACES}`,
    values,
    options,
  );
  const sample = rows.map(([traceId]) => String(traceId));
  const found = new Map<string, RouteFindings['findings'][number]>();
  const looked = new Map<string, number>();
  const until = performance.now() + LOOK_FOR_MS;
  for (let at = 0; at < sample.length && (at === 0 || performance.now() < until); at += READ_TOGETHER) {
    const { trees } = await readTrees(store, sample.slice(at, at + READ_TOGETHER), options);
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
