import t from 'tap';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { QueryError } from '../../../../src/core/query/parse/query-error.ts';

t.test('an empty specification counts everything, as Honeycomb does', async (t) => {
  t.match(parseQuery({}), {
    calculations: [{ op: 'COUNT' }],
    limit: 100,
    filter_combination: 'AND',
    breakdowns: [],
  });
});

t.test('null, an empty text and 0 of an unused field count as absent', async (t) => {
  const unused = {
    granularity: 0,
    limit: 0,
    time_range: 0,
    start_time: 0,
    end_time: 0,
    calculated_fields: null,
    filter_combination: '',
    orders: null,
    havings: [],
    compare_time_offset_seconds: 0,
    formulas: [],
    trace_joins: [],
    future_settings: {},
    future_choice: false,
  };
  t.same(parseQuery(unused), parseQuery({}));
  for (const value of ['', null, []]) {
    const filters = [{ column: 'a', op: 'exists', value }];
    t.same(parseQuery({ filters }).filters, [{ column: 'a', op: 'exists' }]);
  }
  t.equal(parseQuery({ time_range: 60, start_time: 0, end_time: 0 }).time_range, 60);
  t.same(
    parseQuery({ calculations: [{ op: 'COUNT', column: '', unit: '' }] }).calculations,
    parseQuery({}).calculations,
  );
  t.equal(parseQuery({ usage_mode: false, limit: 10_000 }).limit, 10_000);
  t.same(parseQuery({ id: 'abc' }), parseQuery({}));
});

t.test('a having names its calculation by op and column, or by name', async (t) => {
  const calculations = [
    { op: 'P99', column: 'a', name: 'slow' },
    { op: 'COUNT', name: 'all' },
  ];
  for (const having of [
    { calculate_op: 'P99', column: 'a' },
    { calculate_op: 'P99', column: 'slow' },
    { calculate_op: 'COUNT' },
    { calculate_op: 'COUNT', column: 'all' },
  ])
    t.doesNotThrow(() => parseQuery({ calculations, havings: [{ ...having, op: '>', value: 1 }] }));
});

t.test(
  'an order and a having may name a formula or a calculation, with or without calculate_op',
  async (t) => {
    const formulas = [{ name: 'f', expression: '$a * 2' }];
    for (const column of ['f', 'a'])
      for (const calculate_op of ['COUNT', undefined])
        t.match(
          parseQuery({
            calculations: NAMED,
            formulas,
            orders: [{ column }],
            havings: [{ column, ...(calculate_op && { calculate_op }), op: '>', value: 1 }],
          }),
          { formulas, orders: [{ column }] },
        );
  },
);

const NAMED = [{ op: 'COUNT', name: 'a' }];

const refusals: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['no object', [] as never, /body: must be a JSON object/],
  ['an unknown field', { usage: 1 }, /usage: is not a field/],
  [
    'a formula without an expression',
    { formulas: [{ name: 'f' }] },
    /formulas\[0\].expression: cannot be blank/,
  ],
  ['a formula without a name', { formulas: [{ expression: '1' }] }, /formulas\[0\].name: cannot be blank/],
  [
    'more than 100 formulas',
    { formulas: Array.from({ length: 101 }, (_, i) => ({ name: `f${i}`, expression: '1' })) },
    /formulas: has 101 items/,
  ],
  ...(
    [
      ['a formula of nothing', '$b', /"\$b" is not the name of a calculation; name a calculation/],
      ['a formula of an unnamed calculation', '$COUNT', /"\$COUNT" is not the name/],
      ['a formula of itself', '$f + 1', /"\$f" is the formula itself/],
      ['a formula of another formula', '$g', /"\$g" is another formula/],
      ['a formula that cannot be read', '$a +', /formulas\[0\].expression: .*at character/],
      ['a formula with RATE', 'RATE($a, 300)', /RATE is a function of metrics/],
      ['a formula with INCREASE', 'INCREASE($a, 300)', /INCREASE is a function of metrics/],
    ] as const
  ).map(([what, expression, message]): (typeof refusals)[number] => [
    what,
    {
      calculations: NAMED,
      formulas: [
        { name: 'f', expression },
        { name: 'g', expression: '$a' },
      ],
    },
    message,
  ]),
  [
    'a formula with the name of a calculation',
    { calculations: NAMED, formulas: [{ name: 'a', expression: '$a' }] },
    /formulas\[0\].name: "a" is already/,
  ],
  [
    'a formula with the name of a breakdown',
    { calculations: NAMED, breakdowns: ['f'], formulas: [{ name: 'f', expression: '$a' }] },
    /"f" is already/,
  ],
  [
    'a HEATMAP beside a formula',
    {
      calculations: [...NAMED, { op: 'HEATMAP', column: 'x' }],
      formulas: [{ name: 'f', expression: '$a' }],
    },
    /calculations\[1\].op: a query with formulas cannot have a HEATMAP/,
  ],
  [
    'a having of no name',
    { calculations: NAMED, havings: [{ column: 'f', op: '>', value: 1 }] },
    /havings\[0\]: must/,
  ],
  ['trace_joins', { trace_joins: [{ column: 'a' }] }, /trace_joins: the explorer has no trace_joins/],
  ['a field that JavaScript reserves', JSON.parse('{"__proto__":{"limit":1}}'), /__proto__: is not a field/],
  [
    'an unknown calculation',
    { calculations: [{ op: 'MEDIAN' }] },
    /calculations\[0\].op: "MEDIAN" is not supported/,
  ],
  [
    'a metrics calculation',
    { calculations: [{ op: 'HISTOGRAM_COUNT' }] },
    /"HISTOGRAM_COUNT" is not supported/,
  ],
  [
    'a calculation without a column',
    { calculations: [{ op: 'P99' }] },
    /calculations\[0\].column: cannot be blank: P99/,
  ],
  [
    'CONCURRENCY with a column',
    { calculations: [{ op: 'CONCURRENCY', column: 'a' }] },
    /CONCURRENCY takes no column/,
  ],
  [
    'an unknown part of a calculation',
    { calculations: [{ op: 'COUNT', unit: 's' }] },
    /calculations\[0\].unit: is not a field/,
  ],
  [
    'filters without a name',
    { calculations: [{ op: 'COUNT', filters: [{ column: 'a', op: 'exists' }] }] },
    /needs a name/,
  ],
  [
    'the same calculation twice',
    { calculations: [{ op: 'COUNT' }, { op: 'COUNT' }] },
    /"COUNT" is already a result/,
  ],
  [
    'a name that a breakdown has',
    { breakdowns: ['a'], calculations: [{ op: 'COUNT', name: 'a' }] },
    /"a" is already/,
  ],
  ['the same breakdown twice', { breakdowns: ['a', 'a'] }, /breakdowns\[1\]: "a" is already/],
  ['a breakdown that is no string', { breakdowns: [1] }, /breakdowns\[0\]: must be a string/],
  [
    'an unknown operator',
    { filters: [{ column: 'a', op: 'matches', value: 'b' }] },
    /filters\[0\].op: "matches" is not supported/,
  ],
  [
    'a filter without a value',
    { filters: [{ column: 'a', op: '=' }] },
    /filters\[0\].value: cannot be blank; use exists/,
  ],
  ['a filter on null', { filters: [{ column: 'a', op: '!=', value: null }] }, /use exists or does-not-exist/],
  [
    'a filter on an object',
    { filters: [{ column: 'a', op: '=', value: {} }] },
    /must be a string, a number or a boolean/,
  ],
  ['exists with a value', { filters: [{ column: 'a', op: 'exists', value: 1 }] }, /exists takes no value/],
  ['in without a list', { filters: [{ column: 'a', op: 'in', value: 'b,c' }] }, /in takes a list/],
  ['in with an empty list', { filters: [{ column: 'a', op: 'not-in', value: [] }] }, /not-in takes a list/],
  [
    'a list in a list',
    { filters: [{ column: 'a', op: 'in', value: [['b']] }] },
    /value\[0\]: \["b"\] must be a string/,
  ],
  ['a filter without a column', { filters: [{ op: 'exists' }] }, /filters\[0\].column: cannot be blank/],
  ['an unknown combination', { filter_combination: 'XOR' }, /filter_combination: "XOR" is not supported/],
  ['an order of nothing', { orders: [{ column: 'a' }] }, /orders\[0\]: must name one of the breakdowns/],
  [
    'an order by a heatmap',
    { calculations: [{ op: 'HEATMAP', column: 'a' }], orders: [{ op: 'HEATMAP', column: 'a' }] },
    /HEATMAP has no order/,
  ],
  [
    'an unknown direction',
    { orders: [{ op: 'COUNT', order: 'up' }] },
    /orders\[0\].order: "up" is not supported/,
  ],
  [
    'a having of nothing',
    { havings: [{ calculate_op: 'SUM', column: 'a', op: '>', value: 1 }] },
    /must repeat the op and the column/,
  ],
  [
    'a having on a heatmap',
    { havings: [{ calculate_op: 'HEATMAP', column: 'a', op: '>', value: 1 }] },
    /"HEATMAP" is not supported/,
  ],
  [
    'a having on text',
    { havings: [{ calculate_op: 'COUNT', op: '>', value: '1' }] },
    /havings\[0\].value: must be a number/,
  ],
  [
    'an unknown having operator',
    { havings: [{ calculate_op: 'COUNT', op: 'in', value: 1 }] },
    /havings\[0\].op: "in" is not supported/,
  ],
  ['a limit below 1', { limit: -1 }, /limit: must be from 1 to 10000/],
  ['a limit above 10000', { limit: 10_001 }, /limit: must be from 1 to 10000/],
  ['a limit that is no integer', { limit: 1.5 }, /limit: must be an integer/],
  ['all three times', { time_range: 60, start_time: 1, end_time: 60 }, /cannot be combined with both/],
  ['a start after the end', { start_time: 61, end_time: 60 }, /start_time: must not be after end_time/],
  ['a time range below 1', { time_range: -1 }, /time_range: must be from 1/],
  ['a time in milliseconds', { start_time: 1_763_620_000_000 }, /start_time: must be from 1/],
  [
    'an offset Honeycomb does not have',
    { compare_time_offset_seconds: 9000 },
    /compare_time_offset_seconds: must be the seconds of the query's range, or one of 1800, 3600/,
  ],
  [
    'an offset shorter than the range',
    { compare_time_offset_seconds: 3600 },
    /compare_time_offset_seconds: must not be shorter than the range of 7200 s/,
  ],
  [
    'an offset shorter than the times between which the query asks',
    { compare_time_offset_seconds: 1800, start_time: 1_763_620_000, end_time: 1_763_622_000 },
    /must not be shorter than the range of 2000 s/,
  ],
  [
    'more than 100 filters',
    { filters: Array(101).fill({ column: 'a', op: 'exists' }) },
    /filters: has 101 items; at most 100/,
  ],
  [
    'a calculated field without a name',
    { calculated_fields: [{ expression: '1' }] },
    /calculated_fields\[0\].name: cannot be blank/,
  ],
  [
    'a calculated field twice',
    {
      calculated_fields: [
        { name: 'a', expression: '1' },
        { name: 'a', expression: '2' },
      ],
    },
    /is used twice/,
  ],
];

for (const [what, input, message] of refusals) {
  t.test(`refused by name: ${what}`, async (t) => {
    const error = t.throws(() => parseQuery(input), { message });
    t.type(error, QueryError);
    t.match(error, { status: 422 });
  });
}

t.test('one answer names every mistake', async (t) => {
  const error = t.throws(() => parseQuery({ limit: -1, colour: 'red', filters: [{ column: 'a', op: '~' }] }));
  t.match(error, { details: [{ field: 'colour' }, { field: 'filters[0].op' }, { field: 'limit' }] });
});

t.test('what Tandem cannot do has another code than a mistake', async (t) => {
  const heatmap = { op: 'HEATMAP', column: 'a' };
  const refusal = (orders: object[]) => t.throws(() => parseQuery({ calculations: [heatmap], orders }));
  t.match(refusal([heatmap]), { details: [{ field: 'orders[0].op', code: 'unsupported' }] });
  t.match(refusal([{ column: 'b' }]), { details: [{ field: 'orders[0]', code: 'invalid' }] });
});

t.test('an offset that is the range is taken, whatever its seconds are', async (t) => {
  const offset = 4321;
  t.equal(
    parseQuery({ time_range: offset, compare_time_offset_seconds: offset }).compare_time_offset_seconds,
    offset,
  );
  t.equal(
    parseQuery({ time_range: 600, compare_time_offset_seconds: 1800 }).compare_time_offset_seconds,
    1800,
  );
});
