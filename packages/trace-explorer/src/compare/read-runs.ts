import { problems } from '../errors.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { readField, spanColumns } from '../traces/read/span-columns.ts';
import type { Run } from './comparison.ts';

/** The field that names a run. */
export const RUN_FIELD = 'vcs.ref.head.revision';
const MAX_RUNS = 1000;
/** Runs that an error lists. */
const MAX_LISTED = 20;

/** The runs that are stored, the one with the newest span first. */
export async function readRuns(store: SpanStore, options: ReadOptions): Promise<Run[]> {
  if (!store.fields().has(RUN_FIELD)) return [];
  const run = readField(store.fields(), RUN_FIELD, 'VARCHAR');
  const { rows } = await store.read(
    `SELECT ${run}, count(*), min(_time), max(_time) FROM spans WHERE ${spanColumns(store).isSpan} AND ${run} IS NOT NULL
    GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT ${MAX_RUNS}`,
    [],
    options,
  );
  const time = (value: unknown) => rfc3339(BigInt(value as bigint | number));
  return rows.map(([name, spans, first, last]) => {
    return { name: String(name), spans: Number(spans), first: time(first), last: time(last) };
  });
}

/**
 * The runs of two names; without the second, the newest that is not the first.
 * @throws RUN_NOT_FOUND with the names that are stored
 */
export function chooseRuns(runs: readonly Run[], base: string, head?: string): { base: Run; head: Run } {
  const before = runs.find(({ name }) => name === base);
  const now = runs.find(({ name }) => (head === undefined ? name !== base : name === head));
  if (before !== undefined && now !== undefined) return { base: before, head: now };
  const missing = before === undefined ? base : (head ?? `other than ${base}`);
  const names = runs.slice(0, MAX_LISTED).map(({ name }) => JSON.stringify(name));
  const stored = names.join(', ') + (runs.length > MAX_LISTED ? ', …' : '');
  throw problems.RUN_NOT_FOUND({
    detail: `No span has ${RUN_FIELD} ${JSON.stringify(missing)}. Runs that are stored: ${stored || 'none'}.`,
  });
}
