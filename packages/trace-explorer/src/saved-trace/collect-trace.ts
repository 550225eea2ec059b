import { decodeSpan } from '@tandem/otlp';
import { problems } from '../errors.ts';
import { readLogs } from '../logs/read-logs.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import type { ReadOptions, SpanStore } from '../store/types.ts';
import { outlineTrace } from '../traces/api/outline.ts';
import { honeycombForm } from '../traces/forms/honeycomb-form.ts';
import { otlpForm, otlpLogForm } from '../traces/forms/otlp-form.ts';
import { rowsAt } from '../traces/read/rows-at.ts';
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
  if (count > MAX_SAVED_SPANS) throw tooLarge(`${count} spans, and a page takes ${MAX_SAVED_SPANS}`);
  const sequences = tree.spans.map(({ record }) => record.sequence);
  const { rows } = await store.read(`SELECT sum(_bytes) FROM ${rowsAt(sequences)}`, [], options);
  if (Number(rows[0]?.[0]) > MAX_SAVED_BYTES)
    throw tooLarge(`more than ${MAX_SAVED_BYTES / 1024 ** 2} MiB of spans`);
  const filter = { trace_id: traceId, saved: await noSavedFields() };
  const { logs } = await readLogs(store, filter, { order: 'oldest', limit: MAX_SAVED_LOGS }, options);
  return {
    outline: await outlineTrace(store, traceId, tree, options),
    spans: await inPages(sequences, async (page) => {
      const stored = await readStoredAt(store, page, 'isSpan', options);
      return page.map((sequence) => formsOf(present(stored.get(sequence))));
    }),
    logs,
    records: await inPages(logs, async (page) => {
      const places = page.map(({ id }) => Number(id));
      const stored = await readStoredAt(store, places, 'isLog', options);
      return places.map((place) => otlpLogForm(present(stored.get(place))));
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

/** @throws TRACE_NOT_FOUND for a span or log record that was evicted meanwhile */
function present(stored: StoredMessage | undefined): StoredMessage {
  if (stored !== undefined) return stored;
  throw problems.TRACE_NOT_FOUND({ detail: 'The store made room while the trace was read.' });
}

function formsOf(stored: StoredMessage): SavedSpan {
  const span = { ...stored, span: decodeSpan(stored.raw) };
  return { otlp: otlpForm(span), honeycomb: honeycombForm(span) };
}
