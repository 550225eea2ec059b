import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import type { QuerySource } from '../../../../../src/core/query/run/run-query.ts';
import type { Field } from '../../../../../src/core/store/store.ts';
import { bubbleUp } from '../../../../../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';

t.setTimeout(180_000);

const ROWS = 1_200_000;
const BEGIN = 1_763_620_000;
/** One in three rows is one event, the others stand for ten. */
const EVENTS = 400_000 + 800_000 * 10;

/** Rows whose slow third is of one region, with a number that has nothing to do with it. */
const COLUMNS = {
  duration_ms: ['float', 'CASE WHEN i % 3 = 0 THEN 500 + hash(i) % 100 ELSE hash(i) % 100 END::DOUBLE'],
  region: ['string', "CASE WHEN i % 3 = 0 THEN 'eu' ELSE 'r' || (hash(i, 1) % 4) END"],
  kind: ['string', "'k' || (hash(i, 2) % 5)"],
  bytes: ['integer', '(hash(i, 3) % 100000)::BIGINT'],
  span: ['string', 'md5(i::VARCHAR)'],
} as const;

const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
t.teardown(() => {
  connection.closeSync();
  instance.closeSync();
});
const selects = Object.entries(COLUMNS).map(([name, [, sql]]) => `${sql} AS ${name}`);
await connection.run(
  `CREATE TABLE spans AS SELECT i AS _seq, ${BEGIN}000000000 + i * 1000000 AS _time, 'x' AS _dataset, (CASE WHEN hash(i, 4) % 3 = 0 THEN NULL ELSE 10 END)::BIGINT AS _rate, ${selects.join(', ')} FROM range(${ROWS}) t(i)`,
);
const field = (name: string, type: Field['type']): [string, Field] => [
  name,
  { name, type, sql: name, spilled: false, created: 0, lastWritten: 0 },
];
const fields = new Map(Object.entries(COLUMNS).map(([name, [type]]) => field(name, type)));

function source(isSampled: boolean, rows = ROWS): QuerySource {
  return {
    fields: () => fields,
    stats: () => ({ rows, logs: 0 }),
    sampleRate: () => (isSampled ? field('_rate', 'integer')[1] : undefined),
    read: async (sql, values = []) => {
      const reader = await connection.runAndReadAll(sql, values as never);
      return { columns: reader.columnNames(), rows: reader.getRowsJS() };
    },
  };
}

const query = { start_time: BEGIN, end_time: BEGIN + ROWS / 1000 };
const selectionOf = (min: number) => parseBubbleUp({ query, selection: { column: 'duration_ms', min } });
const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);

const near = (value: number, expected: number, share = 0.02) =>
  Math.abs(value - expected) <= expected * share;

t.test('of many events a sample is compared, times as many', async (t) => {
  const result = await bubbleUp(source(false), selectionOf(500));
  t.ok(near(result.selection.events, 400_000), String(result.selection.events));
  t.ok(near(result.baseline.events, 800_000), String(result.baseline.events));
  const { selection = 0, baseline = 0 } = result.sampled ?? {};
  for (const looked of [selection, baseline]) t.ok(looked > 22_000 && looked < 28_000, String(looked));
  const exact = await bubbleUp(source(false, 1), selectionOf(500));
  t.equal(exact.sampled, undefined, 'a small store is read whole');
  for (const each of result.fields) {
    const other = exact.fields.find(({ name }) => name === each.name);
    // Ranges begin elsewhere in a sample: one of twenty may lie on the other side, 5 % of all and 7.5 % of the baseline.
    const tolerance = each.buckets.some(({ range }) => range !== undefined) ? 0.08 : 0.02;
    const difference = Math.abs(each.difference - (other?.difference ?? 9));
    t.ok(difference < tolerance, `${each.name}: ${each.difference}, of all: ${other?.difference}`);
    if (each.name === 'span') continue; // most of its values are not listed
    t.equal(sum(each.buckets.map((bucket) => bucket.selection)), result.selection.events, each.name);
    t.equal(sum(each.buckets.map((bucket) => bucket.baseline)), result.baseline.events, each.name);
  }
  t.equal(result.fields[0]?.name, 'region');
  t.equal(result.fields.at(-1)?.name, 'duration_ms');
});

t.test('a small selection is read whole, beside a sample of the others', async (t) => {
  const result = await bubbleUp(source(false), selectionOf(599));
  const exact = await bubbleUp(source(false, 1), selectionOf(599));
  const { events } = exact.selection;
  t.match(result, { selection: { events }, sampled: { selection: events } });
  t.ok((result.sampled?.baseline ?? 0) < 28_000);
  const region = result.fields.find(({ name }) => name === 'region');
  t.equal(region?.buckets.find(({ value }) => value === 'eu')?.selection, events);
});

t.test('few events of a large store are all compared', async (t) => {
  const filters = [{ column: 'bytes', op: '<', value: 1000 }];
  const request = parseBubbleUp({
    query: { ...query, filters },
    selection: { column: 'duration_ms', min: 500 },
  });
  t.same(await bubbleUp(source(false), request), await bubbleUp(source(false, 1), request));
});

t.test('sampled events count by their rates in a sample, too', async (t) => {
  const { selection, baseline, estimated, fields } = await bubbleUp(source(true), selectionOf(500));
  t.equal(estimated, true);
  t.ok(near(selection.events + baseline.events, EVENTS));
  const region = fields.find(({ name }) => name === 'region');
  t.equal(region?.buckets.find(({ value }) => value === 'eu')?.selection, selection.events);
});
