import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../../test/helpers/npm.ts';
import { ROOT } from '../../../../../../test/helpers/processes.ts';
import { exportCommand } from '../../../../src/parts/files/command/export-traces.ts';
import { DEMO_DEFAULTS, demoTraces } from '../../../../testing/demo-data/index.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

t.setTimeout(2 * INSTALL_TIMEOUT_MS);

const folder = t.testdir();
await npmInstall(folder, ['chdb@3.4.0'], { name: 'engine', version: '1.0.0', private: true });

/** Asks ClickHouse's engine, each time a new one; resolves with the last statement's rows. */
async function clickHouse(...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const script = `
    const { Session } = require('chdb');
    const session = new Session();
    let answer = '';
    for (const statement of ${JSON.stringify(statements)}) answer = session.query(statement, 'JSONEachRow');
    console.log(answer);
    session.close();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

t.test('DuckDB and ClickHouse count alike and have one P90, in the file of an export', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const spans = [...demoTraces({ ...DEMO_DEFAULTS, services: 40 })].flatMap((trace) => trace.spans);
  for (let from = 0; from < spans.length; from += 2_000)
    await storeSpans(store, spans.slice(from, from + 2_000));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const file = join(folder, 'traces.parquet');
  await exportCommand([file, '--url', url]);
  const question = (from: string, p90: string) =>
    `SELECT "Dataset" AS dataset, count(*) AS spans, sum("SampleRate") AS weighted, ${p90} AS p90
    FROM ${from} WHERE "span.kind" = 'server' GROUP BY "Dataset" ORDER BY "Dataset"`;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const duck = await connection.runAndReadAll(question(`'${file}'`, 'quantile_cont(duration_ms, 0.9)'));
  const theirs = await clickHouse(
    question(`file('${file}', Parquet)`, 'quantileExactInclusive(0.9)(duration_ms)'),
  );
  connection.closeSync();
  instance.closeSync();
  const rows = (all: readonly Record<string, unknown>[]) =>
    all.map(({ dataset, spans, weighted, p90 }) => [
      dataset,
      Number(spans),
      Number(weighted),
      Number(p90).toPrecision(9),
    ]);
  t.ok(theirs.length > 10, `${theirs.length} services`);
  t.same(rows(theirs), rows(duck.getRowObjectsJson()));
});

t.test("the weighted count of deploy/collector/backends runs on the Collector's columns", async (t) => {
  const backend = readFileSync(join(ROOT, 'deploy', 'collector', 'backends', 'clickhouse.yaml'), 'utf8');
  const [, count = ''] = /^# {3}(SELECT .*)$/m.exec(backend) ?? [];
  const [answer] = await clickHouse(
    'CREATE DATABASE otel',
    'USE otel',
    `CREATE TABLE otel_traces (Timestamp DateTime64(9), TraceId String, ServiceName LowCardinality(String),
      SpanName LowCardinality(String), SpanAttributes Map(LowCardinality(String), String), Duration UInt64)
      ENGINE = MergeTree ORDER BY (ServiceName, SpanName, Timestamp)`,
    `INSERT INTO otel_traces VALUES
      (now(), 'a', 'api', 'GET /', map('SampleRate', '8'), 5),
      (now(), 'b', 'api', 'GET /', map('SampleRate', '0'), 5),
      (now(), 'c', 'api', 'GET /', map('http.route', '/'), 5),
      (now(), 'd', 'api', 'GET /', map('SampleRate', 'x'), 5)`,
    count,
  );
  t.same(Object.values(answer ?? {}).map(Number), [11], count);
});
