import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { findSpans, MAX_LISTED_SPANS, readTrees } from '../../../core/traces/list/summaries.ts';
import { buildModel } from '../../../core/traces/model/trace-model.ts';
import { outlineTree } from '../../../core/traces/tree/outline-tree.ts';
import { CauseTally } from './causes-of.ts';
import type { ChosenTrace } from './choose-traces.ts';

/** Seconds for whole traces. */
export const SECONDS = 1;
/** Traces of the first read. Each further one has twice as many, because it takes little longer. */
export const FIRST_TRACES = 200;
/** Spans that one scan finds. */
const MOST_FOUND = 50_000;

/** Reads whole traces, the first ones and then as many as the seconds allow, and counts their causes. */
export async function inspectTraces(
  store: SpanStore,
  traces: readonly ChosenTrace[],
  { rule, seconds }: { readonly rule: string | undefined; readonly seconds: number },
  options: ReadOptions,
): Promise<CauseTally> {
  const tally = new CauseTally(rule);
  const until = performance.now() + 1000 * seconds;
  const turn = turnsWithin(options);
  let [most, found, spansById] = [FIRST_TRACES, 0, new Map<string, readonly unknown[]>()];
  for (let at = 0; at < traces.length && (at === 0 || performance.now() < until); most *= 2) {
    const ids = idsTogether(traces, at, most, MAX_LISTED_SPANS);
    if (at + ids.length > found) {
      const next = idsTogether(traces, at, traces.length, MOST_FOUND);
      found = at + next.length;
      spansById = new Map((await findSpans(store, next, options)).map((row) => [String(row[0]), row]));
    }
    at += ids.length;
    const spans = ids.map((id) => spansById.get(id)).filter((row) => row !== undefined);
    const { trees } = await readTrees(store, ids, options, { spans });
    for (const [traceId, tree] of trees) {
      tally.add(buildModel(outlineTree(traceId, tree)));
      await turn();
    }
  }
  return tally;
}

/** The next traces with so many spans together, at least one. */
function idsTogether(
  traces: readonly ChosenTrace[],
  start: number,
  most: number,
  mostSpans: number,
): string[] {
  const ids: string[] = [];
  let spans = 0;
  for (const trace of traces.slice(start, start + most)) {
    spans += trace.spans;
    if (ids.length > 0 && spans > mostSpans) break;
    ids.push(trace.id);
  }
  return ids;
}
