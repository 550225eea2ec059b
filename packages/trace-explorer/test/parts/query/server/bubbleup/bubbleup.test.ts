import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { Failure } from '../../../../../src/core/failures.ts';
import type { FieldType } from '../../../../../src/core/fields/field-type.ts';
import { bubbleUp } from '../../../../../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import type { TestRow } from '../../../../core/query/run/duckdb-source.ts';
import { duckdbSource } from '../../../../core/query/run/duckdb-source.ts';

const BEGIN = 1_763_620_000;
const TYPES = new Map<string, FieldType>([
  ['duration_ms', 'float'],
  ['name', 'string'],
  ['region', 'string'],
  ['span', 'string'],
  ['error', 'boolean'],
  ['bytes', 'integer'],
  ['never', 'string'],
  ['__proto__', 'string'],
  ["'; DROP TABLE spans", 'integer'],
]);

/** 2,000 events; the slow ones come from one region, and are larger. */
const random = new SeededRandom(11);
const ROWS = Array.from({ length: 2000 }, (_, i): TestRow => {
  const slow = i % 20 === 0;
  const fields = {
    duration_ms: slow ? 900 + (i % 100) : random.below(200),
    name: random.pick(['GET /', 'POST /', 'GET /users']),
    region: slow ? 'eu' : random.pick(['us', 'ap', 'eu']),
    span: `span-${i}`,
    error: slow && i % 40 === 0 ? true : undefined,
    bytes: (slow ? 5000 : 0) + random.below(4000),
    "'; DROP TABLE spans": i % 3,
  };
  const time = BigInt(BEGIN) * 1_000_000_000n + BigInt(i) * 100_000_000n;
  return {
    time,
    dataset: i % 2 === 0 ? 'api' : 'lookup',
    fields: Object.defineProperty(fields, '__proto__', { value: 'x', enumerable: true }),
  };
});

const QUERY = { start_time: BEGIN, end_time: BEGIN + 200 };

t.test('fields whose statement needs too much memory are compared in smaller ones', async (t) => {
  const source = await duckdbSource(TYPES, ROWS);
  t.teardown(() => source.close());
  const request = parseBubbleUp({ query: QUERY, selection: { column: 'duration_ms', min: 800, max: 2000 } });
  const expected = await bubbleUp(source, request);
  // What is refused of two fields and more: their values, or the look at which of them there are.
  for (const ofTwo of [/SELECT 1 AS field/u, /\[count\([^\]]*, count\(/u]) {
    let refused = 0;
    const small: typeof source = Object.create(source, {
      read: {
        value: (...[sql, ...rest]: Parameters<typeof source.read>) => {
          if (!ofTwo.test(sql)) return source.read(sql, ...rest);
          refused++;
          return Promise.reject(new Failure('QUERY_TOO_LARGE'));
        },
      },
    });
    t.same(await bubbleUp(small, request), expected);
    t.ok(refused > 2, 'two fields are too many, too');
  }
});

t.test('the field that sets a selection apart comes first, and every field has both sides', async (t) => {
  const source = await duckdbSource(TYPES, ROWS);
  t.teardown(() => source.close());
  const request = parseBubbleUp({ query: QUERY, selection: { column: 'duration_ms', min: 800, max: 2000 } });
  const result = await bubbleUp(source, request);

  t.match(result, { selection: { events: 100 }, baseline: { events: 1900 }, skipped: 0 });
  const order = result.fields.map((field) => field.name);
  t.same(order.slice(0, 2), ['bytes', 'region']);
  t.equal(order.at(-1), 'duration_ms', 'what selects differs in any case');
  t.same(
    [...order].sort(),
    [...TYPES.keys()].filter((name) => name !== 'never').sort(),
    'all but the one nobody has',
  );
  t.same(
    result.fields.filter((field) => field.selected_by).map((field) => field.name),
    ['duration_ms'],
  );

  const region = result.fields.find((field) => field.name === 'region');
  const eu = ROWS.filter((row) => row.fields.region === 'eu').length;
  t.match(region?.buckets[0], { value: 'eu', selection: 100, baseline: eu - 100 });
  t.equal(region?.difference, 1 - (eu - 100) / 1900);
  const error = result.fields.find((field) => field.name === 'error');
  t.same(
    error?.buckets.find((bucket) => bucket.value === null),
    { value: null, selection: 50, baseline: 1900 },
  );

  const bytes = result.fields.find((field) => field.name === 'bytes');
  t.equal(bytes?.buckets.length, 20);
  t.equal(
    bytes?.buckets.reduce((sum, bucket) => sum + bucket.selection, 0),
    100,
  );
  for (const { range, selection, baseline } of bytes?.buckets ?? []) {
    const [from, to] = [range?.from ?? -Infinity, range?.to ?? Infinity];
    const inside = ROWS.filter((row) => Number(row.fields.bytes) > from && Number(row.fields.bytes) <= to);
    const slow = inside.filter((row) => Number(row.fields.duration_ms) >= 800);
    t.same([selection, baseline], [slow.length, inside.length - slow.length], `bytes from ${from} to ${to}`);
  }
  const unique = result.fields.find((field) => field.name === 'span');
  t.ok((unique?.difference ?? 1) <= 0.01, 'unique ids tell nothing');
});

t.test('a selection is a box in time and value, filters, or both, within the query’s events', async (t) => {
  const source = await duckdbSource(TYPES, ROWS);
  t.teardown(() => source.close());
  const sides = async (selection: object, query: object = {}, dataset = '__all__') => {
    const { selection: a, baseline: b } = await bubbleUp(
      source,
      parseBubbleUp({ dataset, query: { ...QUERY, ...query }, selection }),
    );
    return [a.events, b.events];
  };
  t.same(
    await sides({ start_time: BEGIN + 0.5, end_time: BEGIN + 10.5 }),
    [100, 1900],
    'fractions of seconds',
  );
  t.same(
    await sides({ start_time: BEGIN, end_time: BEGIN + 10, column: 'duration_ms', min: 800 }),
    [5, 1995],
  );
  t.same(await sides({ filters: [{ column: 'error', op: 'exists' }] }), [50, 1950]);
  t.same(await sides({ filters: [{ column: 'error', op: 'exists' }] }, {}, 'api'), [50, 950]);
  t.same(
    await sides(
      { filters: [{ column: 'c', op: '=', value: true }] },
      { calculated_fields: [{ name: 'c', expression: '$duration_ms > 800' }] },
    ),
    [100, 1900],
  );
  t.same(
    await sides(
      { column: 'duration_ms', min: 800 },
      { filters: [{ column: 'error', op: 'does-not-exist' }] },
    ),
    [50, 1900],
  );
  t.same(await sides({ column: 'duration_ms', min: 1e9 }), [0, 2000], 'nothing selected');
});

t.test('a selection that cannot be is refused by name', async (t) => {
  const source = await duckdbSource(TYPES, ROWS.slice(0, 10));
  t.teardown(() => source.close());
  const refused = (selection: unknown, message: RegExp) =>
    t.throws(() => parseBubbleUp({ selection }), { message });
  refused(undefined, /selection: must be a JSON object/);
  refused({}, /selects nothing/);
  refused({ column: 'duration_ms' }, /needs min or max/);
  refused({ min: 1 }, /needs min or max, and they need column/);
  refused({ column: 'a', min: 2, max: 1 }, /min: must not be above max/);
  refused({ start_time: 2, end_time: 1 }, /must not be after/);
  refused({ start_time: 'now' }, /selection.start_time: must be a number/);
  refused({ box: 1 }, /selection.box: is not a field/);
  t.throws(() => parseBubbleUp({ selection: { start_time: 1 }, query: { limit: -1 } }), { message: /limit/ });
  const unknown = parseBubbleUp({ selection: { column: "') OR 1=1 --", min: 0 } });
  await t.rejects(bubbleUp(source, unknown), { message: /selection.column: unknown column/ });
});
