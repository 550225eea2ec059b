import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Test } from 'tap';
import t from 'tap';
import { exportCommand } from '../../../../src/parts/files/command/export-traces.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';

t.setTimeout(120_000);

/** Spans of two services, some of which stand for others; names that differ in case alone. */
const TRACES = Array.from({ length: 20 }, () => randomId(16));
const SPANS = Array.from({ length: 500 }, (_, index) => ({
  traceId: TRACES[index % TRACES.length] ?? '',
  service: index % 5 === 0 ? 'users' : 'api',
  name: `GET /${index % 3}`,
  kind: 2,
  durationMs: 1 + ((index * 37) % 200),
  attributes: {
    userId: `u${index}`,
    userid: index,
    'http.response.status_code': 200,
    ...(index % 10 === 0 && { SampleRate: 8 }),
  },
  ...(index === 0 && { events: [{ name: 'exception', attributes: { 'exception.type': 'Error' } }] }),
}));

async function exported(t: Test, spans: Parameters<typeof storeSpans>[1] = SPANS, ...args: string[]) {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  if (spans.length > 0) await storeLogs(store, [{ body: 'a line', service: 'api' }]);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const file = join(t.testdir(), "traces of 'all'.parquet");
  await exportCommand([file, ...args, '--url', url]);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const path = file.replaceAll("'", "''");
  const select = async (what: string) =>
    (await connection.runAndReadAll(`SELECT ${what.replace('FILE', `'${path}'`)}`)).getRowObjectsJson();
  return { select, get };
}

t.test('a Parquet file has the rows, names and types that queries know', async (t) => {
  const { select } = await exported(t);
  t.same(await select('count(*)::INT AS rows FROM FILE'), [{ rows: 502 }], 'spans, an event and a log line');
  const types = new Map(
    (await select('name, type FROM (DESCRIBE SELECT * FROM FILE) AS _(name, type)')).map(({ name, type }) => [
      name,
      type,
    ]),
  );
  for (const [name, type] of [
    ['Timestamp', 'TIMESTAMP_NS'],
    ['Dataset', 'VARCHAR'],
    ['SampleRate', 'BIGINT'],
    ['trace.trace_id', 'VARCHAR'],
    ['duration_ms', 'DOUBLE'],
    ['http.response.status_code', 'BIGINT'],
    ['body', 'VARCHAR'],
  ] as const)
    t.equal(types.get(name), type, name);
  const both = [...types.keys()].filter((name) => /^userid/i.test(String(name)));
  t.same(both.toSorted(), ['userId', 'userid_2'], 'names that differ in case alone');
});

t.test('counts and P90 of the file are those of a query', async (t) => {
  const { select, get } = await exported(t);
  const [answer] = await select(
    `sum("SampleRate")::INT AS weighted, count(*)::INT AS spans, quantile_cont(duration_ms, 0.9)::INT AS p90
    FROM FILE WHERE "span.kind" = 'server' AND "service.name" = 'users'`,
  );
  const own = SPANS.filter(({ service }) => service === 'users');
  const times = own.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  t.equal(answer?.spans, own.length);
  t.equal(
    answer?.weighted,
    own.reduce((sum, { attributes }) => sum + (attributes.SampleRate || 1), 0),
  );
  const place = 0.9 * (times.length - 1);
  t.ok(Number(answer?.p90) >= (times[Math.floor(place)] ?? 0) - 1);
  t.ok(Number(answer?.p90) <= (times[Math.ceil(place)] ?? 0) + 1);
  t.equal((await get('/api/status')).body.spans, SPANS.length);
});

t.test('named traces alone are in the file', async (t) => {
  const { select } = await exported(t, SPANS, TRACES[7] ?? '');
  t.match(await select('DISTINCT "trace.trace_id" AS id, count(*)::INT AS rows FROM FILE GROUP BY ALL'), [
    { id: TRACES[7], rows: 25 },
  ]);
});

t.test(
  'values of any kind are the same in the file: mixed types, whole integers, hostile texts',
  async (t) => {
    const [traceId = ''] = TRACES;
    const first = {
      mixed: 1.5,
      numbers: 2,
      flag: true,
      whole: 9_223_372_036_854_775_807n,
      nan: Number.NaN,
      infinite: -Infinity,
      text: 'a\0b\u2028"\\\n',
      half: 'a\ud800b',
      'na"me\'': 'quoted',
      Timestamp: 'its own',
      error: 'text in a field of booleans',
    };
    const second = { mixed: 'one', numbers: 2.5, flag: 'yes' };
    const { select } = await exported(
      t,
      [first, second].map((attributes, index) => ({
        traceId,
        start: BigInt(Date.now() + index) * 1_000_000n,
        attributes,
      })),
    );
    const [one, two] = await select(`* FROM FILE WHERE "trace.trace_id" = '${traceId}'`);
    t.match(one, {
      ...first,
      mixed: '1.5',
      flag: 'true',
      whole: String(first.whole),
      nan: 'NaN',
      infinite: '-Infinity',
      half: 'a\ufffdb',
      Timestamp: String,
      Timestamp_2: 'its own',
    });
    t.match(two, { ...second, whole: null });
  },
);

t.test('an export of nothing is a file without rows', async (t) => {
  const { select } = await exported(t, []);
  t.same(await select(`count("SampleRate")::INT AS rows FROM FILE`), [{ rows: 0 }]);
});
