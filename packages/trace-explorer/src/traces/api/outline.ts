import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { Distinct } from '../model/distinct.ts';
import type { TraceOutline } from '../model/outline.ts';
import { readField, spanColumns } from '../read/span-columns.ts';
import { outlineTree } from '../tree/outline-tree.ts';
import type { TraceTree } from '../tree/tree.ts';

/** Describes all of a trace; `tree` must be the tree of `traceId`. */
export async function outlineTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  options: ReadOptions = {},
): Promise<TraceOutline> {
  const texts = new Distinct<string>();
  const outline = outlineTree(traceId, tree, texts);
  const events = await readEvents(store, traceId, tree, texts, options);
  return { ...outline, events, lost: await readLost(store, tree, options) };
}

/** Nanoseconds before and after a trace in which the other half of a call is looked for. */
const NEAR_NS = 600_000_000_000n;

/**
 * Whether a call that is the trace's only root has its other half in another trace: its service answers requests itself,
 * or what it called sends spans of its own, while none is below it.
 */
async function readLost(
  store: SpanStore,
  tree: TraceTree,
  options: ReadOptions,
): Promise<TraceOutline['lost']> {
  const [root, ...others] = tree.spans;
  const { record } = root ?? {};
  if (record?.kind !== 'client' || record.database || record.error || record.parentId !== '') return [];
  if (others.some(({ parent }) => parent < 0)) return [];
  const c = spanColumns(store);
  const fields = store.fields();
  const [address, port] = ['server.address', 'server.port'].map((name) => readField(fields, name, 'VARCHAR'));
  const isLeaf = others.length === 0;
  const { rows } = await store.read(
    `SELECT bool_or(${c.service} = $1), bool_or(${c.traceId} <> $4 AND ${address} IS NOT NULL AND (${address}, ${port}) =
        (SELECT (${address}, ${port}) FROM spans WHERE _seq = $5))
    FROM spans WHERE ${c.kind} = 'server' AND _time BETWEEN $2 AND $3`,
    [record.service, tree.start - NEAR_NS, tree.start + NEAR_NS, record.traceId, record.sequence],
    options,
  );
  const [serves, isTraced] = rows[0] ?? [];
  if (serves === true) return [[0, 'before']];
  return isLeaf && isTraced === true ? [[0, 'after']] : [];
}

async function readEvents(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  texts: Distinct<string>,
  options: ReadOptions,
): Promise<TraceOutline['events']> {
  const events = { place: [] as number[], offset: [] as number[], name: [] as number[] };
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
  const placeOf = new Map(
    tree.spans.map(({ record }, place) => [`${record.spanId} ${record.service}`, place]),
  );
  for (const [spanId, service, time, name] of rows) {
    const place = placeOf.get(`${spanId} ${service}`);
    const span = place === undefined ? undefined : tree.spans[place];
    if (place === undefined || span === undefined) continue;
    events.place.push(place);
    events.offset.push(Math.round(Number(BigInt(time as number | bigint) - tree.start) + span.shift));
    events.name.push(texts.add(String(name ?? '')));
  }
  return events;
}
