import { SeededRandom } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { FUNCTIONS } from '../../../../src/core/query/compile/expression/functions.ts';
import type { Expression } from '../../../../src/core/query/parse/expression/parse.ts';
import { parseExpression } from '../../../../src/core/query/parse/expression/parse.ts';
import { CALCULATION_OPS, FILTER_OPS, HAVING_OPS } from '../../../../src/core/query/parse/operators.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import type { QuerySpec } from '../../../../src/core/query/parse/query-spec.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { TestSource } from './duckdb-source.ts';
import { duckdbSource } from './duckdb-source.ts';
import { oracleAnswer } from './oracle.ts';
import { BEGIN, LENGTH, oracleRows, sampledRows, TYPES } from './oracle-data.ts';

// At night too: with every query.

/** One query in so many is asked, always the same one; at night each. Each calculated field is asked anyway. */
const EVERY = IS_NIGHT ? 1 : 48;
const ROWS = oracleRows(20_261_120, 400);
const SAMPLED = sampledRows(ROWS);
const TIMES = { start_time: BEGIN, end_time: BEGIN + LENGTH, granularity: 300 };
const COLUMNS = [...TYPES.keys()];

let source: TestSource;
let sampled: TestSource;
/** Queries that had their turn so far; a test that had none must not pass. */
let checked = 0;
t.before(async () => {
  source = await duckdbSource(TYPES, ROWS);
  sampled = await duckdbSource(TYPES, SAMPLED);
});
t.teardown(() => {
  source.close();
  sampled.close();
});

t.beforeEach(() => {
  checked = 0;
});

t.test('every filter operator answers as plain TypeScript does, on every type and value', async (t) => {
  const values = ['200', 'GET /', '', 'true', 'abc', '1.5', '-3', 200, 1.5, 0, -1, true, false];
  for (const op of FILTER_OPS) {
    for (const column of COLUMNS) {
      // One query a column, with a count for each value.
      const calculations = (op.includes('exist') ? [undefined] : values).map((each, i) => {
        const value = op === 'in' || op === 'not-in' ? [each, '404', 500] : each;
        return { op: 'COUNT', name: `value ${i}`, filters: [{ column, op, value }] };
      });
      await check(t, { calculations }, { disableSeries: true });
    }
  }
  t.equal(checked, FILTER_OPS.length * COLUMNS.length);
});

t.test('every calculation answers as plain TypeScript does, with groups and a series', async (t) => {
  for (const op of CALCULATION_OPS) {
    for (const column of ['duration_ms', 'http.status', 'mixed', '"; DROP TABLE spans; --']) {
      const calculation = op === 'COUNT' || op === 'CONCURRENCY' ? { op } : { op, column };
      await check(t, { calculations: [calculation] });
      // Interpolated values differ in their last digit, which may order equal groups differently.
      const orders = op.startsWith('P') ? [{ column: 'name' }] : [];
      await check(t, { calculations: [calculation], breakdowns: ['name'], orders });
    }
  }
  t.equal(checked, CALCULATION_OPS.length * 4 * 2);
});

t.test('every calculation weighs sampled events by their rates, but in usage mode', async (t) => {
  for (const op of CALCULATION_OPS) {
    for (const column of ['duration_ms', 'http.status', 'mixed']) {
      const calculation = op === 'COUNT' || op === 'CONCURRENCY' ? { op } : { op, column };
      const filtered = {
        ...calculation,
        name: 'slow',
        filters: [{ column: 'duration_ms', op: '>', value: 300 }],
      };
      const calculations = [calculation, filtered];
      const orders = op.startsWith('P') ? [{ column: 'name' }] : [];
      await check(t, { calculations }, { sampled: true });
      await check(t, { calculations, breakdowns: ['name'], orders }, { sampled: true });
      await check(t, { calculations, breakdowns: ['name'], orders, usage_mode: true }, { sampled: true });
    }
  }
  await check(t, { calculations: [{ op: 'COUNT', column: 'mixed' }] }, { sampled: true });
  t.equal(checked, CALCULATION_OPS.length * 3 * 3 + 1);
});

t.test('every function of calculated fields answers as plain TypeScript does', async (t) => {
  for (const expression of EXPRESSIONS) {
    const calculated_fields = [{ name: 'c', expression }];
    await check(
      t,
      { calculated_fields, breakdowns: ['c', 'error'], limit: 1000 },
      { disableSeries: true, every: 1 },
    );
    await check(t, { calculated_fields, calculations: [{ op: 'COUNT', column: 'c' }] });
  }
  t.equal(checked, EXPRESSIONS.length * 2);
  const called = new Set(EXPRESSIONS.flatMap((each) => callsOf(parseExpression(each))));
  t.same([...called].toSorted(), [...FUNCTIONS.keys()].toSorted(), 'each function is called');
});

t.test('random queries answer as plain TypeScript does', async (t) => {
  const random = new SeededRandom(7);
  for (let i = 0; i < 100; i++) await check(t, randomQuery(random));
  for (let i = 0; i < 100; i++) await check(t, randomQuery(random), { sampled: true });
  t.equal(checked, 200);
});

t.test('random queries with formulas answer as plain TypeScript does', async (t) => {
  const random = new SeededRandom(20_260_609);
  for (let i = 0; i < 150; i++)
    await check(t, withFormulas(random, randomQuery(random)), { sampled: i % 2 === 1 });
  t.equal(checked, 150);
});

/** A random query with formulas over its calculations, by which it is ordered and restricted. */
function withFormulas(random: SeededRandom, query: Record<string, unknown>): Record<string, unknown> {
  const calculations = (query.calculations as { op: string; name: string }[]).map((each) =>
    each.op === 'HEATMAP' ? { ...each, op: 'SUM' } : each,
  );
  // Sums of quarters are exact in any order; what is not could order equal groups differently.
  const exact = calculations.filter(({ op }) =>
    ['COUNT', 'SUM', 'MAX', 'MIN', 'COUNT_DISTINCT'].includes(op),
  );
  const any = () => `$"${random.pick(calculations).name}"`;
  const sure = () => (exact.length > 0 ? `$"${random.pick(exact).name}"` : '7');
  const formulas = [
    {
      name: 'sure',
      expression: random.pick([`${sure()} * 2 - 1`, `SUM(${sure()}, 1)`, `IF(${sure()} > 10, 1, 0)`]),
    },
    {
      name: 'any',
      expression: random.pick([
        `${any()} / ${any()}`,
        `DIV(${any()}, ${any()} - ${any()})`,
        `COALESCE(${any()}, -1)`,
        `MAX(${any()}, ${any()})`,
        `IF(EXISTS(${any()}), ${any()} + 1, null)`,
        `IF(GT(${any()}, 5), "many", "few")`,
        `LOG10(${any()}) % 3`,
        `CONCAT("n=", INT(${any()}))`,
        `${any()} > 3 AND ${any()} < 100`,
      ]),
    },
  ];
  const order = () => random.pick(['ascending', 'descending']);
  const isOrdered = random.chance(0.5);
  return {
    ...query,
    calculations,
    formulas: random.chance(0.5) ? formulas : formulas.toReversed().slice(0, isOrdered ? 2 : 1),
    orders: isOrdered ? [{ column: 'sure', order: order() }] : query.orders,
    havings:
      isOrdered && random.chance(0.5) ? [{ column: 'sure', op: random.pick(HAVING_OPS), value: 20 }] : [],
  };
}

/** The functions that an expression calls, those that operators stand for included. */
function callsOf(expression: Expression): string[] {
  return expression.kind === 'call' ? [expression.fn, ...expression.args.flatMap(callsOf)] : [];
}

const EXPRESSIONS = [
  '$duration_ms + 1',
  '$mixed * 2 - $http.status',
  'SUM($mixed, 1, $error, null)',
  'DIV($duration_ms, $http.status)',
  '$duration_ms % 7 / 2',
  'SUB($http.status, 200)',
  'MUL($http.status, -0.5)',
  'MOD($http.status, $"\\"; DROP TABLE spans; --")',
  '$http.status >= 400 AND $error OR !EXISTS($name)',
  'LT($name, "a")',
  'LTE($mixed, $name)',
  'GT($http.status, $duration_ms)',
  'GTE($mixed, 5)',
  'EQUALS($mixed, "200")',
  'EQUALS($http.status, 200.0)',
  '$error = true',
  '$mixed != 200',
  'EQUALS($name, null)',
  'IN($http.status, 200, "404", 500)',
  'NOT($mixed)',
  'AND($error, $http.status)',
  'OR($mixed, $error)',
  'IF(GTE($duration_ms, 500), "slow", "fast")',
  'IF($error, 1, $http.status >= 400, 0.5)',
  'IF($error, 1, $mixed, "text", $name)',
  'COALESCE($app.now, $name, "none")',
  'COALESCE($http.status, $duration_ms)',
  'COALESCE(null, $error, $http.status)',
  'CONCAT($name, "-", $http.status, "/", $duration_ms, $error, null)',
  'STARTS_WITH($name, "GET")',
  'ENDS_WITH($name, `/`)',
  'CONTAINS($mixed, "0")',
  'CONTAINS($http.status, "0")',
  'CONCAT($__proto__, "!")',
  'null',
  'SWITCH($name, "GET /", 1, "😀", 2.5, 0)',
  'SWITCH($mixed, "true", "yes", "abc", $name)',
  'SWITCH($http.status, "200", "a number is no text")',
  'MIN($duration_ms, $http.status)',
  'MAX($http.status, 300, null)',
  'MIN($name, $mixed, "m")',
  'MAX($error, $http.status, $mixed)',
  'LOG10($mixed)',
  'LOG10($http.status)',
  'BUCKET($duration_ms, 100)',
  'BUCKET($duration_ms, 250, 100)',
  'BUCKET($duration_ms, 100, 0, 250)',
  'BUCKET($http.status, 0.5, -0.5, 4)',
  'BUCKET($name, 10)',
  'INT($mixed)',
  'INT($duration_ms)',
  'INT($error)',
  'FLOAT($mixed)',
  'FLOAT($name)',
  'BOOL($mixed)',
  'BOOL($duration_ms)',
  'STRING($http.status)',
  'STRING($duration_ms)',
  'TO_LOWER($name)',
  'TO_LOWER($http.status)',
  'LENGTH($name)',
  'LENGTH($name, "bytes")',
  'LENGTH($mixed, "chars")',
  'LENGTH($duration_ms)',
  'REG_MATCH($name, `^(GET|POST) /$`)',
  'REG_MATCH($http.status, `200`)',
  'REG_VALUE($name, `^[A-Z]+`)',
  'REG_VALUE($body, `(?:order|Order) (\\w+)`)',
  'REG_VALUE($mixed, `^(-)?\\d`)',
  'REG_COUNT($name, `[a-zE]`)',
  'REG_COUNT($duration_ms, `1`)',
  'UNIX_TIMESTAMP($app.now)',
  'UNIX_TIMESTAMP($name)',
  'UNIX_TIMESTAMP("2017-07-20T11:22:44.888+02:00")',
  'INT((INGEST_TIMESTAMP() - EVENT_TIMESTAMP()) * 1000)',
  'EVENT_TIMESTAMP() > 1763621810',
  'FORMAT_TIME("%Y-%m-%d %H:%M %a, %A %e %b %%d", EVENT_TIMESTAMP())',
  'FORMAT_TIME("%F|%T|%s|%u|%C|%z|%Z", 1763621810)',
  'FORMAT_TIME("%H", $mixed)',
  'IF(REG_MATCH($name, "GET"), FORMAT_TIME("", 1), "no",)',
];

function randomQuery(random: SeededRandom): Record<string, unknown> {
  const numeric = ['duration_ms', 'http.status', 'mixed', '"; DROP TABLE spans; --', 'doubled'];
  const calculated_fields = [
    { name: 'doubled', expression: '$duration_ms * 2' },
    { name: 'speed', expression: 'IF($duration_ms > 500, "slow", EXISTS($duration_ms), "fast")' },
  ];
  const columns = [...COLUMNS, 'doubled', 'speed'];
  const filter = () => {
    const op = random.pick(FILTER_OPS);
    const value = random.pick<string | number | boolean>([
      '200',
      200,
      'GET /',
      'GET',
      true,
      500,
      'slow',
      1.5,
      '',
    ]);
    const isList = op === 'in' || op === 'not-in';
    return {
      column: random.pick(columns),
      op,
      ...(op.includes('exist') ? {} : { value: isList ? [value] : value }),
    };
  };
  const filters = (most: number) => Array.from({ length: random.below(most + 1) }, filter);
  const combination = () => random.pick(['AND', 'OR']);
  const calculations = Array.from({ length: 1 + random.below(3) }, (_, i) => {
    const op = random.pick(CALCULATION_OPS);
    const own = random.chance(0.4) ? filters(2) : [];
    return {
      op,
      ...(op === 'COUNT' || op === 'CONCURRENCY' ? {} : { column: random.pick(numeric) }),
      name: `value ${i}`,
      ...(own.length > 0 ? { filters: own, filter_combination: combination() } : {}),
    };
  });
  const breakdowns = ['name', 'error', 'speed', '__proto__', 'mixed'].filter(() => random.chance(0.25));
  // Sums of quarters are exact in any order; what is not could order equal groups differently.
  const sortable = calculations.filter(({ op }) =>
    ['COUNT', 'SUM', 'MAX', 'MIN', 'COUNT_DISTINCT'].includes(op),
  );
  const orders = [...sortable.map(({ name }) => name), ...breakdowns]
    .filter(() => random.chance(0.5))
    .map((column) => ({ column, order: random.pick(['ascending', 'descending']) }));
  if (orders.length === 0)
    orders.push(...breakdowns.slice(0, 1).map((column) => ({ column, order: 'ascending' })));
  const [limited] = sortable;
  return {
    calculated_fields,
    calculations,
    breakdowns,
    orders,
    filters: filters(3),
    filter_combination: combination(),
    havings:
      limited && random.chance(0.3)
        ? [
            {
              calculate_op: limited.op,
              column: 'column' in limited ? limited.column : undefined,
              op: random.pick(HAVING_OPS),
              value: 10,
            },
          ]
        : [],
    limit: random.pick([1, 3, 100]),
    granularity: random.pick([60, 300, 900]),
    ...(random.chance(0.2) ? { start_time: BEGIN + 1800, compare_time_offset_seconds: 1800 } : {}),
    dataset: random.pick(['__all__', 'api', 'nobody']),
  };
}

async function check(
  t: Test,
  query: Record<string, unknown>,
  { every = EVERY, ...options }: { disableSeries?: boolean; sampled?: boolean; every?: number } = {},
) {
  if (checked++ % every !== 0) return;
  const { dataset = '__all__', ...rest } = query;
  const spec: QuerySpec = parseQuery({ ...TIMES, ...rest });
  const [rows, store] = options.sampled === true ? [SAMPLED, sampled] : [ROWS, source];
  const { info: _, ...answer } = await runQuery(store, String(dataset), spec, options);
  const expected = oracleAnswer(rows, TYPES, String(dataset), spec);
  const wanted = options.disableSeries ? { ...expected, series: [] } : expected;
  const [found, correct] = [comparable(answer), comparable(wanted)];
  if (found !== correct) t.equal(found, correct, JSON.stringify(query));
}

interface Answer {
  readonly results?: unknown;
  readonly series?: unknown;
  readonly comparison?: Answer;
}

/** Comparable text: floating point to ten digits, since sums depend on their order. */
function comparable({ results, series, comparison }: Answer): string {
  const parts = [results, series, comparison?.results, comparison?.series];
  return JSON.stringify(parts, (_, each) => (typeof each === 'number' ? Number(each.toPrecision(10)) : each));
}
