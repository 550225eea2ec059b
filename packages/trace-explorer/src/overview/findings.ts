import type { Static } from 'typebox';
import Type from 'typebox';
import { getOrMake } from '../shared/get-or-make.ts';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/types.ts';
import { findingKey } from '../traces/findings/describe-findings.ts';
import { findingsOf, RULE_NAMES } from '../traces/findings/rules.ts';
import { readTrees } from '../traces/list/summaries.ts';
import { buildModel } from '../traces/model/trace-model.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import { outlineTree } from '../traces/tree/outline-tree.ts';

/** Traces that are looked at: the newest of the range. */
const MOST_TRACES = 100;
/** Findings of routes that are listed; of one rule all are. */
const MOST = 20;

const text = Type.String();

/** Which routes have which findings, and in how many of the newest traces. */
export const RouteFindings = Type.Object({
  traces: Type.Integer({ description: 'that were looked at: the newest, without very large ones' }),
  findings: Type.Array(
    Type.Object({
      service: text,
      name: Type.String({ description: 'of the first span of its traces' }),
      rule: text,
      sentence: Type.String({ description: 'of the newest trace that has it' }),
      traces: Type.Integer(),
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

/** Looks for findings in the newest traces that began in a range; seconds. */
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
    `SELECT ${c.traceId} FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.parentId} IS NULL AND ${c.isSpan}${begins.join('')}
    ORDER BY _time DESC, _seq DESC LIMIT ${MOST_TRACES}`,
    values,
    options,
  );
  const newest = [...new Set(rows.map(([traceId]) => String(traceId)))];
  const { trees } = await readTrees(store, newest, options);
  const found = new Map<string, RouteFindings['findings'][number]>();
  const byId = new Map(trees);
  for (const traceId of newest) {
    const tree = byId.get(traceId);
    if (tree === undefined) continue;
    const model = buildModel(outlineTree(traceId, tree));
    const [service, name] = [model.service(0), model.name(0)];
    for (const [rule, [finding]] of Map.groupBy(findingsOf(model), ({ rule }) => rule)) {
      if (finding === undefined || (only !== undefined && only !== rule)) continue;
      const { sentence } = finding;
      const first = {
        service,
        name,
        rule,
        sentence,
        traces: 0,
        trace_id: traceId,
        finding: findingKey(model, finding),
      };
      getOrMake(found, JSON.stringify([service, name, rule]), () => first).traces += 1;
    }
  }
  const most = [...found.values()].sort((a, b) => b.traces - a.traces);
  return { traces: trees.length, findings: only === undefined ? most.slice(0, MOST) : most };
}
