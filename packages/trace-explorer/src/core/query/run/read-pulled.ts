import { PULL_NAME } from '../../fields/pulled.ts';
import type { Nanoseconds } from '../../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';

/** How many traces of a range were pulled; undefined without any. What they do not show may be in the others. */
export async function readPulled(
  store: Pick<SpanStore, 'read' | 'fields'>,
  { start, end }: Nanoseconds,
  limits: ReadOptions = {},
): Promise<number | undefined> {
  const [name, trace] = [PULL_NAME, 'trace.trace_id'].map((field) => store.fields().get(field)?.sql);
  if (name === undefined || trace === undefined) return undefined;
  const { rows } = await store.read(
    `SELECT count(DISTINCT hash(${trace})) FROM spans WHERE ${name} IS NOT NULL AND ${trace} IS NOT NULL AND _time >= $1 AND _time < $2`,
    [start, end],
    limits,
  );
  return Number(rows[0]?.[0] ?? 0) || undefined;
}
