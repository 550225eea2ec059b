import { getOrMake } from '../shared/get-or-make.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { readSummaries, readTrees } from '../traces/list/summaries.ts';
import { buildModel } from '../traces/model/trace-model.ts';
import { outlineTree } from '../traces/tree/outline-tree.ts';
import { keyOfId } from './cause-key.ts';
import { causeQuery } from './cause-query.ts';
import { placesIn } from './causes-of.ts';
import type { CausesRange } from './find-causes.ts';
import { findCauses } from './find-causes.ts';
import { readCauseTraceIds } from './read-places.ts';
import type { CauseDetail } from './schemas.ts';
import { GROWING_QUEUE, MOST_LISTED } from './schemas.ts';
import { sentenceOf } from './words.ts';

/** Traces to search for operations, and operations in the list. */
const MOST_OPERATIONS = 30;
const MOST_LISTED_OPERATIONS = 12;

/** One cause of a range. Without it in the range, `cause` is absent. @throws problem CAUSE_NOT_FOUND for an id that is none */
export async function readCause(
  store: SpanStore,
  id: string,
  range: CausesRange,
  options: ReadOptions = {},
): Promise<CauseDetail> {
  const key = keyOfId(id);
  const found = await findCauses(store, range, options);
  const cause = found.causes.find((each) => each.id === id);
  const isExact = cause?.counted === 'all' && cause.rule !== GROWING_QUEUE;
  const exact = isExact ? await readCauseTraceIds(store, key, range, options) : [];
  const ids = exact.length > 0 ? exact : found.traceIds(id);
  const traces = await readSummaries(store, ids.slice(0, MOST_LISTED), options);
  const query = causeQuery(key);
  const { start_time, end_time, looked, of, compared } = found;
  return {
    ...{ start_time, end_time, looked, of, compared, id },
    sentence: cause?.sentence ?? sentenceOf(key),
    ...(cause && { cause }),
    traces: traces.toSorted((a, b) => (a.start < b.start ? 1 : -1)),
    operations: await readOperations(store, id, ids, options),
    ...(query && { query }),
  };
}

/** The operations above the spans that are to blame, in the newest traces of a cause. */
async function readOperations(
  store: SpanStore,
  id: string,
  ids: readonly string[],
  options: ReadOptions,
): Promise<CauseDetail['operations']> {
  const { trees } = await readTrees(store, ids.slice(0, MOST_OPERATIONS), options);
  const counts = new Map<string, CauseDetail['operations'][number]>();
  for (const [traceId, tree] of trees) {
    const model = buildModel(outlineTree(traceId, tree));
    const above = new Set<string>();
    for (const place of placesIn(model, id))
      for (let up = model.parent[place] ?? -1; up >= 0; up = model.parent[up] ?? -1)
        above.add(JSON.stringify([model.service(up), model.name(up)]));
    for (const key of above) {
      const [service = '', name = ''] = JSON.parse(key) as string[];
      const known = getOrMake(counts, key, () => ({ service, name, traces: 0 }));
      known.traces += 1;
    }
  }
  return [...counts.values()].sort((a, b) => b.traces - a.traces).slice(0, MOST_LISTED_OPERATIONS);
}
