import { Distinct } from '../../lib/distinct.ts';
import { toldInTurns } from '../problems/findings.ts';
import { outlinesOf } from '../problems/read/read-shown.ts';
import { turnsWithin } from '../store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import type { TraceOutline } from '../traces/model/outline.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { TraceTree } from '../traces/tree/tree.ts';

/** Describes a whole trace; `tree` must be the tree of `traceId`. */
export async function outlineTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  options: ReadOptions = {},
): Promise<TraceOutline> {
  const texts = new Distinct<string>();
  const outlineOf = await outlinesOf(store, new Map([[traceId, tree]]), options);
  const outline = outlineOf(traceId, tree, texts);
  return { ...outline, events: await readEvents(store, traceId, tree, texts, options) };
}

/** Rules take less time than reading, up to so many spans. */
const MOST_WITH_FINDINGS = 5_000;

/** A whole trace with what is wrong with it; a large one without: its findings are asked for apart, so that its rows come first. */
export async function outlineWithFindings(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  options: ReadOptions,
): Promise<TraceOutline> {
  const outline = await outlineTrace(store, traceId, tree, options);
  if (tree.spans.length > MOST_WITH_FINDINGS) return outline;
  return { ...outline, findings: await toldInTurns(outline, turnsWithin(options)) };
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
