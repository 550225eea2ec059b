import { runOf } from '../compare/read-runs.ts';
import type { Run } from '../compare/schemas.ts';
import { isLoopbackHost } from '../shared/loopback.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { readTrees } from '../traces/list/summaries.ts';
import { buildModel } from '../traces/model/trace-model.ts';
import { firstField, readField } from '../traces/read/field-sql.ts';
import { NAMES } from '../traces/read/meanings.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import { outlineTree } from '../traces/tree/outline-tree.ts';
import type { Dependency } from './report.ts';
import type { TestReading, TestSpan } from './test-reading.ts';
import { addTrace } from './test-reading.ts';
import { vitestSql, vitestTests } from './vitest-tests.ts';

/** Most traces that a report reads of a run. */
const MOST_TRACES = 20_000;
/** Traces of one read. */
const READ_TOGETHER = 200;

/** A run, by its spans. */
export interface RunReading {
  readonly tests: ReadonlyMap<string, TestReading>;
  readonly dependencies: readonly Dependency[];
  readonly truncated: boolean;
}

/** Reads the traces of a run. */
export async function readRun(store: SpanStore, run: Run, options: ReadOptions): Promise<RunReading> {
  const c = spanColumns(store);
  const ofRun = `${runOf(store)} = $1 AND ${c.isSpan}`;
  const read = async (sql: string) => (await store.read(sql, [run.id], options)).rows;
  const found = await read(
    `SELECT ${c.traceId} FROM spans WHERE ${ofRun} GROUP BY 1 ORDER BY min(_time), 1 LIMIT ${MOST_TRACES + 1}`,
  );
  const ids = found.slice(0, MOST_TRACES).map(([id]) => String(id));
  const spans = await readTestSpans(store, read, ofRun);
  const tests = new Map<string, TestReading>();
  for (let at = 0; at < ids.length; at += READ_TOGETHER) {
    const { trees } = await readTrees(store, ids.slice(at, at + READ_TOGETHER), options);
    for (const [traceId, tree] of trees)
      addTrace(tests, buildModel(outlineTree(traceId, tree)), (spanId) => spans.get(spanId));
  }
  return {
    tests,
    dependencies: await readDependencies(store, read, ofRun),
    truncated: found.length > MOST_TRACES,
  };
}

type Read = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** The tests and suites of a run by the ids of their spans. */
async function readTestSpans(store: SpanStore, read: Read, ofRun: string): Promise<Map<string, TestSpan>> {
  const c = spanColumns(store);
  const text = (name: string) => `coalesce(${readField(store.fields(), name, 'VARCHAR')}, '')`;
  const rows = await read(
    `SELECT ${c.spanId}, ${text('test.case.name')}, ${text('code.file.path')},
      CASE WHEN ${text('test.case.result.status')} = 'fail' THEN coalesce(${c.statusMessage}, 'failed') ELSE '' END
    FROM spans WHERE ${ofRun} AND ${text('test.case.name')} || ${text('test.suite.name')} <> ''`,
  );
  const others = rows
    .map((row) => row.map(String))
    .map(([id = '', name = '', file = '', failure = '']) => {
      return [id, { name: name || undefined, file, failure }] as const;
    });
  return new Map([...vitestTests(await read(vitestSql(store, ofRun))), ...others]);
}

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
  const found = new Map<string, Dependency>();
  for (const [service, database, host, traceId] of rows) {
    const isNear = typeof host !== 'string' || isLoopbackHost(host) || host === '::1';
    const target = typeof database === 'string' ? database : isNear ? undefined : host;
    if (target === undefined) continue;
    const each = { service: String(service), target, trace_id: String(traceId) };
    found.set(JSON.stringify([each.service, target]), each);
  }
  return [...found.values()];
}
