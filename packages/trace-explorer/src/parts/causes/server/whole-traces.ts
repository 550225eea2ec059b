import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { findSpans, MAX_LISTED_SPANS, readTrees } from '../../../core/traces/list/summaries.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { buildModel } from '../../../core/traces/model/trace-model.ts';
import { outlineTree } from '../../../core/traces/tree/outline-tree.ts';
import { isCallAlone, readLost } from '../../../core/traces/tree/read-lost.ts';
import { CauseTally } from './causes-of.ts';
import type { ChosenTrace } from './choose-traces.ts';

/** Seconds for whole traces. */
export const SECONDS = 1;
/** Traces of the first read. Each further one has twice as many, because it takes little longer. */
export const FIRST_TRACES = 200;
/** Spans of all traces together: one scan finds where they are. */
const MOST_SPANS = 200_000;
/** Calls that are traces of their own, whose other halves are looked for. */
const MOST_ALONE = 20;

/** Reads whole traces, the first ones and then as many as the seconds allow, and counts their causes. */
export async function inspectTraces(
  store: SpanStore,
  traces: readonly ChosenTrace[],
  { rule, seconds }: { readonly rule: string | undefined; readonly seconds: number },
  options: ReadOptions,
): Promise<CauseTally> {
  const tally = new CauseTally(rule);
  const alone: TraceModel[] = [];
  const until = performance.now() + 1000 * seconds;
  const all = together(traces, MOST_SPANS);
  const ids = all.map(({ id }) => id);
  const found = all.length === 0 ? [] : await findSpans(store, ids, options);
  const spansOf = new Map(found.map((row) => [String(row[0]), row]));
  let most = FIRST_TRACES;
  for (let at = 0; at < all.length && (at === 0 || performance.now() < until); most *= 2) {
    const next = together(all.slice(at, at + most), MAX_LISTED_SPANS);
    at += next.length;
    const spans = next.map(({ id }) => spansOf.get(id)).filter((row) => row !== undefined);
    const { trees } = await readTrees(store, ids, options, { spans });
    const turn = turnsWithin(options);
    for (const [traceId, tree] of trees) {
      const outline = outlineTree(traceId, tree);
      if (isCallAlone(tree) && alone.length < MOST_ALONE)
        alone.push(buildModel({ ...outline, lost: await readLost(store, tree, options, true) }));
      else tally.add(buildModel(outline));
      await turn();
    }
  }
  for (const model of withLost(alone)) tally.add(model);
  return tally;
}

/** Calls alone, of which those of one operation have lost their other halves if most have: a timer may call during a request. */
function withLost(alone: readonly TraceModel[]): TraceModel[] {
  const operationOf = (model: TraceModel) =>
    JSON.stringify([model.service(0), model.name(0), model.target(0)?.split('/', 1)]);
  return [...Map.groupBy(alone, operationOf).values()].flatMap((own) => {
    const isLost = own.filter((model) => model.lost(0) !== undefined).length * 2 >= own.length;
    return isLost ? own : own.map((model) => ({ ...model, lost: () => undefined }));
  });
}

/** The first traces with so many spans together, at least one. */
function together(traces: readonly ChosenTrace[], most: number): readonly ChosenTrace[] {
  let spans = 0;
  const end = traces.findIndex((trace, at) => {
    spans += trace.spans;
    return at > 0 && spans > most;
  });
  return end < 0 ? traces : traces.slice(0, end);
}
