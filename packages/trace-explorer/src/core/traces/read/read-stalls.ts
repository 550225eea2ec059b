import { getOrMake } from '../../../lib/get-or-make.ts';
import { readField } from '../../store/read/field-sql.ts';
import { bigint, namedColumns, number, numberOrNone, text } from '../../store/read/named-columns.ts';
import { rowsAt } from '../../store/read/rows-at.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { StallEntry } from '../model/stalls.ts';
import { spanColumns, stallRequestSql } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';

/** Events among which the stalls of one span, and of one read, are looked for. Of spans beyond them only the sum is known. */
const MOST_EVENTS = 256;
const MOST_ROWS = 20_000;

/** The records with the stalls that events of their spans tell of. */
export async function withStalls(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<readonly SpanRecord[]> {
  const fields = store.fields();
  const spans = new Map<number, SpanRecord>();
  // The rows of a span's events follow the row of the span.
  for (const record of fields.has('tandem.stall.duration_ms') ? records : [])
    for (let nth = 1; nth <= Math.min(record.events, MOST_EVENTS); nth++)
      if (spans.size < MOST_ROWS) spans.set(record.sequence + nth, record);
  if (spans.size === 0) return records;
  const field = (name: string) => readField(fields, name, 'VARCHAR');
  const milliseconds = (name: string) => number(readField(fields, name, 'DOUBLE'));
  const place = `coalesce(' (' || ${field('code.file.path')} || coalesce(':' || ${field('code.line.number')}, '') || coalesce(':' || ${field('code.column.number')}, '') || ')', '')`;
  const columns = namedColumns({
    sequence: number('_seq'),
    parentId: text(field('trace.parent_id')),
    time: bigint('_time'),
    ms: milliseconds('tandem.stall.duration_ms'),
    kind: text(field('tandem.stall.kind')),
    gcMs: milliseconds('tandem.stall.gc_ms'),
    ranMs: numberOrNone(readField(fields, 'tandem.stall.ran_ms', 'DOUBLE')),
    waitedMs: numberOrNone(readField(fields, 'tandem.stall.waited_ms', 'DOUBLE')),
    request: text(stallRequestSql((name, type) => readField(fields, name, type), 'tandem.stall.request')),
    where: text(
      `coalesce('in ' || ${field('code.function.name')} || ${place}, 'beside ' || ${field('tandem.stall.beside')}, '')`,
    ),
  });
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM ${rowsAt([...spans.keys()])} WHERE ${spanColumns(store).name} = 'stall' ORDER BY _seq`,
    [],
    options,
  );
  const found = new Map<SpanRecord, StallEntry[]>();
  for (const row of rows.map(columns.rowOf)) {
    const { sequence, parentId, time, ms, kind, gcMs, where, ranMs = null, waitedMs = null, request } = row;
    const record = spans.get(sequence);
    if (record === undefined || record.spanId !== parentId) continue;
    const at = Number(time - record.start) / 1e6;
    getOrMake(found, record, () => []).push([at, ms, kind, gcMs, where, ranMs, waitedMs, request]);
  }
  return records.map((record) => {
    const stalls = found.get(record);
    return stalls === undefined ? record : { ...record, stalls: JSON.stringify(stalls) };
  });
}
