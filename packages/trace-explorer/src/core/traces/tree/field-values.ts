import { Distinct } from '../../../lib/distinct.ts';
import type { FieldType } from '../../fields/field-type.ts';
import type { Field, ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from './tree.ts';

export interface TraceField {
  readonly name: string;
  readonly type: FieldType;
  /** The number of the trace's spans with the field. */
  readonly spans: number;
}

/** One field's value in every span, each distinct value once. */
export interface FieldValues {
  readonly values: readonly (string | number | boolean)[];
  /** By index in the tree, the position in `values`; -1 when the span lacks the field. */
  readonly value: readonly number[];
}

/** Fields that at least one span of the trace has, by name. */
export async function traceFields(
  store: SpanStore,
  traceId: string,
  options: ReadOptions = {},
): Promise<TraceField[]> {
  const c = spanColumns(store);
  const fields = [...store.fields().values()];
  const { rows } = await store.read(
    `SELECT ${fields.map(({ sql }) => `count(${sql})`).join(', ')}
    FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan}`,
    [traceId],
    options,
  );
  const counts = rows[0] ?? [];
  return fields
    .map(({ name, type }, index) => ({ name, type, spans: Number(counts[index] ?? 0) }))
    .filter(({ spans }) => spans > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Reads one field of all spans of the tree. */
export async function fieldValues(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  field: Field,
  options: ReadOptions = {},
): Promise<FieldValues> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT _seq, ${field.sql} FROM spans
    WHERE ${c.traceId} = $1 AND ${c.isSpan} AND ${field.sql} IS NOT NULL`,
    [traceId],
    options,
  );
  const values = new Distinct<string | number | boolean>();
  const bySequence = new Map<number, number>();
  for (const [sequence, read] of rows) {
    const value = typeof read === 'bigint' ? read.toString() : (read as string | number | boolean);
    bySequence.set(Number(sequence), values.add(value));
  }
  return {
    values: values.list,
    value: tree.spans.map(({ record }) => bySequence.get(record.sequence) ?? -1),
  };
}

/**
 * Indexes of the spans with the text in a value. Values of a span's events, links and log records count, too. Case is ignored.
 */
export async function searchTrace(
  store: SpanStore,
  traceId: string,
  tree: TraceTree,
  text: string,
  options: ReadOptions = {},
): Promise<number[]> {
  const c = spanColumns(store);
  const matches = [...store.fields().values()]
    .filter(({ name }) => name !== 'trace.trace_id')
    .map(({ sql, type }) =>
      type === 'string' ? `contains(lower(${sql}), $2)` : `contains(lower(CAST(${sql} AS VARCHAR)), $2)`,
    );
  const { rows } = await store.read(
    `SELECT CASE WHEN ${c.isSpan} THEN _seq END, ${c.parentId} FROM spans
    WHERE ${c.traceId} = $1 AND (${matches.join(' OR ')})`,
    [traceId, text.toLowerCase()],
    options,
  );
  const sequences = new Set<number>();
  const spanIds = new Set<string>();
  for (const [sequence, owner] of rows) {
    if (sequence !== null) sequences.add(Number(sequence));
    else spanIds.add(String(owner));
  }
  return tree.spans.flatMap(({ record }, index) =>
    sequences.has(record.sequence) || spanIds.has(record.spanId) ? [index] : [],
  );
}
