import type { Distinct } from '../../../lib/distinct.ts';
import { Times } from '../../../lib/time/times.ts';
import { runOf } from '../../runs/read-runs.ts';
import { turnsWithin } from '../../store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { TraceSpans } from '../../traces/list/summaries.ts';
import { readTrees } from '../../traces/list/summaries.ts';
import type { TraceOutline } from '../../traces/model/outline.ts';
import { pathShapeSql } from '../../traces/model/shapes.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';
import { buildModel } from '../../traces/model/trace-model.ts';
import { readLinkedSpans } from '../../traces/read/linked-spans.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';
import { outlineTree } from '../../traces/tree/outline-tree.ts';
import { isCallAlone, readLost } from '../../traces/tree/read-lost.ts';
import type { TraceTree } from '../../traces/tree/tree.ts';
import type { FirstRequests } from '../judge.ts';
import { requestKey } from '../judge.ts';

/** Calls that are traces of their own, whose other halves are looked for in one read. */
const MOST_ALONE = 20;

/** First requests that are known, the newest: of a hundred processes with a hundred routes each. */
const MOST_FIRSTS = 10_000;

/** How traces are read. */
interface Reading {
  /** The spans of these traces, where the caller knows them. */
  readonly spans?: readonly TraceSpans[];
  /** False for who tells nothing of the telemetry itself: then nobody looks for the other halves of calls. */
  readonly lost?: boolean;
}

/**
 * Whole traces, as the page of each shows it: a rule says of one trace the same here and there.
 * @returns also the ids of traces that are too large to be read with the others
 */
export async function readShown(
  store: SpanStore,
  ids: readonly string[],
  options: ReadOptions,
  { spans, lost = true }: Reading = {},
): Promise<{ readonly models: readonly TraceModel[]; readonly large: readonly string[] }> {
  const { trees, large } = await readTrees(store, ids, options, { spans });
  const outline = await outlinesOf(store, new Map(trees), options, lost);
  const turn = turnsWithin(options);
  const models: TraceModel[] = [];
  for (const [traceId, tree] of trees) {
    models.push(buildModel(outline(traceId, tree)));
    await turn();
  }
  return { models, large };
}

/** How each of some trees is described, without events: with its links, and with the lost half of a call alone. */
export async function outlinesOf(
  store: SpanStore,
  trees: ReadonlyMap<string, TraceTree>,
  options: ReadOptions,
  isLostAsked = true,
): Promise<(traceId: string, tree: TraceTree, texts?: Distinct<string>) => TraceOutline> {
  const links = await readLinkedSpans(store, trees, options);
  const lost = new Map<string, TraceOutline['lost']>();
  if (isLostAsked)
    for (const [traceId, tree] of trees)
      if (lost.size < MOST_ALONE && isCallAlone(tree))
        lost.set(traceId, await readLost(store, tree, options));
  return (traceId, tree, texts) => {
    const linked = links.get(traceId);
    return {
      ...outlineTree(traceId, tree, texts),
      lost: lost.get(traceId) ?? [],
      ...(linked && { linked }),
    };
  };
}

/**
 * The first request of each route in each process, as far back as the store goes: it compiles and connects. Of a sender that names
 * neither its processes nor its run, nobody knows which were first.
 * @param where SQL of the spans to look at, with one parameter at most
 */
export async function readFirsts(
  store: SpanStore,
  where: string,
  values: readonly unknown[],
  options: ReadOptions,
): Promise<FirstRequests> {
  const c = spanColumns(store);
  const process = `coalesce(${c.instance}, ${runOf(store)})`;
  // A server without routes calls all of its requests alike, or each by its own path.
  const route = `regexp_extract(${c.name}, '^[^/]*'), ${pathShapeSql(`coalesce(${c.target}, ${c.name})`)}`;
  const first = (of: string) => `arg_min(${of}, ${c.start})`;
  const { rows } = await store.read(
    `SELECT ${first(c.traceId)}, ${first(c.spanId)}, ${c.service}, min(${c.start}), ${first(c.duration)} FROM spans
    WHERE ${c.isSpan} AND ${c.kind} IN ('server', 'consumer') AND ${process} IS NOT NULL AND ${where}
    GROUP BY ${c.service}, ${process}, ${route} ORDER BY min(${c.start}) DESC LIMIT ${MOST_FIRSTS}`,
    values,
    options,
  );
  return {
    spans: new Set(rows.map(([traceId, spanId]) => requestKey(String(traceId), String(spanId)))),
    times: new Map(
      Array.from(
        Map.groupBy(rows, ([, , service]) => String(service)),
        timesOf,
      ),
    ),
  };
}

/** When the first requests of a service ran. */
function timesOf([service, rows]: readonly [string, readonly (readonly unknown[])[]]) {
  const stretches = rows.map(([, , , start, duration]) => {
    const from = Number(start);
    return { from, until: from + Number(duration) };
  });
  return [service, new Times(stretches)] as const;
}
