import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { readFingerprints } from './fingerprints.ts';
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
      ${c.events}, ${c.links}, _seq, _received, ${c.timed},
      ${c.statusCode}, ${c.problem}, ${c.route}
    FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan} ORDER BY _seq LIMIT ${options.limit ?? MAX_TRACE_SPANS}`,
    [traceId],
    options,
  );
  const kept = keepOne();
  const records = rows.map((row) => recordOf(row, kept));
  const shared = sharedIds(records);
  if (shared.size === 0) return records;
  const prints = await readFingerprints(store, traceId, shared, options);
  return records.map((record) => ({ ...record, fingerprint: prints.get(record.sequence) ?? '' }));
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
  const [hostId, hostName] = [text(row[8]), text(row[9])];
  return {
    spanId: text(row[0]),
    parentId: text(row[1]),
    name: kept(text(row[2])),
    service,
    kind: kept(text(row[4])),
    start: timed ? BigInt(row[5] as number | bigint) : 0n,
    duration: Number(row[6]),
    endBeforeStart: timed && row[7] === true,
    host: kept(hostKey({ hostId, hostName, service, instance: text(row[10]) })),
    hostKnown: hostId !== '' || hostName !== '',
    error: row[11] === true,
    statusMessage: text(row[12]),
    statusCode: kept(text(row[18])),
    problem: kept(text(row[19])),
    route: kept(text(row[20])),
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

/** Ids that more than one span has. */
function sharedIds(records: readonly SpanRecord[]): ReadonlySet<string> {
  const [seen, shared] = [new Set<string>(), new Set<string>()];
  for (const { spanId } of records) {
    if (seen.has(spanId)) shared.add(spanId);
    else seen.add(spanId);
  }
  return shared;
}
