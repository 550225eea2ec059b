import t from 'tap';
import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { checkQuery, runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { TestRow, TestSource } from './duckdb-source.ts';
import { duckdbSource } from './duckdb-source.ts';
import { BEGIN, LENGTH, oracleRows, TYPES } from './oracle-data.ts';

const TIMES = { start_time: BEGIN, end_time: BEGIN + LENGTH };

const EVIL = [
  "'; DROP TABLE spans; --",
  '"; DROP TABLE spans; --',
  '") OR 1=1 --',
  '$1',
  '$1::VARCHAR',
  ':0;::VARCHAR',
  '\\',
  '\u0000',
  '*/ SELECT 1 /*',
  'x'.repeat(10_000),
];

let source: TestSource;

t.before(async () => {
  source = await duckdbSource(TYPES, oracleRows(3, 50));
});

t.teardown(() => source.close());

t.test('SQL in a value finds the same text and nothing else', async (t) => {
  const rows = EVIL.map(
    (value): TestRow => ({ time: BigInt(BEGIN + 1) * 1_000_000_000n, dataset: value, fields: { value } }),
  );
  const own = await duckdbSource(new Map<string, FieldType>([['value', 'string']]), rows);
  t.teardown(() => own.close());
  for (const value of EVIL) {
    for (const op of ['=', 'in', 'starts-with', 'contains', 'ends-with']) {
      const spec = parseQuery({
        ...TIMES,
        filters: [{ column: 'value', op, value: op === 'in' ? [value] : value }],
        breakdowns: ['value'],
      });
      const found = (await runQuery(own, '__all__', spec)).results.map((row) => row.data.value);
      t.ok(found.includes(value), `${op} ${JSON.stringify(value).slice(0, 30)}`);
    }
    const quoted = `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    const calculated_fields = [{ name: 'same', expression: `EQUALS($value, ${quoted})` }];
    if (value.length < 1000) {
      const spec = parseQuery({
        ...TIMES,
        calculated_fields,
        filters: [{ column: 'same', op: '=', value: true }],
      });
      t.match((await runQuery(own, '__all__', spec)).results, [{ data: { COUNT: 1 } }]);
    }
    t.match(
      (await runQuery(own, value, parseQuery(TIMES))).results,
      [{ data: { COUNT: 1 } }],
      'as a dataset',
    );
  }
  t.notOk(
    own.statements.some(({ sql }) => sql.includes('DROP') || sql.includes('1=1')),
    'no user text in any statement',
  );
});

t.test('SQL as a column or a name never reaches a statement', async (t) => {
  for (const name of EVIL) {
    const known = TYPES.has(name);
    const column = { filters: [{ column: name, op: 'exists' }] };
    const uses = [column, { breakdowns: [name] }, { calculations: [{ op: 'COUNT_DISTINCT', column: name }] }];
    for (const use of uses) {
      const query = runQuery(source, '__all__', parseQuery({ ...TIMES, ...use }));
      if (known) await t.resolves(query);
      else await t.rejects(query, { status: 422, message: /unknown column/ });
    }
    const named = parseQuery({
      ...TIMES,
      calculations: [{ op: 'COUNT', name }],
      orders: [{ column: name }],
      calculated_fields: [{ name: `${name}.`, expression: '1' }],
      breakdowns: [`${name}.`],
    });
    t.match((await runQuery(source, '__all__', named)).results, [{ data: { [name]: 50, [`${name}.`]: 1 } }]);
  }
  t.notOk(source.statements.some(({ sql }) => sql.includes('DROP') || sql.includes('1=1')));
});

t.test('a column that exists in nobody’s spans is refused by name', async (t) => {
  const refused = (query: object, message: RegExp) => {
    t.throws(() => checkQuery(source.fields(), '__all__', parseQuery(query)), { status: 422, message });
  };
  refused(
    { filters: [{ column: 'toString', op: 'exists' }] },
    /filters\[0\].column: unknown column "toString"/,
  );
  refused({ breakdowns: ['NAME'] }, /unknown column "NAME"/);
  refused(
    { calculations: [{ op: 'MAX', column: 'root.duration_ms' }] },
    /relational fields such as "root.duration_ms" can only be filtered and grouped by/,
  );
  refused({ breakdowns: ['any.name'] }, /any\. stands for several spans/);
  refused({ breakdowns: ['root.nope'] }, /unknown column "nope"/);
  refused(
    { filters: ['any2.name', 'name'].map((column) => ({ column, op: 'exists' })), filter_combination: 'OR' },
    /relational fields need AND/,
  );
  refused({ calculations: [{ op: 'SUM', column: 'error' }] }, /SUM needs numbers and error is a boolean/);
  const field = (expression: string) => ({ calculated_fields: [{ name: 'c', expression }] });
  refused(field('$root.name'), /relational fields/);
  refused(field('$nope'), /calculated_fields\[0\].expression: unknown column "nope"/);
  refused(field('$c + 1'), /unknown column "c"/);
  refused(field('RATE($name)'), /RATE is not a function of events; there are IF/);
  refused(field('CEIL($name)'), /CEIL is not a function of events; there are IF/);
  refused(field('LENGTH()'), /LENGTH takes 1 to 2 arguments, found 0/);
  refused(field('LENGTH($name, "words")'), /LENGTH counts "chars" or "bytes"/);
  refused(field('REG_MATCH($name, `(`)'), /"\(" is not a regular expression of RE2: .*missing/);
  refused(field('REG_MATCH($name, `(?=x)`)'), /is not a regular expression of RE2/);
  refused(field('REG_MATCH($name, $name)'), /a regular expression is a text in quotes or back quotes/);
  refused(field('REG_COUNT($name, `x*`)'), /matches an empty text: Honeycomb counts/);
  refused(field('SWITCH($name, $name, 1)'), /SWITCH compares with texts in quotes/);
  refused(field('BUCKET($duration_ms, $duration_ms)'), /BUCKET takes numbers, not fields/);
  refused(field('BUCKET($duration_ms, 0)'), /BUCKET needs a size above 0/);
  refused(field('BUCKET($duration_ms, 1, 5, 5)'), /BUCKET needs a max above its min/);
  refused(field('FORMAT_TIME($name, 1)'), /FORMAT_TIME takes its format as a text in quotes/);
  refused(field('FORMAT_TIME("%Ey", 1)'), /FORMAT_TIME does not know "%E"/);
  refused(
    field('$duration_ms/1000'),
    /In Honeycomb "\$duration_ms\/1000" is one column, and no span has had it\. To calculate with "\$duration_ms", write a space after its name: "\$duration_ms \/1000"/,
  );
  refused(field('MEDIAN(1)'), /MEDIAN is not a function/);
  refused(field('constructor(1)'), /constructor is not a function/);
  refused(field('IF($error)'), /IF takes 2 or more arguments, found 1/);
});

t.test('fields that use each other many times over are refused before they fill the memory', async (t) => {
  const calculated_fields = [{ name: 'f0', expression: '$duration_ms' }];
  for (let i = 1; i < 100; i++)
    calculated_fields.push({ name: `f${i}`, expression: `$f${i - 1} + $f${i - 1}` });
  t.throws(() => checkQuery(source.fields(), '__all__', parseQuery({ calculated_fields })), {
    message: /too large/,
  });
});

t.test('an integer above 2^53 is compared and shown exactly', async (t) => {
  const fields = { id: '9007199254740993' };
  const time = BigInt(BEGIN) * 1_000_000_000n;
  const own = await duckdbSource(new Map<string, FieldType>([['id', 'integer']]), [
    { time, dataset: 'a', fields },
  ]);
  t.teardown(() => own.close());
  const ask = (value: string) =>
    runQuery(
      own,
      'a',
      parseQuery({ ...TIMES, filters: [{ column: 'id', op: '=', value }], breakdowns: ['id'] }),
    );
  t.match((await ask('9007199254740993')).results, [{ data: { id: '9007199254740993', COUNT: 1 } }]);
  t.same((await ask('9007199254740992')).results, []);
});

t.test('the change of a maximum may be larger than an integer of 64 bits', async (t) => {
  const at = (second: number, id: bigint): TestRow => ({
    time: BigInt(BEGIN + second) * 1_000_000_000n,
    dataset: 'a',
    fields: { id: String(id) },
  });
  const own = await duckdbSource(new Map<string, FieldType>([['id', 'integer']]), [
    at(0, -(2n ** 63n)),
    at(60, 2n ** 63n - 1n),
  ]);
  t.teardown(() => own.close());
  const calculations = [{ op: 'RATE_MAX', column: 'id' }];
  const { results, series } = await runQuery(
    own,
    'a',
    parseQuery({ ...TIMES, granularity: 60, calculations }),
  );
  t.match(results, [{ data: { 'RATE_MAX(id)': 2 ** 64 } }]);
  t.same(
    series.map(({ data }) => data['RATE_MAX(id)']),
    [null, 2 ** 64],
  );
});

t.test(
  'in arithmetic a field that a row does not have is 0, unless the expression says otherwise',
  async (t) => {
    const time = BigInt(BEGIN) * 1_000_000_000n;
    const types = new Map<string, FieldType>([
      ['a', 'integer'],
      ['b', 'integer'],
    ]);
    const own = await duckdbSource(types, [{ time, dataset: 'd', fields: { a: 7 } }]);
    t.teardown(() => own.close());
    for (const [expression, result] of [
      ['$a + $b', 7],
      ['$b - $a', -7],
      ['$a * $b', 0],
      ['$b / $a', 0],
      ['$a / $b', undefined],
      ['$a % $b', undefined],
      ['IF(EXISTS($b), $a - $b)', undefined],
    ] as const) {
      const spec = parseQuery({
        ...TIMES,
        calculated_fields: [{ name: 'c', expression }],
        breakdowns: ['c'],
      });
      t.equal((await runQuery(own, 'd', spec)).results[0]?.data.c ?? undefined, result, expression);
    }
  },
);

t.test('NaN and infinities are left out of calculations, and groups of their own', async (t) => {
  const time = BigInt(BEGIN) * 1_000_000_000n;
  const rows = [1, Number.NaN, Number.POSITIVE_INFINITY, 3].map(
    (x): TestRow => ({ time, dataset: 'a', fields: { x } }),
  );
  const own = await duckdbSource(new Map<string, FieldType>([['x', 'float']]), rows);
  t.teardown(() => own.close());
  const calculations = ['SUM', 'MAX', 'P50', 'HEATMAP'].map((op) => ({ op, column: 'x' }));
  const { results } = await runQuery(own, 'a', parseQuery({ ...TIMES, calculations }));
  t.match(results, [{ data: { 'SUM(x)': 4, 'MAX(x)': 3, 'P50(x)': 2, 'HEATMAP(x)': { min_value: 1 } } }]);
  const groups = await runQuery(own, 'a', parseQuery({ ...TIMES, breakdowns: ['x'] }));
  t.same(groups.results.map((row) => String(row.data.x)).toSorted(), ['1', '3', 'Infinity', 'NaN']);
});

t.test('an aborted query ends with the signal’s reason', async (t) => {
  await t.rejects(
    runQuery(source, '__all__', parseQuery(TIMES), { signal: AbortSignal.abort(new Error('left')) }),
    { message: 'left' },
  );
});

t.test(
  'percentiles over very many rows are the exact ones in seven digits, however large the numbers',
  async (t) => {
    const rows = Array.from(
      { length: 2000 },
      (_, i): TestRow => ({
        time: BigInt(BEGIN + 1) * 1_000_000_000n,
        dataset: 'a',
        fields: {
          ms: ((i * 7919) % 2000) * 0.123456789 + 0.1,
          bytes: i * 2 ** 40,
          wild: i % 3 === 0 ? 1e300 : -i,
          few: 12.3,
        },
      }),
    );
    const names = ['ms', 'wild', 'few'].map((name): [string, FieldType] => [name, 'float']);
    const types = new Map<string, FieldType>([...names, ['bytes', 'integer']]);
    const [few, many] = [await duckdbSource(types, rows), await duckdbSource(types, rows, 2_000_001)];
    t.teardown(() => [few, many].map((each) => each.close()));
    const calculations = ['P001', 'P50', 'P90', 'P999'].flatMap((op) => [
      { op, column: 'ms' },
      { op, column: 'bytes' },
    ]);
    const spec = parseQuery({ ...TIMES, calculations });
    const exact = (await runQuery(few, '__all__', spec)).results[0]?.data ?? {};
    const compact = (await runQuery(many, '__all__', spec)).results[0]?.data ?? {};
    t.equal(Object.keys(exact).length, 8);
    for (const [name, value] of Object.entries(exact)) {
      t.ok(Math.abs(Number(compact[name]) / Number(value) - 1) < 3e-7, `${name}: ${value}, ${compact[name]}`);
    }
    t.notSame(compact, exact, 'and they are the others');
    const odd = parseQuery({
      ...TIMES,
      calculations: [
        { op: 'P25', column: 'wild' },
        { op: 'P90', column: 'wild' },
        { op: 'P90', column: 'few' },
      ],
    });
    const {
      'P25(wild)': low,
      'P90(wild)': high,
      'P90(few)': same,
    } = (await runQuery(many, '__all__', odd)).results[0]?.data ?? {};
    t.ok(Number(low) < 0 && Number(high) > 3e38);
    t.equal(same, 12.3);
  },
);

t.test('sums and averages of fractions lose nothing to rounding', async (t) => {
  const tenths = Array.from({ length: 10 }, () => 0.1);
  const parts = [...tenths, 1e15, ...tenths, -1e15];
  for (const rate of [undefined, 4]) {
    const rows = parts.map((part): TestRow => {
      const time = BigInt(BEGIN + 1) * 1_000_000_000n;
      return { time, dataset: 'd', fields: { part }, ...(rate !== undefined && { rate }) };
    });
    const own = await duckdbSource(new Map<string, FieldType>([['part', 'float']]), rows);
    t.teardown(() => own.close());
    const calculations = ['SUM', 'AVG'].map((op) => ({ op, column: 'part' }));
    const { results } = await runQuery(own, '__all__', parseQuery({ ...TIMES, calculations }));
    t.match(results, [{ data: { 'SUM(part)': 2 * (rate ?? 1), 'AVG(part)': 2 / parts.length } }]);
  }
});

t.test(
  'a comparison has the groups of both windows: those that are gone come after the others',
  async (t) => {
    const counts = { stays: [3, 2], new: [2, 0], gone: [0, 4], rare: [0, 1] };
    const rows = Object.entries(counts).flatMap(([name, [now = 0, earlier = 0]]) =>
      [...Array(now).fill(3_700), ...Array(earlier).fill(100)].map((second, i): TestRow => {
        const time = BigInt(BEGIN + second + i) * 1_000_000_000n;
        return { time, dataset: 'd', fields: { name } };
      }),
    );
    const own = await duckdbSource(new Map<string, FieldType>([['name', 'string']]), rows);
    t.teardown(() => own.close());
    const ask = async (more: object) => {
      const spec = { start_time: BEGIN + 3_600, end_time: BEGIN + 7_200, breakdowns: ['name'], ...more };
      const query = parseQuery({ ...spec, compare_time_offset_seconds: 3_600 });
      return (await runQuery(own, '__all__', query)).comparison;
    };
    const compared = await ask({});
    t.same(
      compared?.results.map(({ data }) => [data.name, data.COUNT]),
      [
        ['stays', 2],
        ['new', 0],
        ['gone', 4],
        ['rare', 1],
      ],
    );
    t.ok(compared?.series.some(({ data }) => data.name === 'gone' && data.COUNT === 4));
    const named = async (more: object) => (await ask(more))?.results.map(({ data }) => data.name);
    t.same(await named({ limit: 1 }), ['stays', 'gone'], 'as many as the limit says, of each');
    const havings = [{ calculate_op: 'COUNT', op: '>=', value: 3 }];
    t.same(await named({ havings }), ['stays', 'gone'], 'a condition holds for both');
    t.same((await ask({ breakdowns: [] }))?.results.length, 1);
  },
);

t.test('hundreds of arguments are calculated, in any function that takes them', async (t) => {
  const own = await duckdbSource(new Map<string, FieldType>([['n', 'integer']]), [
    { time: BigInt(BEGIN + 1) * 1_000_000_000n, dataset: 'd', fields: { n: 1 } },
  ]);
  t.teardown(() => own.close());
  const value = async (expression: string) => {
    const spec = parseQuery({
      ...TIMES,
      calculated_fields: [{ name: 'x', expression }],
      calculations: [{ op: 'MAX', column: 'x' }],
    });
    return (await runQuery(own, '__all__', spec)).results[0]?.data['MAX(x)'];
  };
  for (const count of [1, 2, 16, 17, 900]) {
    t.equal(await value(`SUM(${Array(count).fill('$n').join(',')})`), count);
    t.equal(await value(`MUL(${Array(count).fill('$n').join(',')})`), 1);
  }
});
