import { problems } from '../errors.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { readField } from '../traces/read/field-sql.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { Run } from './comparison.ts';

/** The field that names a run. */
export const RUN_FIELD = 'vcs.ref.head.revision';
/** The field that names the branch or tag of a run. */
const BRANCH_FIELD = 'vcs.ref.head.name';
const MAX_RUNS = 1000;
/** Runs that an error lists. */
const MAX_LISTED = 20;

/** The stored runs. The run with the newest span comes first. */
export async function readRuns(store: SpanStore, options: ReadOptions): Promise<Run[]> {
  if (!store.fields().has(RUN_FIELD)) return [];
  const run = readField(store.fields(), RUN_FIELD, 'VARCHAR');
  const branch = readField(store.fields(), BRANCH_FIELD, 'VARCHAR');
  const { rows } = await store.read(
    `SELECT ${run}, count(*), min(_time), max(_time), arg_max(${branch}, _time) FROM spans WHERE ${spanColumns(store).isSpan} AND ${run} IS NOT NULL
    GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT ${MAX_RUNS}`,
    [],
    options,
  );
  const time = (value: unknown) => rfc3339(BigInt(value as bigint | number));
  return rows.map(([name, spans, first, last, head]) => ({
    name: String(name),
    ...(typeof head === 'string' && { branch: head }),
    spans: Number(spans),
    first: time(first),
    last: time(last),
  }));
}

/**
 * The runs with two names. The name of a branch means its newest run. Without the second name, the newest run that is not the
 * first one.
 * @throws RUN_NOT_FOUND with the names of the stored runs
 */
export function chooseRuns(runs: readonly Run[], base: string, head?: string): { base: Run; head: Run } {
  const named = (wanted: string) =>
    runs.find(({ name }) => name === wanted) ?? runs.find(({ branch }) => branch === wanted);
  const before = named(base);
  const now = head === undefined ? runs.find((run) => run !== before) : named(head);
  if (before !== undefined && now !== undefined) return { base: before, head: now };
  const missing = before === undefined ? base : (head ?? `other than ${base}`);
  const names = runs.slice(0, MAX_LISTED).map(({ name }) => JSON.stringify(name));
  const stored = names.join(', ') + (runs.length > MAX_LISTED ? ', …' : '');
  throw problems.RUN_NOT_FOUND({
    detail: `No span has ${RUN_FIELD} ${JSON.stringify(missing)}. Runs that are stored: ${stored || 'none'}.`,
  });
}
