import { runOf } from '../../runs/read-runs.ts';
import type { SpanStore } from '../../store/store.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';

/**
 * SQL of the rows (`_seq`) of each process' first request of each route, by the route's name: it compiles and connects. No rows
 * where no sender names its process or its run.
 */
export function firstRequestsSql(store: SpanStore): string {
  const c = spanColumns(store);
  const process = `coalesce(${c.instance}, ${runOf(store)})`;
  return `SELECT arg_min(_seq, ${c.start}) FROM spans
    WHERE ${c.isSpan} AND ${c.kind} IN ('server', 'consumer') AND ${process} IS NOT NULL
    GROUP BY ${c.service}, ${process}, ${c.name}`;
}
