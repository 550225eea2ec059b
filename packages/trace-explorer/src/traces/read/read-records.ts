import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';
import { hostKey } from './span-record.ts';

/** Spans of one trace that are read at most: with what is made of them, about 250 MB of memory. */
export const MAX_TRACE_SPANS = 250_000;

/**
 * Reads the spans of a trace, without events and links, in order of arrival; of a trace with more spans than `limit` the
 * first ones. Empty when there is no such trace.
 */
export async function readRecords(
  store: SpanStore,
  traceId: string,
  options: ReadOptions & { readonly limit?: number } = {},
): Promise<readonly SpanRecord[]> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT ${c.spanId}, ${c.parentId}, ${c.name}, ${c.service}, ${c.kind}, _time, ${c.duration},
      ${c.invalidDuration}, ${c.hostId}, ${c.hostName}, ${c.instance}, ${c.error}, ${c.statusMessage},
      ${c.events}, ${c.links}, _seq, _received, ${c.timed}
    FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan} ORDER BY _seq LIMIT ${options.limit ?? MAX_TRACE_SPANS}`,
    [traceId],
    options,
  );
  const kept = keepOne();
  const records = rows.map((row) => recordOf(row, kept));
  const shared = sharedIds(records);
  if (!shared) return records;
  const prints = await store.read(
    `SELECT _seq, md5(_span), _scope FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan}`,
    [traceId],
    options,
  );
  const bySequence = new Map(
    prints.rows.map(([sequence, hash, scope]) => [Number(sequence), `${hash} ${scope}`]),
  );
  return records.map((record) => ({ ...record, fingerprint: bySequence.get(record.sequence) ?? '' }));
}

/**
 * Returns the same string object for equal texts. DuckDB makes a new one per row; with one copy each, 100,000 spans take
 * half the memory, and comparing services and hosts compares references.
 */
function keepOne(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    known.set(text, text);
    return text;
  };
}

function recordOf(row: readonly unknown[], kept: (text: string) => string): SpanRecord {
  const service = kept(text(row[3]));
  const timed = row[17] === true;
  return {
    spanId: text(row[0]),
    parentId: text(row[1]),
    name: kept(text(row[2])),
    service,
    kind: kept(text(row[4])),
    start: timed ? BigInt(row[5] as number | bigint) : 0n,
    duration: Number(row[6]),
    endBeforeStart: timed && row[7] === true,
    host: kept(hostKey({ hostId: text(row[8]), hostName: text(row[9]), service, instance: text(row[10]) })),
    error: row[11] === true,
    statusMessage: text(row[12]),
    events: Number(row[13] ?? 0),
    links: Number(row[14] ?? 0),
    sequence: Number(row[15]),
    received: BigInt(row[16] as number | bigint),
    fingerprint: '',
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function sharedIds(records: readonly SpanRecord[]): boolean {
  return new Set(records.map((record) => record.spanId)).size < records.length;
}
