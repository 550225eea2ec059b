import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { Distinct } from '../model/distinct.ts';
import type { TraceOutline } from '../model/outline.ts';
import { readLinkedSpans } from '../read/linked-spans.ts';
import { spanColumns } from '../read/span-columns.ts';
import { outlineTree } from '../tree/outline-tree.ts';
import { readLost } from '../tree/read-lost.ts';
import type { TraceTree } from '../tree/tree.ts';

/** Describes a whole trace; `tree` must be the tree of `traceId`. */
export async function outlineTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  options: ReadOptions = {},
): Promise<TraceOutline> {
  const texts = new Distinct<string>();
  const outline = outlineTree(traceId, tree, texts);
  const events = await readEvents(store, traceId, tree, texts, options);
  const linked = await readLinkedSpans(store, traceId, tree, options);
  return { ...outline, events, lost: await readLost(store, tree, options), ...(linked && { linked }) };
}

async function readEvents(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  texts: Distinct<string>,
  options: ReadOptions,
): Promise<TraceOutline['events']> {
  const events = { index: [] as number[], offset: [] as number[], name: [] as number[] };
  if (!tree.spans.some(({ record }) => record.events > 0)) return events;
  const c = spanColumns(store);
  const annotation = store.fields().get('meta.annotation_type')?.sql ?? 'NULL';
  const { rows } = await store.read(
    `SELECT ${c.parentId}, ${c.service}, _time, ${c.name} FROM spans
    WHERE ${c.traceId} = $1 AND ${annotation} = 'span_event' AND (${c.isLog}) IS NOT TRUE ORDER BY _seq`,
    [traceId],
    options,
  );
  // The two sides of a call may share an id.
  const indexOf = new Map(
    tree.spans.map(({ record }, index) => [`${record.spanId} ${record.service}`, index]),
  );
  for (const [spanId, service, time, name] of rows) {
    const index = indexOf.get(`${spanId} ${service}`);
    const span = index === undefined ? undefined : tree.spans[index];
    if (index === undefined || span === undefined) continue;
    events.index.push(index);
    events.offset.push(Math.round(Number(BigInt(time as number | bigint) - tree.start) + span.shift));
    events.name.push(texts.add(String(name ?? '')));
  }
  return events;
}
