import type { LogRecord, Resource, Scope, Span } from '@tandem/otlp';
import { decodeLogRecord, decodeSpan } from '@tandem/otlp';
import { datasetName, logsDatasetName } from '../../fields/dataset.ts';
import { usableTime } from '../../fields/span-time.ts';
import type { ExportRequest, SpanStore } from '../../store/types.ts';
import { isLogs } from '../../store/types.ts';
import { contentHash, sourceHash } from '../read/content-hash.ts';
import { spanColumns } from '../read/span-columns.ts';
import { decodeStoredScope } from '../read/stored-span.ts';

type Item = Span | LogRecord;

/** Spans or log records that are looked up with one statement. */
const LOOKED_UP = 500;
/** Rows that are read at a time: any number may have one time. */
const PAGE_ROWS = 500;

/**
 * Leaves out of a part what the store has already: spans and log records that are equal in everything, whatever encoding
 * brought them; where a group names its dataset, in that one. What gives no time of its own is not known again.
 * @param upTo `_seq` of the last row that counts: copies within a file stay as they are
 */
export async function withoutStored(
  store: SpanStore,
  part: ExportRequest,
  upTo: number,
): Promise<{ readonly fitting: ExportRequest; readonly left: number }> {
  const groups = isLogs(part)
    ? part.scopeLogs.map(({ logRecords: items, ...group }) => ({ ...group, items }))
    : part.scopeSpans.map(({ spans: items, ...group }) => ({ ...group, items }));
  const datasetFor = isLogs(part) ? logsDatasetName : datasetName;
  const stored = new Set<Item>();
  for (const { items, ...group } of groups) {
    const { resource, scope } = group;
    const dataset = part.dataset && datasetFor(resource.attributes, part.dataset);
    for (let from = 0; from < items.length; from += LOOKED_UP) {
      const some: readonly Item[] = items.slice(from, from + LOOKED_UP);
      const hashes = await readHashes(store, some, upTo, dataset);
      if (hashes.size === 0) continue;
      const source = sourceOf(resource, scope);
      for (const item of some) if (hashes.has(`${contentHash(item)} ${source}`)) stored.add(item);
    }
  }
  const left = stored.size;
  if (left === 0) return { fitting: part, left };
  const isNew = (item: Item) => !stored.has(item);
  const fitting = isLogs(part)
    ? {
        ...part,
        scopeLogs: part.scopeLogs.map((group) => ({ ...group, logRecords: group.logRecords.filter(isNew) })),
        recordCount: part.recordCount - left,
        whole: undefined,
      }
    : {
        ...part,
        scopeSpans: part.scopeSpans.map((group) => ({ ...group, spans: group.spans.filter(isNew) })),
        spanCount: part.spanCount - left,
        whole: undefined,
      };
  return { fitting, left };
}

/** Content hashes of the rows that have the time of one of the items, and of spans the id of one; of one dataset where it is given. */
async function readHashes(
  store: SpanStore,
  items: readonly Item[],
  upTo: number,
  dataset: string | undefined,
): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  const times = [...new Set(items.map(timeOf))].filter((time) => time !== undefined).toSorted(ascending);
  const [first, from, to] = [items[0], times[0], times.at(-1)];
  if (first === undefined || from === undefined || to === undefined) return hashes;
  const c = spanColumns(store);
  const isOfItem = isSpan(first) ? `${c.isSpan} AND ${c.spanId} IN (${idsOf(items)})` : c.isLog;
  const sources = new Map<number, string | undefined>();
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT _seq, _span, _bytes, _scope FROM spans
      WHERE _time >= $1 AND _time <= $2 AND _time IN (${times.join(', ')})
        AND _seq <= $3 AND _seq > $4 AND ${isOfItem} AND ($5 IS NULL OR _dataset = $5) ORDER BY _seq LIMIT ${PAGE_ROWS}`,
      [from, to, upTo, after, dataset ?? null],
    );
    for (const [seq, raw, bytes, scopeId] of rows) {
      if (!(raw instanceof Uint8Array)) continue;
      const whole = await store.wholeSpan(Number(seq), raw, Number(bytes));
      if (!sources.has(Number(scopeId))) {
        const scope = await store.scope(Number(scopeId));
        const decoded = scope && decodeStoredScope(scope);
        sources.set(Number(scopeId), decoded && sourceOf(decoded.resource, decoded.scope));
      }
      const source = sources.get(Number(scopeId));
      if (whole === undefined || source === undefined) continue;
      const item = isSpan(first) ? decodeSpan(whole) : decodeLogRecord(whole);
      hashes.add(`${contentHash(item)} ${source}`);
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_ROWS || last === undefined) return hashes;
    after = BigInt(last as number | bigint);
  }
}

/** In SQL: hex digits, as decoding has made sure. */
function idsOf(items: readonly Item[]): string {
  return [...new Set(items.map(({ spanId }) => `'${spanId}'`))].join(', ');
}

const ofResources = new WeakMap<Resource, WeakMap<Scope, string>>();

/** A file has its items under few resources and scopes, in many parts. */
function sourceOf(resource: Resource, scope: Scope): string {
  const known = ofResources.get(resource) ?? new WeakMap<Scope, string>();
  ofResources.set(resource, known);
  const hash = known.get(scope) ?? sourceHash(resource, scope);
  known.set(scope, hash);
  return hash;
}

/** `_time` of an item's row; undefined where it has the time of its arrival. */
function timeOf(item: Item): bigint | undefined {
  return isSpan(item)
    ? (usableTime(item.startTimeUnixNano) ?? usableTime(item.endTimeUnixNano))
    : (usableTime(item.timeUnixNano) ?? usableTime(item.observedTimeUnixNano));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}

function isSpan(item: Item): item is Span {
  return 'startTimeUnixNano' in item;
}
