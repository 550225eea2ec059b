import type { Static } from 'typebox';
import { placesIn } from '../../../core/problems/occurrences.ts';
import type { ProblemKey } from '../../../core/problems/problem-key.ts';
import { ERROR, keyOfId, problemId } from '../../../core/problems/problem-key.ts';
import { readShown } from '../../../core/problems/read/read-shown.ts';
import type { Cause } from '../../../core/problems/schemas.ts';
import { sentenceOf } from '../../../core/problems/sentence.ts';
import { readField } from '../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import type { TraceListOptions } from '../../../core/traces/list/find-traces.ts';
import { findTraces } from '../../../core/traces/list/find-traces.ts';
import type { List } from '../../../core/traces/list/schemas.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { causeQuery } from './cause-query.ts';
import type { Inspection } from './inspection.ts';
import { isPlaceRule } from './places/keyed-spans.ts';
import { readCauseTraceIds } from './read-places.ts';
import type { CauseDetail } from './schemas.ts';
import { typicalTraces } from './typical-traces.ts';

/** Traces to read for operations and as typical ones, and operations in the list. */
const MOST_READ = 30;
const MOST_LISTED_OPERATIONS = 12;

/**
 * One cause of an inspected range. Without it in the range, `cause` is absent.
 * @throws problem CAUSE_NOT_FOUND for an id that is none
 */
export async function readCause(
  store: SpanStore,
  id: string,
  inspection: Inspection,
  options: ReadOptions,
): Promise<CauseDetail> {
  const cause = inspection.causes.find((cause) => cause.id === id);
  const key = keyOfId(id);
  const query = causeQuery(key, (name) => store.fields().has(name));
  const { start_time, end_time, looked, looked_before, of, compared } = inspection;
  const ids = await readTraceIds(store, key, inspection, options);
  return {
    ...{ start_time, end_time, looked, of, compared, id },
    ...(looked_before !== undefined && { looked_before }),
    sentence: cause?.sentence ?? sentenceOf(key),
    ...(cause && { cause }),
    ...(cause?.rule === ERROR && (await readStack(store, cause, options))),
    ...(await readNewest(store, id, cause, ids, options)),
    ...(query && { query }),
  };
}

/** A page of the traces of a cause in an inspected range, as any list of traces. @throws CAUSE_NOT_FOUND */
export async function readCauseTraces(
  store: SpanStore,
  id: string,
  inspection: Inspection,
  list: Omit<TraceListOptions, 'ids'>,
  options: ReadOptions,
): Promise<Static<typeof List>> {
  const key = keyOfId(id);
  const ids = await readTraceIds(store, key, inspection, options);
  return ids.length === 0 ? { traces: [] } : findTraces(store, { ...list, ids }, options);
}

/** All traces of a cause that spans alone tell, else the inspected ones. */
async function readTraceIds(
  store: SpanStore,
  key: ProblemKey,
  { start_time, end_time, traceIds }: Inspection,
  options: ReadOptions,
): Promise<readonly string[]> {
  const range = { start: nanosecondsOf(start_time), end: nanosecondsOf(end_time) };
  const counted = isPlaceRule(key.rule) ? await readCauseTraceIds(store, key, key.rule, range, options) : [];
  return counted.length > 0 ? counted : traceIds(problemId(key));
}

/** The stack of a cause's example: of its span's exception, or of a log record in the span. */
async function readStack(
  store: SpanStore,
  { trace_id, span_id }: Cause,
  options: ReadOptions,
): Promise<Pick<CauseDetail, 'stack'>> {
  if (span_id === undefined) return {};
  const c = spanColumns(store);
  const stack = readField(store.fields(), 'exception.stacktrace', 'VARCHAR');
  const { rows } = await store.read(
    `SELECT left(${stack}, 10000) FROM spans
    WHERE ${c.traceId} = $1 AND (${c.spanId} = $2 OR ${c.parentId} = $2 AND ${c.isLog}) AND ${stack} IS NOT NULL
    ORDER BY ${c.isLog}, _seq LIMIT 1`,
    [trace_id ?? '', span_id],
    options,
  );
  const [[found] = []] = rows;
  return typeof found === 'string' ? { stack: found } : {};
}

/** What the example and the newest traces of a cause show: the operations above the spans that are to blame, and typical traces. */
async function readNewest(
  store: SpanStore,
  id: string,
  cause: Cause | undefined,
  ids: readonly string[],
  options: ReadOptions,
): Promise<Pick<CauseDetail, 'operations' | 'typical'>> {
  // The example is of the route that the sentence names.
  const read = new Set([...(cause?.trace_id ? [cause.trace_id] : []), ...ids]);
  const { models } = await readShown(store, [...read].slice(0, MOST_READ), options);
  const { example, sentence = '' } = cause ?? {};
  return { operations: operationsOf(models, id), typical: typicalTraces(models, id, example ?? sentence) };
}

function operationsOf(models: readonly TraceModel[], id: string): CauseDetail['operations'] {
  const counts = new Map<string, CauseDetail['operations'][number]>();
  for (const model of models) {
    const above = new Set<string>();
    for (const { index } of placesIn(model, id))
      for (let up = model.parent[index] ?? -1; up >= 0; up = model.parent[up] ?? -1)
        above.add(JSON.stringify([model.service(up), model.name(up)]));
    for (const key of above) {
      const [service = '', name = ''] = JSON.parse(key) as string[];
      const known = getOrMake(counts, key, () => ({ service, name, traces: 0 }));
      known.traces += 1;
    }
  }
  return [...counts.values()].sort((a, b) => b.traces - a.traces).slice(0, MOST_LISTED_OPERATIONS);
}
