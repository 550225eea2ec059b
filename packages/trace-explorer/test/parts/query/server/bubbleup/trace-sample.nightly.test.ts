import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import type { QuerySource } from '../../../../../src/core/query/run/run-query.ts';
import type { Field } from '../../../../../src/core/store/store.ts';
import { bubbleUp } from '../../../../../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';

t.setTimeout(180_000);

/** Each trace is a request, two statements below it and a log record; every tenth request is slow, by its database. */
const TRACES = 260_000;
const BEGIN = 1_763_620_000;

const COLUMNS: Readonly<Record<string, readonly [Field['type'], string]>> = {
  'trace.trace_id': ['string', 'md5((i // 4)::VARCHAR)'],
  'meta.signal_type': ['string', "CASE WHEN i % 4 = 3 THEN 'log' ELSE 'trace' END"],
  'span.kind': ['string', "CASE i % 4 WHEN 0 THEN 'server' WHEN 3 THEN NULL ELSE 'client' END"],
  duration_ms: ['float', 'CASE WHEN i % 4 = 0 AND i // 4 % 10 = 0 THEN 500 ELSE hash(i) % 100 END::DOUBLE'],
  'db.namespace': [
    'string',
    "CASE i % 4 WHEN 1 THEN CASE WHEN i // 4 % 10 = 0 THEN 'ledger' ELSE 'users' END END",
  ],
  'user.id': ['string', "CASE WHEN i % 4 = 0 THEN 'u' || (hash(i) % 7) END"],
};

const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
t.teardown(() => {
  connection.closeSync();
  instance.closeSync();
});
const selects = Object.entries(COLUMNS).map(([name, [, sql]]) => `${sql} AS "${name}"`);
// The last span of one trace in a thousand comes long after the others.
const seq = 'CASE WHEN i % 4 = 2 AND i // 4 % 1000 = 0 THEN i + 600000 ELSE i END';
await connection.run(
  `CREATE TABLE spans AS SELECT ${BEGIN}000000000 + i * 1000000 AS _time, ${seq} AS _seq, 'x' AS _dataset, (CASE WHEN i // 4 % 2 = 0 THEN 5 END)::BIGINT AS _rate, ${selects.join(', ')} FROM range(${TRACES * 4}) t(i)`,
);
const field = (name: string, type: Field['type'], sql = `"${name}"`): [string, Field] => [
  name,
  { name, type, sql, spilled: false, created: 0, lastWritten: 0 },
];
const fields = new Map(Object.entries(COLUMNS).map(([name, [type]]) => field(name, type)));

function source({ isSampled = false, rows = TRACES * 4 } = {}): QuerySource {
  return {
    fields: () => fields,
    stats: () => ({ rows, logs: 0 }),
    sampleRate: () => (isSampled ? field('_rate', 'integer', '_rate')[1] : undefined),
    read: async (sql, values = []) => {
      const reader = await connection.runAndReadAll(sql, values as never);
      return { columns: reader.columnNames(), rows: reader.getRowsJS() };
    },
  };
}

const query = {
  start_time: BEGIN,
  end_time: BEGIN + TRACES,
  filters: [{ column: 'span.kind', op: '=', value: 'server' }],
};
const slow = (more: object = {}) =>
  parseBubbleUp({ query, selection: { column: 'duration_ms', min: 500, ...more }, compare: 'traces' });
const near = (value: number, expected: number, share = 0.05) =>
  Math.abs(value - expected) <= expected * share;

t.test('of a large store whole traces of a sample are compared, with the counts of all', async (t) => {
  const { selection, baseline, sampled, fields: found } = await bubbleUp(source(), slow());
  t.ok(near(selection.events, 26_000), String(selection.events));
  t.ok(near(baseline.events, 234_000), String(baseline.events));
  for (const looked of [sampled?.selection ?? 0, sampled?.baseline ?? 0])
    t.ok(looked > 2_000 && looked < 3_000, String(looked));
  const database = found.find(({ name }) => name === 'db.namespace');
  t.equal(database?.of_query, false, 'of spans below those of the query');
  t.equal(database?.difference, 1);
  t.same(
    new Map(
      database?.buckets.map(({ value, ...sides }) => [value, [sides.selection > 0, sides.baseline > 0]]),
    ),
    new Map([
      ['ledger', [true, false]],
      ['users', [false, true]],
    ]),
    'no trace is looked at in part: none is without its statement',
  );
  const user = found.find(({ name }) => name === 'user.id');
  t.ok((user?.difference ?? 1) < 0.1, 'nothing else differs');
  const exact = await bubbleUp(source({ rows: 1 }), slow());
  t.equal(exact.sampled, undefined, 'a small store is read whole');
  t.same([exact.selection.events, exact.baseline.events], [26_000, 234_000]);
});

t.test('a small selection is part of the sample', async (t) => {
  const box = { start_time: BEGIN + 601, end_time: BEGIN + 603 };
  const { selection, sampled, fields: found } = await bubbleUp(source(), slow(box));
  const exact = await bubbleUp(source({ rows: 1 }), slow(box));
  t.equal(selection.events, exact.selection.events);
  t.equal(sampled?.selection, exact.selection.events);
  t.ok((sampled?.baseline ?? 0) < 3_000, 'beside a sample of the others');
  const database = found.find(({ name }) => name === 'db.namespace');
  const ledger = database?.buckets.find(({ value }) => value === 'ledger');
  t.equal(ledger?.selection, exact.selection.events);
});

t.test('sampled events count by their rates', async (t) => {
  const { selection, baseline, estimated } = await bubbleUp(source({ isSampled: true }), slow());
  const exact = await bubbleUp(source({ isSampled: true, rows: 1 }), slow());
  t.equal(estimated, true);
  t.ok(near(selection.events, exact.selection.events), `${selection.events}, ${exact.selection.events}`);
  t.ok(near(baseline.events, exact.baseline.events), `${baseline.events}, ${exact.baseline.events}`);
});

t.test('where nothing is selected, or nothing fits, there is an answer', async (t) => {
  const none = await bubbleUp(source(), slow({ min: 501 }));
  t.equal(none.selection.events, 0);
  t.ok(near(none.baseline.events, TRACES));
  const filters = [{ column: 'span.kind', op: '=', value: 'producer' }];
  const request = {
    query: { ...query, filters },
    selection: { column: 'duration_ms', min: 1 },
    compare: 'traces',
  };
  t.match(await bubbleUp(source(), parseBubbleUp(request)), {
    selection: { events: 0 },
    baseline: { events: 0 },
  });
});
