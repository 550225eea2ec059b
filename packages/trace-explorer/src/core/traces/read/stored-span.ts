import type { LogRecord, Resource, Scope, Span } from '@tandem/otlp';
import { decodeLogRecord, decodeResource, decodeScope, decodeSpan } from '@tandem/otlp';
import { bigint, bytes, namedColumns, number, text } from '../../store/read/named-columns.ts';
import { rowsAt } from '../../store/read/rows-at.ts';
import type { ReadOptions, SpanStore, StoredScope } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';

/** A message exactly as sent, with its resource and scope. */
export interface StoredMessage {
  readonly raw: Uint8Array;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly dataset: string;
  /** Nanoseconds since the epoch. */
  readonly received: bigint;
}

/** A span with its resource and scope. */
export interface StoredSpan extends Omit<StoredMessage, 'raw'> {
  readonly span: Span;
}

/** A log record with its resource and scope. */
export interface StoredLog extends Omit<StoredMessage, 'raw'> {
  readonly record: LogRecord;
}

/**
 * One of the different spans with this id, in the order of arrival.
 * @param copy position among these spans, from 0
 * @returns the number of these spans; the span is undefined when the position is too high
 */
export async function readStoredSpan(
  store: SpanStore,
  traceId: string,
  spanId: string,
  copy = 0,
  options: ReadOptions = {},
): Promise<{ readonly stored: StoredSpan | undefined; readonly copies: number }> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT list(seq ORDER BY seq)[${copy + 1}], count(*) FROM (
      SELECT min(_seq) AS seq FROM spans
      WHERE ${c.traceId} = $1 AND ${c.spanId} = $2 AND ${c.isSpan} GROUP BY ${c.fingerprint}
    )`,
    [traceId, spanId],
    options,
  );
  const [seq = null, copies] = rows[0] ?? [];
  const stored = seq === null ? undefined : await readStored(store, Number(seq), 'isSpan', options);
  return { stored: stored && spanOf(stored), copies: Number(copies) };
}

/** The span or log record of a row, by its sequence number; undefined when the row does not exist (any more). */
export async function readStored(
  store: SpanStore,
  seq: number,
  kind: 'isSpan' | 'isLog',
  options: ReadOptions = {},
): Promise<StoredMessage | undefined> {
  return (await readStoredAt(store, [seq], kind, options)).get(seq);
}

/** Spans or log records by their sequence numbers. Rows that do not exist (any more) are left out. */
export async function readStoredAt(
  store: SpanStore,
  sequences: readonly number[],
  kind: 'isSpan' | 'isLog',
  options: ReadOptions = {},
): Promise<Map<number, StoredMessage>> {
  const { rows } = await store.read(
    `SELECT ${STORED.sql} FROM ${rowsAt(sequences)} WHERE ${spanColumns(store)[kind]}`,
    [],
    options,
  );
  const found = new Map<number, StoredMessage>();
  const messages = rows.map(STORED.rowOf);
  const ids = new Set(messages.map(({ scopeId }) => scopeId));
  const scopes = new Map(
    [...(await store.scopes([...ids]))].map(([id, scope]) => [id, decodeStoredScope(scope)]),
  );
  for (const { seq, message, size, scopeId, dataset, received } of messages) {
    const raw = await store.wholeSpan(seq, message, size);
    const source = scopes.get(scopeId);
    if (raw !== undefined && source !== undefined) found.set(seq, { raw, ...source, dataset, received });
  }
  return found;
}

const STORED = namedColumns({
  seq: number('_seq'),
  message: bytes('_span'),
  size: number('_bytes'),
  scopeId: number('_scope'),
  dataset: text('_dataset'),
  received: bigint('_received'),
});

export function spanOf(stored: StoredMessage): StoredSpan {
  return { ...stored, span: decodeSpan(stored.raw) };
}

export function logOf(stored: StoredMessage): StoredLog {
  return { ...stored, record: decodeLogRecord(stored.raw) };
}

/** Resource and scope from their stored bytes. */
export function decodeStoredScope(stored: StoredScope): { resource: Resource; scope: Scope } {
  return {
    resource: decodeResource(stored.resource, stored.resourceSchemaUrl),
    scope: decodeScope(stored.scope, stored.scopeSchemaUrl),
  };
}
