import { hash } from 'node:crypto';
import type { LogRecord, Span } from '@tandem/otlp';
import { decodeLogRecord, decodeSpan, encodeLogRecord, encodeSpan } from '@tandem/otlp';
import { usableTime } from '../fields/map-spans.ts';
import { datasetName, logsDatasetName } from '../fields/resource.ts';
import { isLogs } from '../store/rows/request.ts';
import type { ExportRequest, SpanStore } from '../store/store.ts';
import { spanColumns } from '../traces/read/span-columns.ts';

type Item = Span | LogRecord;

/** Spans or log records of one statement. */
const LOOKED_UP = 500;
/** Rows of one read: any number of rows may have the same time. */
const PAGE_ROWS = 500;

/**
 * Leaves out the items of a part that the store has already: equal spans and log records of the same dataset, whatever
 * their encoding was. An item without a time of its own is always stored again.
 * @param upTo `_seq` of the last row to compare with: copies within a file stay
 */
export async function withoutStored(
  store: SpanStore,
  part: ExportRequest,
  upTo: number,
): Promise<{ readonly fitting: ExportRequest; readonly left: number }> {
  const items = isLogs(part)
    ? part.scopeLogs.flatMap(({ resource, logRecords }) => {
        return logRecords.map((item) => ({ item, dataset: logsDatasetName(resource.attributes) }));
      })
    : part.scopeSpans.flatMap(({ resource, spans }) => {
        return spans.map((item) => ({ item, dataset: datasetName(resource.attributes) }));
      });
  const stored = new Set<Item>();
  for (let from = 0; from < items.length; from += LOOKED_UP) {
    const some = items.slice(from, from + LOOKED_UP);
    const hashes = await readHashes(
      store,
      some.map(({ item }) => item),
      upTo,
    );
    if (hashes.size === 0) continue;
    for (const { item, dataset } of some) if (hashes.has(hashOf(item, dataset))) stored.add(item);
  }
  const left = stored.size;
  if (left === 0) return { fitting: part, left };
  const isNew = (item: Item) => !stored.has(item);
  const fitting = isLogs(part)
    ? {
        ...part,
        scopeLogs: part.scopeLogs.map((group) => ({ ...group, logRecords: group.logRecords.filter(isNew) })),
        recordCount: part.recordCount - left,
      }
    : {
        ...part,
        scopeSpans: part.scopeSpans.map((group) => ({ ...group, spans: group.spans.filter(isNew) })),
        spanCount: part.spanCount - left,
      };
  return { fitting, left };
}

/** Hashes of the rows that have the time of an item, and for spans also the id of an item. */
async function readHashes(
  store: SpanStore,
  items: readonly Item[],
  upTo: number,
): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  const times = [...new Set(items.map(timeOf))].filter((time) => time !== undefined).toSorted(ascending);
  const [first, from, to] = [items[0], times[0], times.at(-1)];
  if (first === undefined || from === undefined || to === undefined) return hashes;
  const c = spanColumns(store);
  const isOfItem = isSpan(first) ? `${c.isSpan} AND ${c.spanId} IN (${idsOf(items)})` : c.isLog;
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT _seq, _span, _bytes, _dataset FROM spans
      WHERE _time >= $1 AND _time <= $2 AND _time IN (${times.join(', ')})
        AND _seq <= $3 AND _seq > $4 AND ${isOfItem} ORDER BY _seq LIMIT ${PAGE_ROWS}`,
      [from, to, upTo, after],
    );
    for (const [seq, raw, bytes, dataset] of rows) {
      if (!(raw instanceof Uint8Array)) continue;
      const whole = await store.wholeSpan(Number(seq), raw, Number(bytes));
      if (whole === undefined) continue;
      hashes.add(hashOf(isSpan(first) ? decodeSpan(whole) : decodeLogRecord(whole), String(dataset)));
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_ROWS || last === undefined) return hashes;
    after = BigInt(last as number | bigint);
  }
}

/** Equal for items of a dataset with equal content. Stored items come from other encoders, so each item is encoded anew. */
function hashOf(item: Item, dataset: string): string {
  return `${hash('sha256', isSpan(item) ? encodeSpan(item) : encodeLogRecord(item), 'base64')} ${dataset}`;
}

/** Ids as SQL. Binding is not needed: decoding has ensured hex digits. */
function idsOf(items: readonly Item[]): string {
  return [...new Set(items.map(({ spanId }) => `'${spanId}'`))].join(', ');
}

/** `_time` of an item's row; undefined where the row has the time of arrival. */
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
