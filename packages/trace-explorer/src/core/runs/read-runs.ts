import { rfc3339 } from '../../lib/time/rfc3339.ts';
import { problems } from '../errors.ts';
import { PULL_NAME } from '../fields/pulled.ts';
import { firstField, readField } from '../store/read/field-sql.ts';
import {
  bigint,
  flag,
  namedColumns,
  number,
  numberOrNone,
  text,
  textOrNone,
} from '../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { TEST_COUNTS, testCountsSql } from '../tests/read/test-columns.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import { RUN_ID } from './run-fields.ts';
import type { Run } from './schemas.ts';

/** The field that names a run. */
const REVISION = 'vcs.ref.head.revision';
/** The field that names the branch or tag of a run. */
const BRANCH = 'vcs.ref.head.name';
const COMMAND = 'tandem.run.command';
const MAX_RUNS = 1000;
/** Runs that an error lists. */
const MAX_LISTED = 20;

/** SQL of the id of a span's run: the id of the command, else the revision. */
export function runOf(store: SpanStore): string {
  return firstField(store.fields(), RUN_ID, REVISION);
}

/** The stored runs. The run with the newest span comes first. */
export async function readRuns(store: SpanStore, options: ReadOptions): Promise<Run[]> {
  const fields = store.fields();
  if (!fields.has(RUN_ID) && !fields.has(REVISION)) return [];
  const c = spanColumns(store);
  const newest = (name: string) => textOrNone(`arg_max(${readField(fields, name, 'VARCHAR')}, _time)`);
  const rate = store.sampleRate()?.sql ?? 'NULL';
  const isRequest = `${c.kind} = 'server'`;
  const requests = (condition: string) =>
    number(`sum(${weightOf(store)}) FILTER (WHERE ${isRequest}${condition})`);
  const columns = namedColumns({
    id: text(runOf(store)),
    name: newest(REVISION),
    branch: newest(BRANCH),
    command: newest(COMMAND),
    service: text(`min(${c.service})`),
    services: number(`count(DISTINCT ${c.service})`),
    pull: newest(PULL_NAME),
    isSampled: flag(`bool_or(${rate} IS NOT NULL)`),
    spans: number('count(*)'),
    first: bigint('min(_time)'),
    last: bigint('max(_time)'),
    requests: requests(''),
    errors: requests(` AND ${c.error}`),
    stored: numberOrNone(
      `CASE WHEN max(${weightOf(store)}) FILTER (WHERE ${isRequest}) > 1 THEN count(*) FILTER (WHERE ${isRequest}) END`,
    ),
  });
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM spans WHERE ${c.isSpan} AND ${runOf(store)} IS NOT NULL
    GROUP BY 1 ORDER BY max(_time) DESC, 1 LIMIT ${MAX_RUNS}`,
    [],
    options,
  );
  const runs = rows.map(columns.rowOf);
  const tests = await readTestCounts(store, options);
  return runs.map(({ name, branch, command, pull, isSampled, stored, first, last, ...run }) => ({
    ...run,
    ...(tests.get(run.id) ?? { tests: 0, failed: 0 }),
    name: name ?? command ?? run.id,
    ...(branch !== undefined && { branch }),
    ...(command !== undefined && { command }),
    ...(pull !== undefined && { pull }),
    ...((isSampled || pull !== undefined) && { weighted: true }),
    ...(stored !== undefined && { stored }),
    first: rfc3339(first),
    last: rfc3339(last),
  }));
}

/** The counts of the tests of each run that has some, by its id. */
async function readTestCounts(store: SpanStore, options: ReadOptions) {
  const counts = namedColumns(TEST_COUNTS);
  const { rows } = await store.read(
    `SELECT ${counts.sql} FROM ${testCountsSql(store, runOf(store))}`,
    [],
    options,
  );
  return new Map(
    rows.map(counts.rowOf).map(({ run, flaky, ...told }) => [run, { ...told, ...(flaky > 0 && { flaky }) }]),
  );
}

/**
 * SQL of the condition that a span is no copy which another run has of a span of this run. Two pulls of one engine share traces,
 * and a trace that is read whole would have each of their spans twice.
 * @param run SQL of the run's id
 */
export function noCopyFor(store: SpanStore, run: string): string {
  const { traceId, spanId, isSpan } = spanColumns(store);
  const id = `hash(${traceId}, ${spanId})`;
  const own = `SELECT ${id} FROM spans WHERE ${isSpan} AND ${runOf(store)} = ${run}`;
  return `NOT coalesce(${runOf(store)} <> ${run} AND ${id} IN (${own}), false)`;
}

/** SQL of the number of spans that a span stands for. */
export function weightOf(store: SpanStore): string {
  return `coalesce(CAST(${store.sampleRate()?.sql ?? 'NULL'} AS DOUBLE), 1)`;
}

/** The run with an id or a name, or the newest of a branch; else the newest. No name and no branch means the run `apart`. */
function chooseRun(runs: readonly Run[], wanted: string | undefined, apart?: Run): Run {
  const others = runs.filter((run) => run !== apart);
  const found =
    wanted === undefined
      ? others[0]
      : (runs.find(({ id }) => id === wanted) ??
        others.find(({ name }) => name === wanted) ??
        others.find(({ branch }) => branch === wanted));
  return found ?? missing(runs, wanted, apart);
}

/**
 * A run, by default the newest that is not the base, and the base to compare it with, if one is wanted.
 * @throws RUN_NOT_FOUND with the names of the stored runs
 */
export function chooseRuns<B extends string | undefined>(
  runs: readonly Run[],
  wanted: string | undefined,
  wantedBase: B,
): { readonly run: Run; readonly base: Run | Exclude<B, string> };
export function chooseRuns(runs: readonly Run[], wanted?: string, wantedBase?: string) {
  const named = wanted === undefined ? undefined : chooseRun(runs, wanted);
  const base = wantedBase === undefined ? undefined : chooseRun(runs, wantedBase, named);
  return { run: named ?? chooseRun(runs, undefined, base), base };
}

function missing(runs: readonly Run[], wanted?: string, apart?: Run): never {
  const names = runs.slice(0, MAX_LISTED).map(({ name }) => JSON.stringify(name));
  const stored = names.join(', ') + (runs.length > MAX_LISTED ? ', …' : '');
  const lacks =
    wanted === undefined
      ? `No run${apart ? ` other than ${apart.name}` : ''} is stored`
      : `No span${apart ? ' of another run' : ''} has ${RUN_ID} or ${REVISION} ${JSON.stringify(wanted)}`;
  throw problems.RUN_NOT_FOUND({ detail: `${lacks}. The explorer has the runs: ${stored || 'none'}.` });
}
