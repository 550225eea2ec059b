import type { FirstRequests } from '../../../core/problems/judge.ts';
import { readFirsts, readShown } from '../../../core/problems/read/read-shown.ts';
import { Requests } from '../../../core/problems/unit-spans.ts';
import { noCopyFor, runOf } from '../../../core/runs/read-runs.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import type { TestsRead } from '../../../core/tests/read/test-spans.ts';
import { readTestSpans } from '../../../core/tests/read/test-spans.ts';
import type { TraceSpans } from '../../../core/traces/list/summaries.ts';
import { MAX_LISTED_SPANS, spansOfTrace } from '../../../core/traces/list/summaries.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import type { RoutesReading } from './compare/read-routes.ts';
import type { TestReading } from './test-reading.ts';
import { addTrace, isTest } from './test-reading.ts';

/** Most traces that a report reads of a run. */
const MOST_TRACES = 20_000;

/** A run, as far as it was read: its whole traces by test (`readRun`), and all its requests by route (`readRoutes`). */
export interface RunReading extends RoutesReading {
  readonly tests: ReadonlyMap<string, TestReading>;
  /** The attempts of each test, by its key. */
  readonly attempts: TestsRead['attempts'];
  readonly dependencies: readonly Dependency[];
  readonly truncated: boolean;
  /** The first request of each route in each process. */
  readonly firsts: FirstRequests;
  /** What is known of its requests beside their problems. */
  readonly requests: Requests;
}

/** A callee of a service that is no part of the run. */
interface Dependency {
  readonly service: string;
  readonly target: string;
  readonly trace_id: string;
}

/** Which spans to read: of a run, and of a part of its time. Without a run those of all senders. */
export interface RunScope {
  readonly id?: string | undefined;
  /** Nanoseconds since the epoch. */
  readonly since?: bigint | undefined;
  /** When `run` was asked to stop its command, in nanoseconds since the epoch. */
  readonly stopped?: bigint | undefined;
}

/** How much of a run to read. */
interface Extent {
  /** Its newest traces. */
  readonly most: number;
  /** Only the newest traces of each route, failed and others. Default: all. */
  readonly ofRoute?: number;
  /** Only traces whose first span has ended: of others a part is missing. */
  readonly areEnded?: boolean;
}

/** The clocks of a process and of `run` may differ by so much, and `run` may be told of a signal later, in nanoseconds. */
const SIGNAL_NS = 1_000_000_000;

/** SQL of whether a span was open when `run` was asked to stop its command, and ended with its process, without an error of its own. */
export function wasStopped(store: SpanStore, { stopped }: RunScope): string {
  if (stopped === undefined) return 'false';
  const { start, duration } = spanColumns(store);
  const why = firstField(store.fields(), 'error.type');
  return `coalesce(${why} = 'process_ended' AND ${start} + ${duration} >= ${stopped - BigInt(SIGNAL_NS)}, false)`;
}

/** SQL of the spans of a scope, and how to read with it. */
export function spansOf(store: SpanStore, { id, since }: RunScope, options: ReadOptions) {
  const conditions = [
    spanColumns(store).isSpan,
    ...(id === undefined ? [] : [`${runOf(store)} = $1`]),
    ...(since === undefined ? [] : [`_time >= ${since}`]),
  ];
  const read = async (sql: string) => (await store.read(sql, id === undefined ? [] : [id], options)).rows;
  return { ofRun: conditions.join(' AND '), read };
}

/** Reads the traces of a run. */
export async function readRun(
  store: SpanStore,
  scope: RunScope,
  options: ReadOptions,
  { most, ofRoute, areEnded = false }: Extent = { most: MOST_TRACES },
): Promise<RunReading> {
  const c = spanColumns(store);
  const { ofRun, read } = spansOf(store, scope, options);
  const isRequest = `(${c.kind} IN ('server', 'consumer') OR ${c.parentId} IS NULL)`;
  const few = ` AND ${isRequest} QUALIFY row_number() OVER (PARTITION BY ${c.service}, ${c.name}, ${c.error} ORDER BY _time DESC) <= ${ofRoute}`;
  const noCopy = scope.id === undefined ? 'true' : noCopyFor(store, '$1');
  const newest = await read(
    `SELECT ${spansOfTrace(c)} FROM spans
    WHERE ${c.isSpan} AND ${c.traceId} IN (SELECT ${c.traceId} FROM spans WHERE ${ofRun}${ofRoute === undefined ? '' : few}) AND ${noCopy}
    GROUP BY 1${areEnded ? ` HAVING bool_or(${c.parentId} IS NULL)` : ''} ORDER BY min(_time) DESC, 1 DESC LIMIT ${most + 1}`,
  );
  const traces = newest.slice(0, most).reverse();
  const { spans: testSpans, attempts } = await readTestSpans(store, ofRun, read);
  const answers = await read(
    `SELECT ${c.spanId}, ${c.statusCode} FROM spans WHERE ${ofRun} AND ${c.kind} = 'server' AND ${c.statusCode} IS NOT NULL`,
  );
  const statuses = new Map(answers.map(([spanId, status]) => [String(spanId), String(status)]));
  const open =
    scope.stopped === undefined
      ? []
      : await read(`SELECT ${c.spanId} FROM spans WHERE ${ofRun} AND ${wasStopped(store, scope)}`);
  const stopped = new Set(open.map(([spanId]) => String(spanId)));
  const tests = new Map<string, TestReading>();
  const [own, ids] = scope.id === undefined ? ['true', []] : [`${runOf(store)} = $1`, [scope.id]];
  const firsts = await readFirsts(store, own, ids, options);
  const requests = new Requests();
  let truncated = newest.length > most;
  for (const spans of readTogether(traces)) {
    const ids = spans.map(([id]) => String(id));
    // A run tells nothing of the telemetry itself.
    const { models, large } = await readShown(store, ids, options, { spans, lost: false });
    truncated ||= large.length > 0;
    // They come as their first spans arrived, and a slow first request arrives late.
    for (const model of models.toSorted((a, b) => Number(a.start - b.start))) {
      requests.add(model);
      addTrace(
        tests,
        firsts,
        model,
        (spanId) => testSpans.get(spanId),
        (spanId) => statuses.get(spanId),
        stopped,
      );
    }
  }
  tellApart(tests.values());
  const dependencies = await readDependencies(store, read, ofRun);
  return { routes: new Map(), tests, attempts, firsts, requests, dependencies, truncated };
}

/** Adds the service to the labels of tests that have one label: two packages of a workspace, for example. */
function tellApart(tests: Iterable<TestReading>): void {
  const all = [...tests].filter(isTest);
  for (const same of Map.groupBy(all, ({ label }) => label).values())
    for (const test of same.length > 1 ? same : []) {
      test.label = `${test.key.slice(0, test.key.indexOf('\n'))}: ${test.label}`;
      test.times = { ...test.times, test: test.label };
    }
}

/** The traces in parts with at most as many spans as are read at once. */
export function* readTogether(traces: readonly TraceSpans[]): Generator<readonly TraceSpans[]> {
  let [first, spans] = [0, 0];
  for (const [at, [, count]] of traces.entries()) {
    spans += Number(count);
    if (spans <= MAX_LISTED_SPANS) continue;
    if (at > first) yield traces.slice(first, at);
    [first, spans] = [at, Number(count)];
  }
  yield traces.slice(first);
}

type Read = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** The callees of each service: databases by their system, others by their host. Hosts of this machine have chance ports. */
async function readDependencies(store: SpanStore, read: Read, ofRun: string): Promise<Dependency[]> {
  const c = spanColumns(store);
  const fields = store.fields();
  const system = firstField(fields, ...NAMES.databaseSystem);
  const target = [firstField(fields, ...NAMES.destination), firstField(fields, ...NAMES.host)];
  const rows = await read(
    `SELECT ${c.service}, ${system}, coalesce(${target.join(', ')}), min(${c.traceId}) FROM spans
    WHERE ${ofRun} AND (${c.kind} IN ('client', 'producer') OR ${system} IS NOT NULL) GROUP BY ALL ORDER BY ALL`,
  );
  const dependencies = new Map<string, Dependency>();
  for (const [service, database, host, traceId] of rows) {
    const isNear = typeof host !== 'string' || isLoopbackHost(host) || host === '::1';
    const target = typeof database === 'string' ? database : isNear ? undefined : host;
    if (target === undefined) continue;
    const dependency = { service: String(service), target, trace_id: String(traceId) };
    dependencies.set(JSON.stringify([dependency.service, target]), dependency);
  }
  return [...dependencies.values()];
}
