import { readField } from '../../store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { TraceOutline } from '../model/outline.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from './tree.ts';

/** Nanoseconds: the request of a call may have begun this long before the call. */
const NEAR_NS = 600_000_000_000n;
/** A request that awaited a call ends so soon after it, in nanoseconds or as a share of the call. */
const SOON_NS = 20e6;
const SOON_SHARE = 0.2;

/** Whether a trace begins with a call, and has no other beginning. */
export function isCallAlone({ spans: [root, ...others] }: TraceTree): boolean {
  const { record } = root ?? {};
  if (record?.kind !== 'client' || record.isDatabase || record.error || record.parentId !== '') return false;
  return others.every(({ parent }) => parent >= 0);
}

/**
 * Whether a call that is the only root of its trace has its other half in another trace. The half before is the request
 * that made the call: a SERVER span of the call's service that lasts at that moment, in a trace without a call of the
 * service at that moment. With several such requests the right one is unknown, so there is no half before. The half
 * after is the answer: a SERVER span without a parent at the called address, which began during the call. The answer
 * is looked for only when no span is below the call.
 * The request must have ended soon after the call, and so does not last by chance.
 */
export async function readLost(
  store: SpanStore,
  tree: TraceTree,
  options: ReadOptions,
): Promise<TraceOutline['lost']> {
  const [root, ...others] = tree.spans;
  if (root === undefined || !isCallAlone(tree)) return [];
  const { record } = root;
  const c = spanColumns(store);
  const [begin, end] = [record.start, record.start + BigInt(Math.round(record.duration))];
  const isServerElsewhere = `${c.kind} = 'server' AND ${c.traceId} <> $1`;
  const answering = await store.read(
    `SELECT ${c.traceId}, ${c.start} + ${c.duration} FROM spans
    WHERE ${isServerElsewhere} AND ${c.service} = $2 AND _time BETWEEN $3 AND $4 AND ${c.start} + ${c.duration} >= $5 LIMIT 2`,
    [record.traceId, record.service, begin - NEAR_NS, begin, end],
    options,
  );
  const [[request, ended] = []] = answering.rows;
  const isSoon = Number(BigInt(String(ended ?? 0)) - end) <= Math.max(SOON_NS, record.duration * SOON_SHARE);
  if (answering.rows.length === 1 && isSoon) {
    const calls = await store.read(
      `SELECT 1 FROM spans WHERE ${c.traceId} = $1 AND ${c.kind} = 'client' AND ${c.service} = $2
        AND _time <= $3 AND ${c.start} + ${c.duration} >= $4 LIMIT 1`,
      [request, record.service, end, begin],
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
