import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { Distinct } from '../model/distinct.ts';
import type { TraceOutline } from '../model/outline.ts';
import { readField } from '../read/field-sql.ts';
import { readLinkedSpans } from '../read/linked-spans.ts';
import { spanColumns } from '../read/span-columns.ts';
import { outlineTree } from '../tree/outline-tree.ts';
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

/** Nanoseconds: the request of a call may have begun this long before the call. */
const NEAR_NS = 600_000_000_000n;

/**
 * Whether a call that is the only root of its trace has its other half in another trace. The half before is the request
 * that made the call: a SERVER span of the call's service that lasts at that moment, in a trace without a call of the
 * service at that moment. With several such requests the right one is unknown, so there is no half before. The half
 * after is the answer: a SERVER span without a parent at the called address, which began during the call. The answer
 * is looked for only when no span is below the call.
 */
async function readLost(
  store: SpanStore,
  tree: TraceTree,
  options: ReadOptions,
): Promise<TraceOutline['lost']> {
  const [root, ...others] = tree.spans;
  const { record } = root ?? {};
  if (record?.kind !== 'client' || record.isDatabase || record.error || record.parentId !== '') return [];
  if (others.some(({ parent }) => parent < 0)) return [];
  const c = spanColumns(store);
  const [begin, end] = [record.start, record.start + BigInt(Math.round(record.duration))];
  const isServerElsewhere = `${c.kind} = 'server' AND ${c.traceId} <> $1`;
  const answering = await store.read(
    `SELECT ${c.traceId} FROM spans
    WHERE ${isServerElsewhere} AND ${c.service} = $2 AND _time BETWEEN $3 AND $4 AND ${c.start} + ${c.duration} >= $5 LIMIT 2`,
    [record.traceId, record.service, begin - NEAR_NS, begin, end],
    options,
  );
  const [request] = answering.rows;
  if (request !== undefined && answering.rows.length === 1) {
    const calls = await store.read(
      `SELECT 1 FROM spans WHERE ${c.traceId} = $1 AND ${c.kind} = 'client' AND ${c.service} = $2
        AND _time <= $3 AND ${c.start} + ${c.duration} >= $4 LIMIT 1`,
      [request[0], record.service, end, begin],
      options,
    );
    if (calls.rows.length === 0) return [[0, 'before']];
  }
  if (others.length > 0) return [];
  const fields = store.fields();
  const read = (name: string) => readField(fields, name, 'VARCHAR');
  // Replaced names tell the two sides apart: on the caller's span the server is the peer.
  const [address, port] = (['name', 'port'] as const).map((part) => {
    const [peer, host] = [read(`net.peer.${part}`), read(`net.host.${part}`)];
    const now = read(part === 'name' ? 'server.address' : 'server.port');
    return `coalesce(${now}, CASE WHEN ${c.kind} = 'client' THEN ${peer} ELSE ${host} END)`;
  });
  const answers = await store.read(
    `SELECT 1 FROM spans
    WHERE ${isServerElsewhere} AND ${c.parentId} IS NULL AND _time BETWEEN $2 AND $3 AND ${address} IS NOT NULL
      AND (${address}, ${port}) = (SELECT (${address}, ${port}) FROM spans WHERE _seq = $4) LIMIT 1`,
    [record.traceId, begin, end, record.sequence],
    options,
  );
  return answers.rows.length > 0 ? [[0, 'after']] : [];
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
