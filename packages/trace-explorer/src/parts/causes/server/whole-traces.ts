import { isCallAlone, withLost } from '../../../core/problems/judge.ts';
import { readFirsts, readShown } from '../../../core/problems/read/read-shown.ts';
import { Tally } from '../../../core/problems/tally.ts';
import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { undecidedIn } from '../../../core/tests/read/test-columns.ts';
import { findSpans, MAX_LISTED_SPANS } from '../../../core/traces/list/summaries.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import type { ChosenTrace } from './choose-traces.ts';

/** Seconds for whole traces, when a question says none. */
export const SECONDS = 1;
/** About so many spans are read in a second. Their number decides, because a clock would look at fewer traces on a busy machine. */
const SPANS_PER_SECOND = MAX_LISTED_SPANS;
/** Traces that are read in however few seconds, unless they have more than `FIRST_SPANS`. */
export const FIRST_TRACES = 200;
const FIRST_SPANS = 60_000;
/** Traces with more spans come after all others: one of them costs as much as a hundred. */
const LARGE = 2_000;
/** Spans of all traces together: one scan finds where they are. */
const MOST_SPANS = 200_000;

/** Reads whole traces, as many as the seconds allow, and counts their causes. Equal traces in an equal order have an equal answer. */
export async function inspectTraces(
  store: SpanStore,
  traces: readonly ChosenTrace[],
  { rule, seconds }: { readonly rule: string | undefined; readonly seconds: number },
  options: ReadOptions,
): Promise<Tally> {
  // First in the store, and not in the range: a slow request at its begin would be lost.
  const firsts = await readFirsts(store, 'true', [], options);
  const tally = new Tally(rule, firsts);
  const alone: TraceModel[] = [];
  const read = await withSpans(store, allowed(traces, seconds), options);
  for (let rest = allowed(read, seconds); rest.length > 0; ) {
    const next = together(rest, MAX_LISTED_SPANS);
    rest = rest.slice(next.length);
    const ids = next.map(({ id }) => id);
    const { models } = await readShown(store, ids, options, { spans: next.map(({ row }) => row) });
    const turn = turnsWithin(options);
    for (const model of models) {
      if (isCallAlone(model)) alone.push(model);
      else tally.addTrace(model, undecidedIn(model));
      await turn();
    }
  }
  for (const model of withLost(alone)) tally.addTrace(model);
  return tally;
}

/**
 * The traces to read: in their order, but large ones last, until they have enough spans; and at least the first ones. A trace that
 * no list reads is none of them.
 */
function allowed<T extends ChosenTrace>(traces: readonly T[], seconds: number): readonly T[] {
  const usual = traces.filter(({ spans }) => spans <= LARGE);
  const large = traces.filter(({ spans }) => spans > LARGE && spans <= MAX_LISTED_SPANS);
  const all = [...usual, ...large];
  const within = together(all, Math.min(MOST_SPANS, SPANS_PER_SECOND * seconds));
  const first = together(all.slice(0, FIRST_TRACES), FIRST_SPANS);
  return within.length > first.length ? within : first;
}

/** The traces with the places of all their spans, also of those outside the range. */
async function withSpans(store: SpanStore, traces: readonly ChosenTrace[], options: ReadOptions) {
  if (traces.length === 0) return [];
  const ids = traces.map(({ id }) => id);
  const rows = new Map((await findSpans(store, ids, options)).map((row) => [String(row[0]), row]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [{ id, spans: Number(row[1]), row }];
  });
}

/** The first traces with so many spans together, at least one. */
function together<T extends ChosenTrace>(traces: readonly T[], most: number): readonly T[] {
  let spans = 0;
  const end = traces.findIndex((trace, at) => {
    spans += trace.spans;
    return at > 0 && spans > most;
  });
  return end < 0 ? traces : traces.slice(0, end);
}
