import type { Attribute } from '@tandem/otlp';
import { problems } from '../../../core/errors.ts';
import { readLogs } from '../../../core/logs/read-logs.ts';
import { toldInTurns } from '../../../core/problems/findings.ts';
import { maskedIn } from '../../../core/redaction/masked.ts';
import { isOfCode } from '../../../core/redaction/named-fields.ts';
import { Redaction } from '../../../core/redaction/redact.ts';
import type { SavedSpan, SavedTrace } from '../../../core/saved-trace/saved-trace.ts';
import { rowsAt } from '../../../core/store/read/rows-at.ts';
import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { honeycombForm } from '../../../core/traces/forms/honeycomb-form.ts';
import { otlpForm, otlpLogForm } from '../../../core/traces/forms/otlp-form.ts';
import type { TraceOutline } from '../../../core/traces/model/outline.ts';
import type { StoredMessage } from '../../../core/traces/read/stored-span.ts';
import { logOf, readStoredAt, spanOf } from '../../../core/traces/read/stored-span.ts';
import type { TraceTree } from '../../../core/traces/tree/tree.ts';
import { outlineTrace } from '../../../core/traces-api/outline.ts';
import { yieldToEventLoop } from '../../../lib/node/task-queue.ts';
import { redactEntry, redactOutline } from './redact-view.ts';

/** Most spans of a page. A browser takes too long to open more. */
const MAX_SAVED_SPANS = 20_000;
/** Most log records of a page. */
const MAX_SAVED_LOGS = 20_000;

/** Most bytes of spans as sent. Their JSON is up to ten times as large, and is a text in memory. */
const MAX_SAVED_BYTES = 32 * 1024 * 1024;

/** Items of one read. */
const PAGE_ITEMS = 1000;

/**
 * Reads everything that the trace view shows of a trace, without secrets: the file goes to others. Other requests get a turn after each span.
 *
 * @param redacted names of fields, whose values the trace then lacks
 * @param withCode whether the trace has the attributes `code.*`
 * @returns the trace, and how it is redacted
 * @throws TRACE_TOO_LARGE, TRACE_NOT_FOUND
 * @throws RangeError when too many different values are to be left out
 */
export async function collectTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  { redacted, withCode }: { readonly redacted: readonly string[]; readonly withCode: boolean },
  options: ReadOptions,
): Promise<{ readonly trace: SavedTrace; readonly redaction: Redaction | undefined }> {
  const count = tree.spans.length;
  if (count > MAX_SAVED_SPANS) throw tooLarge(`${count} spans, and a page takes ${MAX_SAVED_SPANS}`);
  const sequences = tree.spans.map(({ record }) => record.sequence);
  const { rows } = await store.read(`SELECT sum(_bytes) FROM ${rowsAt(sequences)}`, [], options);
  if (Number(rows[0]?.[0]) > MAX_SAVED_BYTES)
    throw tooLarge(`more than ${MAX_SAVED_BYTES / 1024 ** 2} MiB of spans`);
  const { logs } = await readLogs(
    store,
    { trace_id: traceId },
    { order: 'oldest', limit: MAX_SAVED_LOGS },
    options,
  );
  const whole = await outlineTrace(store, traceId, tree, options);
  const outline = withCode ? whole : { ...whole, line: [] };
  const told = <T extends Coded>(item: T) => (withCode ? item : withoutCode(item));
  const spans = await readAll(store, sequences, 'isSpan', options);
  const logSequences = logs.map(({ id }) => Number(id));
  const records = await readAll(store, logSequences, 'isLog', options);
  const redaction = redacted.length === 0 ? undefined : await Redaction.of(redacted, spans, records);
  const trace = {
    outline: maskedIn(await withFindings(redaction ? redactOutline(outline, redaction) : outline, options)),
    spans: [] as SavedSpan[],
    logs: redaction || !withCode ? [] : maskedIn(logs),
    records: [] as ReturnType<typeof otlpLogForm>[],
  };
  for (const stored of spans) {
    const kept = redaction?.span(spanOf(stored)) ?? spanOf(stored);
    const span = { ...kept, resource: told(kept.resource), span: told(kept.span) };
    trace.spans.push(maskedIn({ otlp: otlpForm(span), honeycomb: honeycombForm(span) }));
    await yieldToEventLoop();
  }
  for (const [at, stored] of records.entries()) {
    const kept = redaction?.log(logOf(stored)) ?? logOf(stored);
    const log = { ...kept, resource: told(kept.resource), record: told(kept.record) };
    const entry = logs[at];
    if ((redaction || !withCode) && entry) trace.logs.push(maskedIn(redactEntry(entry, log)));
    trace.records.push(maskedIn(otlpLogForm(log)));
    await yieldToEventLoop();
  }
  return { trace, redaction };
}

/** What is wrong with a trace, as far as the page may tell. */
async function withFindings(outline: TraceOutline, options: ReadOptions): Promise<TraceOutline> {
  return { ...outline, findings: await toldInTurns(outline, turnsWithin(options)) };
}

interface Coded {
  readonly attributes: readonly Attribute[];
}

/** A span or log record without the attributes that name lines of code. */
function withoutCode<T extends Coded>(item: T): T {
  return { ...item, attributes: item.attributes.filter(({ key }) => !isOfCode(key)) };
}

function tooLarge(what: string) {
  return problems.TRACE_TOO_LARGE({
    detail: `The trace has ${what}. Export the trace as OTLP JSON instead.`,
  });
}

/** Messages by their sequence numbers. @throws TRACE_NOT_FOUND */
async function readAll(
  store: SpanStore,
  sequences: readonly number[],
  kind: 'isSpan' | 'isLog',
  options: ReadOptions,
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  for (let from = 0; from < sequences.length; from += PAGE_ITEMS) {
    const page = sequences.slice(from, from + PAGE_ITEMS);
    const stored = await readStoredAt(store, page, kind, options);
    for (const sequence of page) messages.push(present(stored.get(sequence)));
  }
  return messages;
}

/** @throws TRACE_NOT_FOUND for a span or log record that was evicted in the meantime */
function present(stored: StoredMessage | undefined): StoredMessage {
  if (stored !== undefined) return stored;
  throw problems.TRACE_NOT_FOUND({ detail: 'The store made room during the request.' });
}
