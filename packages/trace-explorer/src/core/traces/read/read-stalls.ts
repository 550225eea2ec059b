import { getOrMake } from '../../shared/get-or-make.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { StallEntry } from '../model/stalls.ts';
import { readField } from './field-sql.ts';
import { rowsAt } from './rows-at.ts';
import { spanColumns } from './span-columns.ts';
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
  const text = (name: string) => readField(fields, name, 'VARCHAR');
  const number = (name: string) => `coalesce(${readField(fields, name, 'DOUBLE')}, 0)`;
  const place = `coalesce(' (' || ${text('code.file.path')} || coalesce(':' || ${text('code.line.number')}, '') || coalesce(':' || ${text('code.column.number')}, '') || ')', '')`;
  const { rows } = await store.read(
    `SELECT _seq, ${text('trace.parent_id')}, _time, ${number('tandem.stall.duration_ms')},
      coalesce(${text('tandem.stall.kind')}, ''), ${number('tandem.stall.gc_ms')},
      coalesce('in ' || ${text('code.function.name')} || ${place}, 'beside ' || ${text('tandem.stall.beside')}, '')
    FROM ${rowsAt([...spans.keys()])} WHERE ${spanColumns(store).name} = 'stall' ORDER BY _seq`,
    [],
    options,
  );
  const found = new Map<SpanRecord, StallEntry[]>();
  for (const [sequence, parentId, time, ms, kind, gc, where] of rows) {
    const record = spans.get(Number(sequence));
    if (record === undefined || record.spanId !== parentId) continue;
    const at = Number(BigInt(time as number | bigint) - record.start) / 1e6;
    getOrMake(found, record, () => []).push([at, Number(ms), String(kind), Number(gc), String(where)]);
  }
  return records.map((record) => {
    const stalls = found.get(record);
    return stalls === undefined ? record : { ...record, stalls: JSON.stringify(stalls) };
  });
}
