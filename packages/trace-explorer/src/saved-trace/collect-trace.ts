import { decodeLogRecord, decodeSpan, resourceLogsToJson, resourceSpansToJson } from '@tandem/otlp';
import { problems } from '../errors.ts';
import type { LogEntry } from '../logs/read-logs.ts';
import { readLogs } from '../logs/read-logs.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import type { ReadOptions, SpanStore } from '../store/types.ts';
import { outlineTrace } from '../traces/api/outline.ts';
import { withDataset } from '../traces/forms/dataset-member.ts';
import { honeycombForm } from '../traces/forms/honeycomb-form.ts';
import type { StoredMessage } from '../traces/read/stored-span.ts';
import { readStoredAt } from '../traces/read/stored-span.ts';
import type { TraceTree } from '../traces/tree/tree.ts';
import type { SavedSpan, SavedTrace } from './saved-trace.ts';

/** The most spans of a page: more take a browser longer to open than a person waits. */
const MAX_SAVED_SPANS = 20_000;
/** The most log records of a page. */
const MAX_SAVED_LOGS = 20_000;

/** The most bytes of spans as they were sent: JSON is up to ten times as large, and is a text in memory. */
const MAX_SAVED_BYTES = 32 * 1024 * 1024;

/** Items that are read at a time. */
const PAGE_ITEMS = 1000;

/**
 * Reads everything that the trace view shows of a trace.
 *
 * @throws TRACE_TOO_LARGE, TRACE_NOT_FOUND
 */
export async function collectTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  options: ReadOptions,
): Promise<SavedTrace> {
  const count = tree.spans.length;
  if (count === 0) throw problems.TRACE_NOT_FOUND({ detail: `No span of ${traceId} is stored.` });
  if (count > MAX_SAVED_SPANS) throw tooLarge(`${count} spans, and a page takes ${MAX_SAVED_SPANS}`);
  let bytes = 0;
  const sequences = tree.spans.map(({ record }) => record.sequence);
  const logs = await allLogs(store, traceId, options);
  return {
    outline: await outlineTrace(store, traceId, tree, options),
    spans: await inPages(sequences, async (page) => {
      const stored = await readStoredAt(store, page, 'isSpan', options);
      for (const { raw } of stored.values()) bytes += raw.length;
      if (bytes > MAX_SAVED_BYTES) throw tooLarge(`more than ${MAX_SAVED_BYTES / 1024 ** 2} MiB of spans`);
      return page.map((sequence) => formsOf(stored.get(sequence)));
    }),
    logs,
    records: await inPages(logs, async (page) => {
      const places = page.map(({ id }) => Number(id));
      const stored = await readStoredAt(store, places, 'isLog', options);
      return places.flatMap((place) => recordOf(stored.get(place)));
    }),
  };
}

function tooLarge(what: string) {
  return problems.TRACE_TOO_LARGE({
    detail: `The trace has ${what}. Export the trace as OTLP JSON instead.`,
  });
}

async function inPages<Item, Result>(
  items: readonly Item[],
  read: (page: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += PAGE_ITEMS)
    results.push(...(await read(items.slice(from, from + PAGE_ITEMS))));
  return results;
}

async function allLogs(store: SpanStore, traceId: string, options: ReadOptions): Promise<LogEntry[]> {
  const logs: LogEntry[] = [];
  const filter = { trace_id: traceId, saved: await noSavedFields() };
  let cursor: string | undefined;
  do {
    const page = await readLogs(store, filter, { order: 'oldest', limit: PAGE_ITEMS, cursor }, options);
    logs.push(...page.logs);
    cursor = page.next;
  } while (cursor !== undefined && logs.length < MAX_SAVED_LOGS);
  return logs;
}

/** @throws TRACE_NOT_FOUND for a span that was evicted meanwhile */
function formsOf(stored: StoredMessage | undefined): SavedSpan {
  if (stored === undefined)
    throw problems.TRACE_NOT_FOUND({ detail: 'The store made room while the trace was read.' });
  const { raw, resource, scope, dataset } = stored;
  const span = decodeSpan(raw);
  const message = resourceSpansToJson({ resource, scope, spans: [span] });
  return {
    otlp: { resourceSpans: [withDataset(message, resource, dataset)] },
    honeycomb: honeycombForm({ ...stored, span }),
  };
}

function recordOf(stored: StoredMessage | undefined): SavedTrace['records'] {
  if (stored === undefined) return [];
  const message = resourceLogsToJson({ ...stored, logRecords: [decodeLogRecord(stored.raw)] });
  return [{ resourceLogs: [withDataset(message, stored.resource, stored.dataset)] }];
}
